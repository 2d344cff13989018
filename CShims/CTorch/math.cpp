// The families of one-signature operations, reductions, order, and linear algebra.
#include "support.h"

using namespace ct;

namespace ct::unary {
// ATen spells most of these as functions; the rest are methods.
using at::abs, at::neg, at::exp, at::expm1, at::log, at::log1p, at::sqrt, at::rsqrt, at::square, at::reciprocal, at::sin, at::cos,
    at::tanh, at::sigmoid, at::log_sigmoid, at::relu, at::silu, at::softplus, at::erf, at::sign, at::floor, at::ceil, at::round,
    at::isfinite, at::isnan, at::isinf, at::logical_not, at::bitwise_not, at::clone, at::detach, at::zeros_like, at::ones_like,
    at::empty_like, at::nonzero;
static at::Tensor contiguous(const at::Tensor &t) { return t.contiguous(); }
}  // namespace ct::unary

namespace ct::reduce {
// No dims: over all of them. ATen takes that as an empty list, an absent one, or not at all.
static at::OptionalIntArrayRef some(at::IntArrayRef dims) { return dims.empty() ? at::OptionalIntArrayRef() : at::OptionalIntArrayRef(dims); }
static at::Tensor sum(const at::Tensor &t, at::IntArrayRef dims, bool keep) { return at::sum(t, some(dims), keep); }
static at::Tensor mean(const at::Tensor &t, at::IntArrayRef dims, bool keep) { return at::mean(t, some(dims), keep); }
static at::Tensor amax(const at::Tensor &t, at::IntArrayRef dims, bool keep) { return at::amax(t, dims, keep); }
static at::Tensor amin(const at::Tensor &t, at::IntArrayRef dims, bool keep) { return at::amin(t, dims, keep); }
static at::Tensor logsumexp(const at::Tensor &t, at::IntArrayRef dims, bool keep) {
  if (!dims.empty()) return at::logsumexp(t, dims, keep);
  auto all = at::logsumexp(t.flatten(), 0);
  return keep ? all.view(std::vector<int64_t>(t.dim(), 1)) : all;
}
static at::Tensor all(const at::Tensor &t, at::IntArrayRef dims, bool keep) { return at::all(t, some(dims), keep); }
static at::Tensor any(const at::Tensor &t, at::IntArrayRef dims, bool keep) { return at::any(t, some(dims), keep); }
}  // namespace ct::reduce

namespace ct::along {
static at::Tensor softmax(const at::Tensor &t, int64_t dim) { return at::softmax(t, dim); }
static at::Tensor log_softmax(const at::Tensor &t, int64_t dim) { return at::log_softmax(t, dim); }
static at::Tensor cumsum(const at::Tensor &t, int64_t dim) { return at::cumsum(t, dim); }
}  // namespace ct::along

#define CT_UNARY(name) \
  ct_status ct_##name(const ct_tensor *input, ct_tensor **out) { return result(out, [&] { return unary::name(borrow(input)); }); }
#define CT_BINARY(name) \
  ct_status ct_##name(const ct_tensor *a, const ct_tensor *b, ct_tensor **out) { return result(out, [&] { return at::name(borrow(a), borrow(b)); }); }
#define CT_BINARY_SCALAR(name) \
  ct_status ct_##name##_scalar(const ct_tensor *a, double value, ct_tensor **out) { return result(out, [&] { return at::name(borrow(a), scalar(value)); }); }
#define CT_INPLACE(name) \
  ct_status ct_##name##_(ct_tensor *self, const ct_tensor *other) { return guard([&] { borrow(self).name##_(borrow(other)); }); }
#define CT_INPLACE_SCALAR(name) \
  ct_status ct_##name##_scalar_(ct_tensor *self, double value) { return guard([&] { borrow(self).name##_(scalar(value)); }); }
#define CT_REDUCE(name) \
  ct_status ct_##name(const ct_tensor *input, const int64_t *dims, size_t dim_count, bool keepdim, ct_tensor **out) { \
    return result(out, [&] { return reduce::name(borrow(input), ints(dims, dim_count), keepdim); }); \
  }
#define CT_ALONG(name) \
  ct_status ct_##name(const ct_tensor *input, int64_t dim, ct_tensor **out) { return result(out, [&] { return along::name(borrow(input), dim); }); }
#define CT_ARG(name) \
  ct_status ct_##name(const ct_tensor *input, int64_t dim, bool keepdim, ct_tensor **out) { return result(out, [&] { return at::name(borrow(input), dim, keepdim); }); }
#include "ctorch_families.h"

ct_status ct_add_scaled_(ct_tensor *self, const ct_tensor *other, double alpha) {
  return guard([&] { borrow(self).add_(borrow(other), scalar(alpha)); });
}
ct_status ct_lerp_(ct_tensor *self, const ct_tensor *end, double weight) {
  return guard([&] { borrow(self).lerp_(borrow(end), weight); });
}
static std::optional<at::Scalar> bound(const double *value) { return value ? std::optional<at::Scalar>(scalar(*value)) : std::nullopt; }
ct_status ct_clamp(const ct_tensor *input, const double *low, const double *high, ct_tensor **out) {
  return result(out, [&] { return at::clamp(borrow(input), bound(low), bound(high)); });
}
ct_status ct_var(const ct_tensor *input, const int64_t *dims, size_t dim_count, int64_t correction, bool keepdim, ct_tensor **out) {
  return result(out, [&] {
    return at::var(borrow(input), reduce::some(ints(dims, dim_count)), at::Scalar(correction), keepdim);
  });
}
ct_status ct_norm(const ct_tensor *input, double p, const int64_t *dims, size_t dim_count, bool keepdim, ct_tensor **out) {
  return result(out, [&] { return at::norm(borrow(input), at::Scalar(p), ints(dims, dim_count), keepdim); });
}

static ct_status pair(ct_tensor **first, ct_tensor **second, std::tuple<at::Tensor, at::Tensor> both) {
  *first = own(std::get<0>(both));
  *second = own(std::get<1>(both));
  return CT_OK;
}
ct_status ct_topk(const ct_tensor *input, int64_t k, int64_t dim, bool largest, ct_tensor **values, ct_tensor **indices) {
  return guard([&] { pair(values, indices, at::topk(borrow(input), k, dim, largest)); });
}
ct_status ct_sort(const ct_tensor *input, int64_t dim, bool descending, ct_tensor **values, ct_tensor **indices) {
  return guard([&] { pair(values, indices, at::sort(borrow(input), /*stable=*/true, dim, descending)); });
}
ct_status ct_max_along(const ct_tensor *input, int64_t dim, bool keepdim, ct_tensor **values, ct_tensor **indices) {
  return guard([&] { pair(values, indices, at::max(borrow(input), dim, keepdim)); });
}
ct_status ct_addmm(const ct_tensor *input, const ct_tensor *a, const ct_tensor *b, double beta, double alpha, ct_tensor **out) {
  return result(out, [&] { return at::addmm(borrow(input), borrow(a), borrow(b), scalar(beta), scalar(alpha)); });
}
ct_status ct_baddbmm(const ct_tensor *input, const ct_tensor *a, const ct_tensor *b, double beta, double alpha, ct_tensor **out) {
  return result(out, [&] { return at::baddbmm(borrow(input), borrow(a), borrow(b), scalar(beta), scalar(alpha)); });
}
ct_status ct_einsum(const char *equation, ct_tensor *const *tensors, size_t count, ct_tensor **out) {
  return result(out, [&] { return at::einsum(equation, list(tensors, count)); });
}
ct_status ct_where(const ct_tensor *condition, const ct_tensor *a, const ct_tensor *b, ct_tensor **out) {
  return result(out, [&] { return at::where(borrow(condition), borrow(a), borrow(b)); });
}
ct_status ct_masked_fill(const ct_tensor *input, const ct_tensor *mask, double value, ct_tensor **out) {
  return result(out, [&] { return at::masked_fill(borrow(input), borrow(mask), scalar(value)); });
}
