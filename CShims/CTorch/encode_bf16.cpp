// The kernels of encode.h.
#include "encode.h"

#include "kernels.h"

#if defined(__x86_64__)
#include <cstdlib>
#include <immintrin.h>

#define CT_VECTOR_BYTES 64
#define CT_NATIVE_BF16 1
#define CT_UNROLLED _Pragma("clang loop unroll(full)")
#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512bf16,avx2,fma"))), apply_to = function)
namespace ct::encoding {
#include "kernels_vector.inc"

static inline BFloat16 rounded(float x) {
  uint32_t bits = __builtin_bit_cast(uint32_t, x);
  return {static_cast<uint16_t>((bits + 0x7fff + (bits >> 16 & 1)) >> 16)};
}
static inline float left_of(float x) { return x - __builtin_bit_cast(float, static_cast<uint32_t>(rounded(x).bits) << 16); }

// Columns [n, n + 32) of Wᵀ lie together, two rows of it side by side: element (k, n) at n / 32 · 32 · inputs + k / 2 · 64 + n % 32 · 2 + k % 2; of
// split weights, each such block is followed by that of the remainders.
static void pack(const float *w, int64_t outputs, int64_t inputs, bool split, void *packed) {
  auto p = static_cast<BFloat16 *>(packed);
  for (int64_t n = 0; n < outputs; n += kDenseColumns)
    for (int part = 0; part < (split ? 2 : 1); ++part)
      for (int64_t k = 0; k < inputs; k += 2)
        for (int64_t column = 0; column < kDenseColumns; ++column, p += 2) {
          const float *pair = w + (n + column) * inputs + k;
          p[0] = rounded(part ? left_of(pair[0]) : pair[0]);
          p[1] = rounded(part ? left_of(pair[1]) : pair[1]);
        }
}

static void narrow_all(const float *x, void *y, int64_t count) {
  for (int64_t i = 0; i < count; i += kLanes) store(static_cast<BFloat16 *>(y) + i, load(x + i));
}

static inline __m512bh pairs(const BFloat16 *p) { return __builtin_bit_cast(__m512bh, words(p)); }

// Adds twelve rows times 32 columns to sums that stay in registers.
static inline void accumulate(Vector (&s)[kDenseRows][2], const BFloat16 *x, const BFloat16 *w, int64_t inputs) {
  for (int64_t k = 0; k < inputs; k += 2, w += 2 * kDenseColumns) {
    __m512bh left = pairs(w), right = pairs(w + kDenseColumns);
    CT_UNROLLED
    for (int64_t r = 0; r < kDenseRows; ++r) {
      uint32_t pair;
      __builtin_memcpy(&pair, x + r * inputs + k, 4);
      auto both = __builtin_bit_cast(__m512bh, splat(pair));
      s[r][0] = _mm512_dpbf16_ps(s[r][0], both, left);
      s[r][1] = _mm512_dpbf16_ps(s[r][1], both, right);
    }
  }
}

// Calls `use(row, column, sum)` with each vector of x Wᵀ + b.
template <class Use>
static inline void product(const void *operands, Dense layer, int64_t rows, const Use &use) {
  int64_t size = kDenseColumns * layer.inputs;
  auto w = static_cast<const BFloat16 *>(layer.weights);
  for (int64_t n = 0; n < layer.outputs; n += kDenseColumns, w += layer.split ? 2 * size : size) {
    Vector bias[2] = {load(layer.bias + n), load(layer.bias + n + kLanes)};
    for (int64_t m = 0; m < rows; m += kDenseRows) {
      Vector s[kDenseRows][2] = {};
      auto x = static_cast<const BFloat16 *>(operands) + m * layer.inputs;
      accumulate(s, x, w, layer.inputs);
      if (layer.split) accumulate(s, x, w + size, layer.inputs);
      float sums[kDenseRows * kDenseColumns];
      CT_UNROLLED
      for (int64_t r = 0; r < kDenseRows; ++r) {
        store(sums + r * kDenseColumns, s[r][0]);
        store(sums + r * kDenseColumns + kLanes, s[r][1]);
      }
      for (int64_t r = 0; r < kDenseRows && m + r < rows; ++r)
        for (int64_t half = 0; half < 2; ++half)
          use(m + r, n + half * kLanes, load(sums + r * kDenseColumns + half * kLanes) + bias[half]);
    }
  }
}

// x · Φ(x) to 4e-5, a fraction of what rounding to bfloat16 adds: Φ(x) - ½ is x times a polynomial in x² (least largest error of x · Φ(x) on
// |x| <= 4.4 by Lawson's weights), and all but constant beyond.
static inline Vector gelu_of(Vector x) {
  static constexpr float terms[] = {3.572269910e-11f, -3.756341904e-09f, 1.741612721e-07f, -4.726233328e-06f, 8.430703019e-05f,
                                    -1.055075554e-03f, 9.643297642e-03f, -6.607684493e-02f, 3.987618387e-01f};
  Vector z = x < -4.4f ? splat(-4.4f) : x;
  z = z > 4.4f ? splat(4.4f) : z;
  Vector square = z * z, p = splat(terms[0]);
  for (int i = 1; i < 9; ++i) p = p * square + terms[i];
  return x * (p * z + 0.5f);
}

static void dense(const void *x, Dense layer, bool gelu, void *y, int64_t rows) {
  auto out = static_cast<BFloat16 *>(y);
  if (gelu) product(x, layer, rows, [&](int64_t row, int64_t column, Vector v) { store(out + row * layer.outputs + column, gelu_of(v)); });
  else product(x, layer, rows, [&](int64_t row, int64_t column, Vector v) { store(out + row * layer.outputs + column, v); });
}

static void close(const void *x, Dense layer, Norm norm, float *hidden, void *operands, int64_t rows) {
  int64_t width = layer.outputs;
  product(x, layer, rows, [&](int64_t row, int64_t column, Vector v) {
    float *place = hidden + row * width + column;
    store(place, load(place) + v);
  });
  for (int64_t r = 0; r < rows; ++r) {
    float *row = hidden + r * width;
    Vector total = {}, squares = {};
    for (int64_t i = 0; i < width; i += kLanes) total += load(row + i);
    float mean = sum(total) / static_cast<float>(width);
    for (int64_t i = 0; i < width; i += kLanes) {
      Vector v = load(row + i) - mean;
      squares += v * v;
    }
    float inverse = 1.0f / __builtin_sqrtf(sum(squares) / static_cast<float>(width) + norm.epsilon);
    for (int64_t i = 0; i < width; i += kLanes) {
      Vector v = (load(row + i) - mean) * inverse * load(norm.weight + i) + load(norm.bias + i);
      store(row + i, v);
      store(static_cast<BFloat16 *>(operands) + r * width + i, v);
    }
  }
}

static const DenseKernels kernels = {pack, narrow_all, dense, close};
}  // namespace ct::encoding
#pragma clang attribute pop

const ct::DenseKernels *ct::dense_kernels() { return level() == Level::bf16 ? &encoding::kernels : nullptr; }
#else
const ct::DenseKernels *ct::dense_kernels() { return nullptr; }
#endif
