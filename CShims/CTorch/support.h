// What every body includes: ATen, the guard that turns exceptions into a status, and the two casts between handle and tensor.
#pragma once

#include <ATen/ATen.h>

#include <atomic>
#include <cmath>
#include <exception>
#include <string>

#define CT_API extern "C" __attribute__((visibility("default")))
#pragma GCC visibility push(default)
#include "ctorch.h"
#pragma GCC visibility pop

namespace ct {

// A handle is the bits of an at::Tensor, so borrowing costs nothing and an array of handles is a TensorList.
static_assert(sizeof(at::Tensor) == sizeof(ct_tensor *), "an at::Tensor must be one pointer");

extern std::atomic<int64_t> live;
void record(const char *message);
ct_status record(const c10::Error &error);

inline const at::Tensor &borrow(const ct_tensor *const &handle) { return reinterpret_cast<const at::Tensor &>(handle); }
inline at::Tensor &borrow(ct_tensor *&handle) { return reinterpret_cast<at::Tensor &>(handle); }
inline std::optional<at::Tensor> maybe(const ct_tensor *handle) {
  return handle ? std::optional<at::Tensor>(borrow(handle)) : std::nullopt;
}
inline at::TensorList list(ct_tensor *const *handles, size_t count) {
  return at::TensorList(reinterpret_cast<const at::Tensor *>(handles), count);
}
inline at::IntArrayRef ints(const int64_t *values, size_t count) { return at::IntArrayRef(values, count); }

inline ct_tensor *own(at::Tensor tensor) {
  live.fetch_add(1, std::memory_order_relaxed);
  return reinterpret_cast<ct_tensor *>(tensor.unsafeReleaseTensorImpl());
}

template <class Body>
inline ct_status guard(const Body &body) noexcept {
  try {
    body();
    return CT_OK;
  } catch (const c10::Error &error) {
    return record(error);
  } catch (const std::bad_alloc &) {
    record("out of memory");
    return CT_OUT_OF_MEMORY;
  } catch (const std::exception &error) {
    record(error.what());
  } catch (...) {
    record("unknown C++ exception");
  }
  return CT_FAILED;
}

/// The common form: one result.
template <class Body>
inline ct_status result(ct_tensor **out, const Body &body) noexcept {
  return guard([&] { *out = own(body()); });
}

at::ScalarType scalar_type(int32_t dtype);
at::Device device(int32_t kind, int32_t index);
inline at::TensorOptions options(int32_t dtype, int32_t kind, int32_t index) {
  return at::TensorOptions().dtype(scalar_type(dtype)).device(device(kind, index));
}
// A whole number stays an integer, so that it does not promote an integer tensor; -0.0 has no integer.
inline at::Scalar scalar(double value) {
  bool exact = value >= -9007199254740992.0 && value <= 9007199254740992.0 && std::trunc(value) == value;
  if (exact && !(value == 0 && std::signbit(value))) return at::Scalar(static_cast<int64_t>(value));
  return at::Scalar(value);
}

}  // namespace ct
