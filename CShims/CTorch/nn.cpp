// Layers and losses.
#include "support.h"

using namespace ct;

ct_status ct_linear(const ct_tensor *input, const ct_tensor *weight, const ct_tensor *bias, ct_tensor **out) {
  return result(out, [&] { return at::linear(borrow(input), borrow(weight), maybe(bias)); });
}
ct_status ct_embedding(const ct_tensor *weight, const ct_tensor *indices, int64_t padding_index, ct_tensor **out) {
  return result(out, [&] { return at::embedding(borrow(weight), borrow(indices), padding_index); });
}
ct_status ct_layer_norm(const ct_tensor *input, int64_t width, const ct_tensor *weight, const ct_tensor *bias, double epsilon,
                        ct_tensor **out) {
  return result(out, [&] { return at::layer_norm(borrow(input), ints(&width, 1), maybe(weight), maybe(bias), epsilon); });
}
ct_status ct_rms_norm(const ct_tensor *input, int64_t width, const ct_tensor *weight, double epsilon, ct_tensor **out) {
  return result(out, [&] { return at::rms_norm(borrow(input), ints(&width, 1), maybe(weight), epsilon); });
}
ct_status ct_scaled_dot_product_attention(const ct_tensor *query, const ct_tensor *key, const ct_tensor *value, const ct_tensor *mask,
                                          double dropout, bool causal, const double *scale, bool grouped, ct_tensor **out) {
  return result(out, [&] {
    std::optional<double> factor = scale ? std::optional<double>(*scale) : std::nullopt;
    return at::scaled_dot_product_attention(borrow(query), borrow(key), borrow(value), maybe(mask), dropout, causal, factor, grouped);
  });
}
ct_status ct_gelu(const ct_tensor *input, bool tanh_approximation, ct_tensor **out) {
  return result(out, [&] { return at::gelu(borrow(input), tanh_approximation ? "tanh" : "none"); });
}
ct_status ct_dropout(const ct_tensor *input, double p, bool train, ct_tensor **out) {
  return result(out, [&] { return at::dropout(borrow(input), p, train); });
}
ct_status ct_cross_entropy(const ct_tensor *logits, const ct_tensor *target, const ct_tensor *weight, int32_t reduction,
                           int64_t ignore_index, double label_smoothing, ct_tensor **out) {
  return result(out, [&] {
    return at::cross_entropy_loss(borrow(logits), borrow(target), maybe(weight), reduction, ignore_index, label_smoothing);
  });
}
ct_status ct_binary_cross_entropy_with_logits(const ct_tensor *logits, const ct_tensor *target, const ct_tensor *weight,
                                              const ct_tensor *positive_weight, int32_t reduction, ct_tensor **out) {
  return result(out, [&] {
    return at::binary_cross_entropy_with_logits(borrow(logits), borrow(target), maybe(weight), maybe(positive_weight), reduction);
  });
}
ct_status ct_mse_loss(const ct_tensor *input, const ct_tensor *target, int32_t reduction, ct_tensor **out) {
  return result(out, [&] { return at::mse_loss(borrow(input), borrow(target), reduction); });
}
