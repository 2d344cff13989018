// What the fused operations share: autograd functions over the kernels, for CPU tensors in float32 or bfloat16.
#pragma once

#include "support.h"

#include "kernels.h"
#include "parallel.h"

#include <torch/csrc/autograd/custom_function.h>

namespace ct {

using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::variable_list;

/// The mask of dropout probability p, whose elements depend on `seed`.
Mask make_mask(double p, int64_t seed);

/// Whether `t` is stored in bfloat16; throws for what the kernels do not take.
inline bool half(const at::Tensor &t) {
  TORCH_CHECK(t.is_cpu() && (t.scalar_type() == at::kFloat || t.scalar_type() == at::kBFloat16),
              "fused kernels take float32 or bfloat16 on the CPU, found ", t.scalar_type(), " on ", t.device());
  return t.scalar_type() == at::kBFloat16;
}

/// Whether a backward pass may come: without one, nothing is kept for it.
inline bool recording(const at::Tensor &t) { return at::GradMode::is_enabled() && t.requires_grad(); }

/// Rows of one partial sum over rows: fixed, so that sums do not depend on the number of threads.
constexpr int64_t kShare = 256;
inline int64_t shares(int64_t rows) { return (rows + kShare - 1) / kShare; }

}  // namespace ct
