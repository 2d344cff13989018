// Lifetime, properties, creation, conversion and autograd of tensors.
#include "support.h"

using namespace ct;

void ct_free(ct_tensor *tensor) {
  if (!tensor) return;
  live.fetch_sub(1, std::memory_order_relaxed);
  auto owned = c10::intrusive_ptr<at::TensorImpl, at::UndefinedTensorImpl>::reclaim(reinterpret_cast<at::TensorImpl *>(tensor));
}

ct_status ct_alias(const ct_tensor *tensor, ct_tensor **out) {
  return result(out, [&] { return at::Tensor(borrow(tensor)); });
}

int64_t ct_dim(const ct_tensor *tensor) { return borrow(tensor).dim(); }
const int64_t *ct_sizes(const ct_tensor *tensor) { return borrow(tensor).sizes().data(); }
const int64_t *ct_strides(const ct_tensor *tensor) { return borrow(tensor).strides().data(); }
int64_t ct_numel(const ct_tensor *tensor) { return borrow(tensor).numel(); }

int32_t ct_dtype(const ct_tensor *tensor) {
  switch (borrow(tensor).scalar_type()) {
    case at::kByte: return CT_U8;
    case at::kChar: return CT_I8;
    case at::kShort: return CT_I16;
    case at::kInt: return CT_I32;
    case at::kLong: return CT_I64;
    case at::kHalf: return CT_F16;
    case at::kBFloat16: return CT_BF16;
    case at::kFloat: return CT_F32;
    case at::kDouble: return CT_F64;
    case at::kBool: return CT_BOOL;
    default: return -1;
  }
}

int32_t ct_device(const ct_tensor *tensor, int32_t *index) {
  auto where = borrow(tensor).device();
  *index = where.has_index() ? where.index() : 0;
  return where.is_cpu() ? CT_CPU : CT_ACCELERATOR;
}

bool ct_is_contiguous(const ct_tensor *tensor) { return borrow(tensor).is_contiguous(); }
bool ct_requires_grad(const ct_tensor *tensor) { return borrow(tensor).requires_grad(); }
bool ct_is_leaf(const ct_tensor *tensor) { return borrow(tensor).is_leaf(); }

ct_status ct_data(const ct_tensor *tensor, void **out) {
  return guard([&] {
    auto &t = borrow(tensor);
    TORCH_CHECK(t.is_cpu(), "the memory of a tensor on ", t.device(), " cannot be read from the host; move it to the CPU first");
    TORCH_CHECK(t.is_contiguous(), "the tensor is not contiguous");
    *out = t.data_ptr();
  });
}

ct_status ct_item_double(const ct_tensor *tensor, double *out) {
  return guard([&] { *out = borrow(tensor).item().toDouble(); });
}
ct_status ct_item_int(const ct_tensor *tensor, int64_t *out) {
  return guard([&] { *out = borrow(tensor).item().toLong(); });
}

ct_status ct_empty(const int64_t *sizes, size_t dims, int32_t dtype, int32_t kind, int32_t index, ct_tensor **out) {
  return result(out, [&] { return at::empty(ints(sizes, dims), options(dtype, kind, index)); });
}
ct_status ct_full(const int64_t *sizes, size_t dims, double value, int32_t dtype, int32_t kind, int32_t index, ct_tensor **out) {
  return result(out, [&] { return at::full(ints(sizes, dims), scalar(value), options(dtype, kind, index)); });
}
ct_status ct_arange(double start, double end, double step, int32_t dtype, int32_t kind, int32_t index, ct_tensor **out) {
  return result(out, [&] { return at::arange(scalar(start), scalar(end), scalar(step), options(dtype, kind, index)); });
}
ct_status ct_eye(int64_t n, int32_t dtype, int32_t kind, int32_t index, ct_tensor **out) {
  return result(out, [&] { return at::eye(n, options(dtype, kind, index)); });
}
ct_status ct_from_data(const void *data, const int64_t *sizes, size_t dims, int32_t dtype, ct_tensor **out) {
  return result(out, [&] {
    auto tensor = at::empty(ints(sizes, dims), options(dtype, CT_CPU, 0));
    if (tensor.nbytes() > 0) memcpy(tensor.data_ptr(), data, tensor.nbytes());
    return tensor;
  });
}
ct_status ct_from_blob(void *data, const int64_t *sizes, size_t dims, int32_t dtype, void (*release)(void *), void *context,
                       ct_tensor **out) {
  return result(out, [&] {
    return at::from_blob(data, ints(sizes, dims), [release, context](void *) { release(context); }, options(dtype, CT_CPU, 0));
  });
}

static std::optional<at::Generator> maybe(ct_generator *generator) {
  return generator ? std::optional<at::Generator>(*reinterpret_cast<at::Generator *>(generator)) : std::nullopt;
}

ct_status ct_rand(const int64_t *sizes, size_t dims, ct_generator *generator, int32_t dtype, int32_t kind, int32_t index, ct_tensor **out) {
  return result(out, [&] { return at::rand(ints(sizes, dims), maybe(generator), options(dtype, kind, index)); });
}
ct_status ct_randn(const int64_t *sizes, size_t dims, ct_generator *generator, int32_t dtype, int32_t kind, int32_t index, ct_tensor **out) {
  return result(out, [&] { return at::randn(ints(sizes, dims), maybe(generator), options(dtype, kind, index)); });
}
ct_status ct_randint(int64_t low, int64_t high, const int64_t *sizes, size_t dims, ct_generator *generator, int32_t kind, int32_t index,
                     ct_tensor **out) {
  return result(out, [&] { return at::randint(low, high, ints(sizes, dims), maybe(generator), options(CT_I64, kind, index)); });
}
ct_status ct_randperm(int64_t n, ct_generator *generator, ct_tensor **out) {
  return result(out, [&] { return at::randperm(n, maybe(generator), options(CT_I64, CT_CPU, 0)); });
}
ct_status ct_bernoulli(const ct_tensor *p, ct_generator *generator, ct_tensor **out) {
  return result(out, [&] { return at::bernoulli(borrow(p), maybe(generator)); });
}
ct_status ct_multinomial(const ct_tensor *p, int64_t count, bool replacement, ct_generator *generator, ct_tensor **out) {
  return result(out, [&] { return at::multinomial(borrow(p), count, replacement, maybe(generator)); });
}

ct_status ct_to_dtype(const ct_tensor *tensor, int32_t dtype, ct_tensor **out) {
  return result(out, [&] { return borrow(tensor).to(scalar_type(dtype)); });
}
ct_status ct_to_device(const ct_tensor *tensor, int32_t kind, int32_t index, ct_tensor **out) {
  return result(out, [&] { return borrow(tensor).to(device(kind, index)); });
}
ct_status ct_equal(const ct_tensor *a, const ct_tensor *b, bool *out) {
  return guard([&] { *out = borrow(a).sizes() == borrow(b).sizes() && at::equal(borrow(a), borrow(b)); });
}

ct_status ct_set_requires_grad(ct_tensor *tensor, bool on) {
  return guard([&] { borrow(tensor).requires_grad_(on); });
}
ct_status ct_backward(const ct_tensor *tensor, const ct_tensor *gradient) {
  return guard([&] { borrow(tensor).backward(gradient ? borrow(gradient) : at::Tensor()); });
}
ct_status ct_grad(const ct_tensor *tensor, ct_tensor **out) {
  return guard([&] {
    auto &gradient = borrow(tensor).grad();
    *out = gradient.defined() ? own(gradient) : nullptr;
  });
}
ct_status ct_set_grad(ct_tensor *tensor, const ct_tensor *gradient) {
  return guard([&] { borrow(tensor).mutable_grad() = gradient ? borrow(gradient) : at::Tensor(); });
}
