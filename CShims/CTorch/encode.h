// The dense layers of an encoder that nothing is trained in, over weights packed once, for processors that multiply bfloat16 pairs.
//
// Between matrix products values stay float32: the residual stream, sums, biases and norms. Only what a product reads is rounded.
// A share of tokens goes through a whole perceptron while it lies in the cache. No libtorch header here.
#pragma once

#include <cstddef>
#include <cstdint>

namespace ct {

/// A linear layer: `weights` packed by DenseKernels::pack.
struct Dense {
  const void *weights;
  const float *bias;
  int64_t inputs, outputs;  // inputs even, outputs a multiple of kDenseColumns
  bool split;               // packed as bfloat16 numbers and what those leave of the float32 weights, which takes two products
};

/// Weight and bias of a layer norm.
struct Norm {
  const float *weight, *bias;
  float epsilon;
};

static constexpr int64_t kDenseColumns = 32;
/// Products are computed for so many rows at a time: that many may be read behind the last row of an input.
static constexpr int64_t kDenseRows = 12;

struct DenseKernels {
  /// Weights (outputs, inputs) float32 -> as many bfloat16 numbers, or twice as many, in the order in which products read them.
  void (*pack)(const float *weights, int64_t outputs, int64_t inputs, bool split, void *packed);
  /// float32 -> operands: bfloat16.
  void (*narrow)(const float *x, void *y, int64_t count);
  /// y = W x + b, through GELU where asked; x and y are operands.
  void (*dense)(const void *x, Dense layer, bool gelu, void *y, int64_t rows);
  /// hidden = norm(hidden + W x + b), float32, and the same as operands.
  void (*close)(const void *x, Dense layer, Norm norm, float *hidden, void *operands, int64_t rows);
};

/// Null where the processor has no such instructions, or tiles, which matrix libraries use better.
const DenseKernels *dense_kernels();

}  // namespace ct
