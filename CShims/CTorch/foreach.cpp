// Operations over lists of tensors, and the fused optimizer.
#include "support.h"

using namespace ct;

ct_status ct_foreach_add_(ct_tensor *const *selves, ct_tensor *const *others, size_t count, double alpha) {
  return guard([&] { at::_foreach_add_(list(selves, count), list(others, count), scalar(alpha)); });
}
ct_status ct_foreach_mul_scalar_(ct_tensor *const *selves, size_t count, double value) {
  return guard([&] { at::_foreach_mul_(list(selves, count), scalar(value)); });
}
ct_status ct_foreach_mul_tensor_(ct_tensor *const *selves, size_t count, const ct_tensor *value) {
  return guard([&] { at::_foreach_mul_(list(selves, count), borrow(value)); });
}
ct_status ct_foreach_zero_(ct_tensor *const *selves, size_t count) {
  return guard([&] { at::_foreach_zero_(list(selves, count)); });
}
ct_status ct_foreach_copy_(ct_tensor *const *selves, ct_tensor *const *others, size_t count) {
  return guard([&] { at::_foreach_copy_(list(selves, count), list(others, count)); });
}
ct_status ct_foreach_norm(ct_tensor *const *tensors, size_t count, double p, ct_tensor **out) {
  return guard([&] {
    auto norms = at::_foreach_norm(list(tensors, count), at::Scalar(p));
    for (size_t i = 0; i < count; ++i) out[i] = own(std::move(norms[i]));
  });
}
ct_status ct_fused_adamw_(ct_tensor *const *parameters, ct_tensor *const *gradients, ct_tensor *const *first_moments,
                          ct_tensor *const *second_moments, ct_tensor *const *steps, size_t count, double learning_rate, double beta1,
                          double beta2, double weight_decay, double epsilon) {
  return guard([&] {
    at::_fused_adamw_(list(parameters, count), list(gradients, count), list(first_moments, count), list(second_moments, count),
                      /*max_exp_avg_sqs=*/{}, list(steps, count), learning_rate, beta1, beta2, weight_decay, epsilon,
                      /*amsgrad=*/false, /*maximize=*/false);
  });
}
