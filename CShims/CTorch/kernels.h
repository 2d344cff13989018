// The inner loops of an encoder layer on the CPU, as a table of functions chosen once for the processor.
//
// libtorch runs these as chains of element-wise passes with a serial random generator; one pass each, with a counter-based
// mask recomputed in the backward pass instead of stored, is where most of the training speed comes from.
// No libtorch header here: kernels.inc is compiled once per instruction set.
#pragma once

#include <cstddef>
#include <cstdint>

namespace ct {

/// A dropout mask as a function of (seed, row, column): nothing is stored.
struct Mask {
  uint32_t low, high;   // the seed
  uint32_t threshold;   // p · 2¹⁶; 0 keeps everything
  float scale;          // 1 / (1 - p)
};

/// Rows of a packed batch: row r's tokens are [starts[r], starts[r + 1]) of `tokens`.
struct Packed {
  const int32_t *starts;
  int64_t rows, tokens, heads, width;  // width: of one head
};

/// Attention of one packed batch's queries to another's keys and values: row r of one to row r of the other.
struct Cross {
  const int32_t *query_starts, *key_starts;
  int64_t rows, queries, keys, heads, width;
  int64_t query_stride, key_stride;  // elements from one token to the next
  const float *bias;                 // nullable: head h adds bias[h · (2 · limit - 1) + limit - 1 + key - query]
  int64_t limit;
  bool causal;                       // query i sees keys up to i
  float scale;
};

/// Causal attention over packed rows of queries | keys | values: query head h reads key head h / (heads / key_heads), and
/// query i sees the keys of its row in (i - window, i].
struct Causal {
  const int32_t *starts;
  int64_t tokens, heads, key_heads, width, window;
  float scale;
};
/// The queries [begin, end) of a row; begin is a multiple of 32.
struct CausalQueries { int64_t row, head, begin, end; };
/// A rectangle of a row's scores for all queries of one key head, and which gradients it completes; begins are multiples of 32.
struct CausalBlock {
  int64_t row, key_head, query_begin, query_end, key_begin, key_end;
  bool to_queries, to_keys;
};

/// A low-rank update: y += scale · (drop(x) Aᵀ) Bᵀ with A (rank, inputs) and B (outputs, rank).
struct LowRank {
  const float *a, *b;
  int64_t rank, inputs, outputs;
  float scale;
  Mask mask;
};

/// The factors of one AdamW step (Loshchilov & Hutter 2019, in the order of operations of torch.optim.AdamW).
struct AdamW {
  float gradient;           // factor on gradients: clipping
  float keep;               // 1 - learning rate · weight decay
  float beta1, rest1;       // β₁, 1 - β₁
  float beta2, rest2;       // β₂, 1 - β₂
  float rate, correction;   // learning rate / (1 - β₁ᵗ), 1 / √(1 - β₂ᵗ)
  float epsilon;
};

/// One table per element type (float or bfloat16 storage, float32 arithmetic); `begin, end` is the caller's share of the work.
struct Kernels {
  /// y = x · Φ(x), and unless null its slope Φ(x) + x · φ(x), which is all that the backward pass needs.
  void (*gelu)(const void *x, void *y, void *slope, int64_t begin, int64_t end);
  /// z = x · y
  void (*multiply)(const void *x, const void *y, void *z, int64_t begin, int64_t end);
  /// Rows [begin, end) of `width`.
  void (*dropout)(const void *x, void *y, Mask mask, int64_t width, int64_t begin, int64_t end);
  /// y = normalised(residual + dropout(x)) · weight + bias over rows of `width`; keeps the normalised rows (unless null) and 1/σ for backward.
  void (*add_norm)(const void *x, const void *residual, const float *weight, const float *bias, void *y, void *normalised,
                   float *inverse_deviation, Mask mask, float epsilon, int64_t width, int64_t begin, int64_t end);
  /// Gradients to x (masked) and to the residual; adds this share's part to dweight and dbias.
  void (*add_norm_backward)(const void *dy, const void *normalised, const float *inverse_deviation, const float *weight, void *dx,
                            void *dresidual, float *dweight, float *dbias, Mask mask, int64_t width, int64_t begin, int64_t end);
  /// softmax(q kᵀ · scale) v per row and head over qkv (tokens, 3, heads, width); items are row · heads + head.
  void (*attention)(const void *qkv, void *out, float *log_sum_exp, Packed packed, float scale, Mask mask, int64_t begin, int64_t end);
  void (*attention_backward)(const void *qkv, const void *out, const void *dout, const float *log_sum_exp, void *dqkv, Packed packed,
                             float scale, Mask mask, int64_t begin, int64_t end);
  /// Keys and values lie side by side, (keys, 2, heads, width); items are row · heads + head. log_sum_exp may be null.
  void (*cross_attention)(const void *queries, const void *memory, void *out, float *log_sum_exp, Cross at, Mask mask, int64_t begin, int64_t end);
  /// Gradients dense: (queries, heads, width), (keys, 2, heads, width); dbias, unless null, (rows, heads, 2 · limit - 1), starts as zeros.
  void (*cross_attention_backward)(const void *queries, const void *memory, const void *out, const void *dout, const float *log_sum_exp,
                                   void *dqueries, void *dmemory, float *dbias, Cross at, Mask mask, int64_t begin, int64_t end);
  /// sums = x + residual (unless that is null: x itself), y = sums / √(mean(sums²) + epsilon) · weight; keeps 1/√ unless null.
  void (*rms_norm)(const void *x, const void *residual, const float *weight, void *sums, void *y, float *inverse_deviation, float epsilon,
                   int64_t width, int64_t begin, int64_t end);
  /// dx = dsums (unless null) + what comes through the norm; adds to dweight unless null.
  void (*rms_norm_backward)(const void *dy, const void *dsums, const void *sums, const float *inverse_deviation, const float *weight, void *dx,
                            float *dweight, int64_t width, int64_t begin, int64_t end);
  /// Rotary positions (Su et al. 2021): turns the halves of the first `heads` heads of each row of `columns`; direction -1 turns back.
  void (*rotate)(const void *x, const float *cosines, const float *sines, void *y, float direction, int64_t heads, int64_t width, int64_t columns,
                 int64_t begin, int64_t end);
  /// y = silu(gate) · up over rows of gate | up, each `width` wide (Shazeer 2020).
  void (*swiglu)(const void *x, void *y, int64_t width, int64_t begin, int64_t end);
  void (*swiglu_backward)(const void *x, const void *dy, void *dx, int64_t width, int64_t begin, int64_t end);
  void (*causal_attention)(const void *qkv, void *out, float *log_sum_exp /* nullable */, Causal at, CausalQueries block);
  void (*causal_attention_backward)(const void *qkv, const void *out, const void *dout, const float *log_sum_exp, void *dqkv, Causal at,
                                    CausalBlock block);
  /// Rows [begin, end) of x (inputs wide) and y: h = drop(x) Aᵀ, kept unless null, and y += scale · h Bᵀ.
  void (*low_rank)(const void *x, void *y, int64_t y_stride, float *h /* nullable */, int64_t h_stride, LowRank part, int64_t begin, int64_t end);
  /// dh = scale · dy B, and dx += the mask of (dh A) unless dx is null.
  void (*low_rank_backward)(const void *dy, int64_t dy_stride, float *dh, int64_t h_stride, void *dx /* nullable */, LowRank part, int64_t begin,
                            int64_t end);
  /// Columns [begin, end), begin a multiple of 32, of factor · hᵀ drop(x) over all tokens: out[rank · rank_step + column · column_step].
  void (*low_rank_gradient)(const float *h, int64_t h_stride, int64_t rank, const void *x, int64_t x_stride, int64_t tokens, Mask mask, float factor,
                            float *out, int64_t rank_step, int64_t column_step, int64_t begin, int64_t end);
  /// losses = ln Σ exp(logits) - logits[target] of rows [begin, end); with `gradient` the logits become their gradients.
  void (*cross_entropy)(void *logits, const int64_t *targets, float *losses, bool gradient, int64_t classes, int64_t begin, int64_t end);
  /// sums[c] += Σ x over rows [begin, end) of `width`.
  void (*column_sums)(const void *x, float *sums, int64_t width, int64_t begin, int64_t end);
  /// Σ x² of float32, whatever the table.
  double (*sum_of_squares)(const float *x, int64_t begin, int64_t end);
  /// One step over float32 elements, in place.
  void (*adamw)(float *parameter, const float *gradient, float *first, float *second, AdamW rule, int64_t begin, int64_t end);
};

/// Instruction sets, each containing those before it; bf16 is AVX-512 with products of bfloat16 pairs.
enum class Level { baseline, avx2, avx512, bf16, amx };

/// The best of this processor, unless the environment's ATTUNE_CPU or `set_level` names a lower one.
Level level();
/// For tests: false, and nothing changes, when the processor does not have it.
bool set_level(Level level);

/// The table for the chosen level; `bfloat16` chooses the storage type.
const Kernels &kernels(bool bfloat16);

namespace amx { extern const Kernels float32, bfloat16; }
namespace bf16 { extern const Kernels float32, bfloat16; }
namespace avx512 { extern const Kernels float32, bfloat16; }
namespace avx2 { extern const Kernels float32, bfloat16; }
namespace baseline { extern const Kernels float32, bfloat16; }

}  // namespace ct
