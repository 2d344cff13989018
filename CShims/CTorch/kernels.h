// The inner loops of an encoder layer on the CPU, as a table of functions chosen once for the processor.
//
// libtorch runs these as chains of element-wise passes with a serial random generator; one pass each, with a counter-based
// mask recomputed in the backward pass instead of stored, is where most of the training speed comes from.
// No libtorch header here: kernels.inc is compiled once per instruction set.
#pragma once

#include <cstddef>
#include <cstdint>

namespace ct {

/// A dropout mask as a function: element i is dropped when hash(i) falls below `threshold`. Nothing is stored.
struct Mask {
  uint32_t low, high;   // the seed
  uint32_t threshold;   // p · 2³²; 0 keeps everything
  float scale;          // 1 / (1 - p)
};

/// Rows of a packed batch: row r's tokens are [starts[r], starts[r + 1]) of `tokens`.
struct Packed {
  const int32_t *starts;
  int64_t rows, tokens, heads, width;  // width: of one head
};

/// One table per element type (float or bfloat16 storage, float32 arithmetic); `begin, end` is the caller's share of the work.
struct Kernels {
  /// y = x · Φ(x)
  void (*gelu)(const void *x, void *y, int64_t begin, int64_t end);
  /// dx = dy · (Φ(x) + x · φ(x))
  void (*gelu_backward)(const void *x, const void *dy, void *dx, int64_t begin, int64_t end);
  void (*dropout)(const void *x, void *y, Mask mask, int64_t begin, int64_t end);
  /// y = normalised(residual + dropout(x)) · weight + bias over rows of `width`; keeps the normalised rows and 1/σ for backward.
  void (*add_norm)(const void *x, const void *residual, const float *weight, const float *bias, void *y, void *normalised,
                   float *inverse_deviation, Mask mask, float epsilon, int64_t width, int64_t begin, int64_t end);
  /// Gradients to x (masked) and to the residual; adds this share's part to dweight and dbias.
  void (*add_norm_backward)(const void *dy, const void *normalised, const float *inverse_deviation, const float *weight, void *dx,
                            void *dresidual, float *dweight, float *dbias, Mask mask, int64_t width, int64_t begin, int64_t end);
  /// softmax(q kᵀ · scale) v per row and head over qkv (tokens, 3, heads, width); items are row · heads + head.
  void (*attention)(const void *qkv, void *out, float *log_sum_exp, Packed packed, float scale, Mask mask, int64_t begin, int64_t end);
  void (*attention_backward)(const void *qkv, const void *out, const void *dout, const float *log_sum_exp, void *dqkv, Packed packed,
                             float scale, Mask mask, int64_t begin, int64_t end);
};

/// The tables for this processor; `bfloat16` chooses the storage type.
const Kernels &kernels(bool bfloat16);

namespace avx512 { extern const Kernels float32, bfloat16; }
namespace avx2 { extern const Kernels float32, bfloat16; }
namespace baseline { extern const Kernels float32, bfloat16; }

}  // namespace ct
