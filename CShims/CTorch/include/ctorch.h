/* The C surface over ATen that Attune uses: pure C, C11 -pedantic.

   Ownership: arguments are borrowed; a result comes through a last `ct_tensor **out`, a new reference that the caller
   gives back with ct_free. Every function that can fail returns ct_status and never throws; the message waits in
   ct_last_error() of the same thread. Nullable pointers say so. Dimensions count from the end when negative.

   A ct_tensor is the bits of an at::Tensor (a TensorImpl), so an array of handles is an at::TensorList. */
#ifndef CTORCH_H
#define CTORCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct ct_tensor ct_tensor;
typedef struct ct_generator ct_generator;

typedef int32_t ct_status;
enum { CT_OK = 0, CT_FAILED = 1, CT_OUT_OF_MEMORY = 2 };

enum { CT_U8, CT_I8, CT_I16, CT_I32, CT_I64, CT_F16, CT_BF16, CT_F32, CT_F64, CT_BOOL };
/* Device kinds: the host, or the one accelerator this libtorch serves (CUDA, ROCm, ...). */
enum { CT_CPU, CT_ACCELERATOR };
enum { CT_REDUCE_NONE, CT_REDUCE_MEAN, CT_REDUCE_SUM };

/* ---- runtime.cpp: errors, versions, threads, devices, memory, modes, generators ---- */

const char *ct_last_error(void);
/* The libtorch this shim was compiled against, and the one loaded; they must be equal. */
const char *ct_compiled_version(void);
const char *ct_loaded_version(void);
const char *ct_cpu_capability(void);
/* Handles given out and not yet freed, in this process. */
int64_t ct_live_tensors(void);

int32_t ct_get_threads(void);
void ct_set_threads(int32_t count);
/* Deterministic algorithms only; operations without one fail. */
void ct_set_deterministic(bool on);
/* allocator.cpp: large CPU tensors from now on live in an address range of their own, whose pages stay when they go. */
void ct_keep_freed_memory(void);
/* Gives pages of that range that no tensor holds back to the system. */
void ct_release_freed_memory(void);

/* Loads the accelerator half of libtorch if there is one beside it. CT_OK also when there is none. */
ct_status ct_load_accelerator(void);
int32_t ct_accelerator_count(void);
/* "cuda", ... ; "" without one. */
const char *ct_accelerator_name(void);
ct_status ct_synchronize(int32_t index);
ct_status ct_accelerator_memory(int32_t index, int64_t *allocated, int64_t *peak, int64_t *free_bytes, int64_t *total);
ct_status ct_reset_peak_memory(int32_t index);

bool ct_grad_enabled(void);
void ct_set_grad_enabled(bool on);
/* Autocast of this thread: matrix products in `dtype`. Leaving clears the cache of cast weights. */
void ct_autocast_enter(int32_t device, int32_t dtype, bool *was_on, int32_t *was_dtype);
void ct_autocast_leave(int32_t device, bool was_on, int32_t was_dtype);

ct_status ct_generator_new(int32_t device, int32_t index, uint64_t seed, ct_generator **out);
ct_status ct_generator_default(int32_t device, int32_t index, ct_generator **out);
void ct_generator_free(ct_generator *generator);
ct_status ct_generator_seed(ct_generator *generator, uint64_t seed);
ct_status ct_generator_random64(ct_generator *generator, uint64_t *out);
ct_status ct_generator_state(const ct_generator *generator, ct_tensor **out);
ct_status ct_generator_set_state(ct_generator *generator, const ct_tensor *state);

/* ---- tensor.cpp: lifetime, properties, creation, conversion, autograd ---- */

void ct_free(ct_tensor *tensor);
ct_status ct_alias(const ct_tensor *tensor, ct_tensor **out); /* another handle to the same tensor */
int64_t ct_dim(const ct_tensor *tensor);
const int64_t *ct_sizes(const ct_tensor *tensor); /* valid while the tensor lives */
const int64_t *ct_strides(const ct_tensor *tensor);
int64_t ct_numel(const ct_tensor *tensor);
int32_t ct_dtype(const ct_tensor *tensor);
int32_t ct_device(const ct_tensor *tensor, int32_t *index);
bool ct_is_contiguous(const ct_tensor *tensor);
bool ct_requires_grad(const ct_tensor *tensor);
bool ct_is_leaf(const ct_tensor *tensor);
ct_status ct_data(const ct_tensor *tensor, void **out); /* host memory of a contiguous CPU tensor */
ct_status ct_item_double(const ct_tensor *tensor, double *out);
ct_status ct_item_int(const ct_tensor *tensor, int64_t *out);

ct_status ct_empty(const int64_t *sizes, size_t dims, int32_t dtype, int32_t device, int32_t index, ct_tensor **out);
ct_status ct_full(const int64_t *sizes, size_t dims, double value, int32_t dtype, int32_t device, int32_t index, ct_tensor **out);
ct_status ct_arange(double start, double end, double step, int32_t dtype, int32_t device, int32_t index, ct_tensor **out);
ct_status ct_eye(int64_t n, int32_t dtype, int32_t device, int32_t index, ct_tensor **out);
/* Copies `bytes` of host memory. */
ct_status ct_from_data(const void *data, const int64_t *sizes, size_t dims, int32_t dtype, ct_tensor **out);
/* Borrows host memory; `release(context)` runs when the last view of it is gone. */
ct_status ct_from_blob(void *data, const int64_t *sizes, size_t dims, int32_t dtype, void (*release)(void *), void *context,
                       ct_tensor **out);
ct_status ct_rand(const int64_t *sizes, size_t dims, ct_generator *generator, int32_t dtype, int32_t device, int32_t index, ct_tensor **out);
ct_status ct_randn(const int64_t *sizes, size_t dims, ct_generator *generator, int32_t dtype, int32_t device, int32_t index, ct_tensor **out);
ct_status ct_randint(int64_t low, int64_t high, const int64_t *sizes, size_t dims, ct_generator *generator, int32_t device, int32_t index, ct_tensor **out);
ct_status ct_randperm(int64_t n, ct_generator *generator, ct_tensor **out);
ct_status ct_bernoulli(const ct_tensor *p, ct_generator *generator, ct_tensor **out);
ct_status ct_multinomial(const ct_tensor *p, int64_t count, bool replacement, ct_generator *generator, ct_tensor **out);

ct_status ct_to_dtype(const ct_tensor *tensor, int32_t dtype, ct_tensor **out);
ct_status ct_to_device(const ct_tensor *tensor, int32_t device, int32_t index, ct_tensor **out);
ct_status ct_equal(const ct_tensor *a, const ct_tensor *b, bool *out); /* same shape and values */

ct_status ct_set_requires_grad(ct_tensor *tensor, bool on);
ct_status ct_backward(const ct_tensor *tensor, const ct_tensor *gradient /* nullable */);
ct_status ct_grad(const ct_tensor *tensor, ct_tensor **out); /* *out is NULL when there is none */
ct_status ct_set_grad(ct_tensor *tensor, const ct_tensor *gradient /* nullable */);

/* ---- math.cpp: the families, reductions, comparison, linear algebra ---- */

#define CT_UNARY(name) ct_status ct_##name(const ct_tensor *input, ct_tensor **out);
#define CT_BINARY(name) ct_status ct_##name(const ct_tensor *a, const ct_tensor *b, ct_tensor **out);
/* A whole `value` counts as an integer, so it does not promote an integer tensor. */
#define CT_BINARY_SCALAR(name) ct_status ct_##name##_scalar(const ct_tensor *a, double value, ct_tensor **out);
#define CT_INPLACE(name) ct_status ct_##name##_(ct_tensor *self, const ct_tensor *other);
#define CT_INPLACE_SCALAR(name) ct_status ct_##name##_scalar_(ct_tensor *self, double value);
#define CT_REDUCE(name) ct_status ct_##name(const ct_tensor *input, const int64_t *dims, size_t dim_count, bool keepdim, ct_tensor **out);
#define CT_ALONG(name) ct_status ct_##name(const ct_tensor *input, int64_t dim, ct_tensor **out);
#define CT_ARG(name) ct_status ct_##name(const ct_tensor *input, int64_t dim, bool keepdim, ct_tensor **out);
#include "ctorch_families.h"
#undef CT_UNARY
#undef CT_BINARY
#undef CT_BINARY_SCALAR
#undef CT_INPLACE
#undef CT_INPLACE_SCALAR
#undef CT_REDUCE
#undef CT_ALONG
#undef CT_ARG

ct_status ct_add_scaled_(ct_tensor *self, const ct_tensor *other, double alpha); /* self += alpha * other */
ct_status ct_lerp_(ct_tensor *self, const ct_tensor *end, double weight);
ct_status ct_clamp(const ct_tensor *input, const double *low /* nullable */, const double *high /* nullable */, ct_tensor **out);
ct_status ct_var(const ct_tensor *input, const int64_t *dims, size_t dim_count, int64_t correction, bool keepdim, ct_tensor **out);
ct_status ct_norm(const ct_tensor *input, double p, const int64_t *dims, size_t dim_count, bool keepdim, ct_tensor **out);
ct_status ct_topk(const ct_tensor *input, int64_t k, int64_t dim, bool largest, ct_tensor **values, ct_tensor **indices);
ct_status ct_sort(const ct_tensor *input, int64_t dim, bool descending, ct_tensor **values, ct_tensor **indices);
ct_status ct_max_along(const ct_tensor *input, int64_t dim, bool keepdim, ct_tensor **values, ct_tensor **indices);
ct_status ct_addmm(const ct_tensor *input, const ct_tensor *a, const ct_tensor *b, double beta, double alpha, ct_tensor **out);
ct_status ct_baddbmm(const ct_tensor *input, const ct_tensor *a, const ct_tensor *b, double beta, double alpha, ct_tensor **out);
ct_status ct_einsum(const char *equation, ct_tensor *const *tensors, size_t count, ct_tensor **out);
ct_status ct_where(const ct_tensor *condition, const ct_tensor *a, const ct_tensor *b, ct_tensor **out);
ct_status ct_masked_fill(const ct_tensor *input, const ct_tensor *mask, double value, ct_tensor **out);

/* ---- shape.cpp: shape and index operations ---- */

ct_status ct_reshape(const ct_tensor *input, const int64_t *sizes, size_t dims, ct_tensor **out);
ct_status ct_view(const ct_tensor *input, const int64_t *sizes, size_t dims, ct_tensor **out);
ct_status ct_expand(const ct_tensor *input, const int64_t *sizes, size_t dims, ct_tensor **out);
ct_status ct_permute(const ct_tensor *input, const int64_t *order, size_t dims, ct_tensor **out);
ct_status ct_transpose(const ct_tensor *input, int64_t a, int64_t b, ct_tensor **out);
ct_status ct_squeeze(const ct_tensor *input, int64_t dim, ct_tensor **out);
ct_status ct_unsqueeze(const ct_tensor *input, int64_t dim, ct_tensor **out);
ct_status ct_flatten(const ct_tensor *input, int64_t first, int64_t last, ct_tensor **out);
ct_status ct_repeat(const ct_tensor *input, const int64_t *counts, size_t dims, ct_tensor **out);
ct_status ct_repeat_interleave(const ct_tensor *input, int64_t repeats, int64_t dim, ct_tensor **out);
ct_status ct_flip(const ct_tensor *input, const int64_t *dims, size_t dim_count, ct_tensor **out);
ct_status ct_roll(const ct_tensor *input, int64_t shift, int64_t dim, ct_tensor **out);
ct_status ct_pad(const ct_tensor *input, const int64_t *padding, size_t count, double value, ct_tensor **out);
ct_status ct_tril(const ct_tensor *input, int64_t diagonal, ct_tensor **out);
ct_status ct_triu(const ct_tensor *input, int64_t diagonal, ct_tensor **out);
ct_status ct_cat(ct_tensor *const *tensors, size_t count, int64_t dim, ct_tensor **out);
ct_status ct_stack(ct_tensor *const *tensors, size_t count, int64_t dim, ct_tensor **out);
/* Matrices (n_i, width) of one dtype one below the other, (sum of n_i, width): a view where they lie so in memory, else a copy. */
ct_status ct_joined(ct_tensor *const *tensors, size_t count, ct_tensor **out);
/* Pieces of `sizes` along `dim`: `out` has room for `count`. */
ct_status ct_split(const ct_tensor *input, const int64_t *sizes, size_t count, int64_t dim, ct_tensor **out);
ct_status ct_narrow(const ct_tensor *input, int64_t dim, int64_t start, int64_t length, ct_tensor **out);
ct_status ct_slice(const ct_tensor *input, int64_t dim, int64_t start, int64_t end, int64_t step, ct_tensor **out);
ct_status ct_select(const ct_tensor *input, int64_t dim, int64_t index, ct_tensor **out);
ct_status ct_index_select(const ct_tensor *input, int64_t dim, const ct_tensor *index, ct_tensor **out);
ct_status ct_gather(const ct_tensor *input, int64_t dim, const ct_tensor *index, ct_tensor **out);
ct_status ct_scatter(const ct_tensor *input, int64_t dim, const ct_tensor *index, const ct_tensor *source, ct_tensor **out);
ct_status ct_scatter_add(const ct_tensor *input, int64_t dim, const ct_tensor *index, const ct_tensor *source, ct_tensor **out);
ct_status ct_index_add(const ct_tensor *input, int64_t dim, const ct_tensor *index, const ct_tensor *source, ct_tensor **out);
ct_status ct_index_copy_(ct_tensor *self, int64_t dim, const ct_tensor *index, const ct_tensor *source);
/* input[indices[0], indices[1], ...]; a NULL entry is `:`. */
ct_status ct_index(const ct_tensor *input, ct_tensor *const *indices, size_t count, ct_tensor **out);
ct_status ct_index_put_(ct_tensor *self, ct_tensor *const *indices, size_t count, const ct_tensor *values, bool accumulate);
ct_status ct_masked_select(const ct_tensor *input, const ct_tensor *mask, ct_tensor **out);
ct_status ct_one_hot(const ct_tensor *input, int64_t classes, ct_tensor **out);

/* ---- nn.cpp: layers and losses ---- */

ct_status ct_linear(const ct_tensor *input, const ct_tensor *weight, const ct_tensor *bias /* nullable */, ct_tensor **out);
ct_status ct_embedding(const ct_tensor *weight, const ct_tensor *indices, int64_t padding_index, ct_tensor **out);
ct_status ct_layer_norm(const ct_tensor *input, int64_t width, const ct_tensor *weight /* nullable */, const ct_tensor *bias /* nullable */,
                        double epsilon, ct_tensor **out);
ct_status ct_rms_norm(const ct_tensor *input, int64_t width, const ct_tensor *weight /* nullable */, double epsilon, ct_tensor **out);
ct_status ct_scaled_dot_product_attention(const ct_tensor *query, const ct_tensor *key, const ct_tensor *value,
                                          const ct_tensor *mask /* nullable */, double dropout, bool causal,
                                          const double *scale /* nullable */, bool grouped, ct_tensor **out);
ct_status ct_gelu(const ct_tensor *input, bool tanh_approximation, ct_tensor **out);
ct_status ct_dropout(const ct_tensor *input, double p, bool train, ct_tensor **out);
ct_status ct_cross_entropy(const ct_tensor *logits, const ct_tensor *target, const ct_tensor *weight /* nullable */,
                           int32_t reduction, int64_t ignore_index, double label_smoothing, ct_tensor **out);
ct_status ct_binary_cross_entropy_with_logits(const ct_tensor *logits, const ct_tensor *target, const ct_tensor *weight /* nullable */,
                                              const ct_tensor *positive_weight /* nullable */, int32_t reduction, ct_tensor **out);
ct_status ct_mse_loss(const ct_tensor *input, const ct_tensor *target, int32_t reduction, ct_tensor **out);

/* ---- foreach.cpp: operations over lists, and the fused optimizer ---- */

ct_status ct_foreach_add_(ct_tensor *const *selves, ct_tensor *const *others, size_t count, double alpha);
ct_status ct_foreach_mul_scalar_(ct_tensor *const *selves, size_t count, double value);
ct_status ct_foreach_mul_tensor_(ct_tensor *const *selves, size_t count, const ct_tensor *value);
ct_status ct_foreach_zero_(ct_tensor *const *selves, size_t count);
ct_status ct_foreach_copy_(ct_tensor *const *selves, ct_tensor *const *others, size_t count);
ct_status ct_foreach_norm(ct_tensor *const *tensors, size_t count, double p, ct_tensor **out); /* `count` results */
/* One AdamW step, in place; `steps` are one-element float32 tensors already counting this step (torch.optim.AdamW). */
ct_status ct_fused_adamw_(ct_tensor *const *parameters, ct_tensor *const *gradients, ct_tensor *const *first_moments,
                          ct_tensor *const *second_moments, ct_tensor *const *steps, size_t count, double learning_rate,
                          double beta1, double beta2, double weight_decay, double epsilon);

/* ---- fused.cpp: one pass where libtorch takes many; CPU, float32 or bfloat16, with gradients ----
   Dropout masks are functions of `seed` and the element's position: nothing is stored, and equal seeds give equal masks. */

/* Instruction sets, lowest first: baseline, avx2, avx512, bf16, amx. The best of the processor runs unless the
   environment's ATTUNE_CPU names a lower one; setting one that the processor lacks returns false. */
int32_t ct_kernel_level(void);
bool ct_set_kernel_level(int32_t level);

ct_status ct_fused_gelu(const ct_tensor *input, ct_tensor **out);
ct_status ct_fused_dropout(const ct_tensor *input, double p, uint64_t seed, ct_tensor **out);
/* layer_norm(residual + dropout(input)) with float32 weight and bias over the last dimension. */
ct_status ct_fused_add_norm(const ct_tensor *input, const ct_tensor *residual /* nullable */, const ct_tensor *weight, const ct_tensor *bias,
                            double epsilon, double p, uint64_t seed, ct_tensor **out);
/* Self-attention inside each row of a packed batch: qkv (tokens, 3 x heads x width), row_starts (rows + 1) int32 from 0 to
   tokens; out (tokens, heads x width). p drops attention probabilities. */
ct_status ct_fused_packed_attention(const ct_tensor *qkv, const ct_tensor *row_starts, int64_t heads, double scale, double p, uint64_t seed,
                                    ct_tensor **out);

/* fused_cross.cpp: each row's queries (queries, heads x width) attend to the keys and values of the same row of memory (keys, 2 x heads x
   width); both starts (rows + 1) int32. bias: nullable float32 (heads, 2 x limit - 1), of which [h][limit - 1 + key - query] is added to the
   scaled scores. causal: query i of a row sees keys up to i. p drops attention probabilities. out (queries, heads x width). */
ct_status ct_fused_cross_attention(const ct_tensor *queries, const ct_tensor *memory, const ct_tensor *query_starts, const ct_tensor *key_starts,
                                   const ct_tensor *bias /* nullable */, int64_t heads, bool causal, double scale, double p, uint64_t seed,
                                   ct_tensor **out);

/* ---- fused_layers.cpp, fused_causal.cpp: the parts of a LLaMA layer ---- */

/* sum = input + residual (not written without a residual); out = sum / sqrt(mean(sum^2) + epsilon) x weight over the last
   dimension. Weight float32 or bfloat16. */
ct_status ct_fused_rms_norm(const ct_tensor *input, const ct_tensor *residual /* nullable */, const ct_tensor *weight, double epsilon,
                            ct_tensor **sum, ct_tensor **out);
/* Turns the first heads x width columns of (tokens, columns) by rotary positions: element i of a head's first half goes with
   element i of its second half; cosines and sines (tokens, width / 2) float32. */
ct_status ct_fused_rotate(const ct_tensor *input, const ct_tensor *cosines, const ct_tensor *sines, int64_t heads, int64_t width, ct_tensor **out);
/* silu(gate) x up of gate | up side by side: (..., 2 x width) -> (..., width). */
ct_status ct_fused_swiglu(const ct_tensor *input, ct_tensor **out);
/* Each token attends to itself and the earlier tokens of its row, `window` of them at most: qkv (tokens, (heads + 2 x
   key_heads) x width), row_starts (rows + 1) int32 from 0 to tokens; out (tokens, heads x width). */
ct_status ct_fused_causal_attention(const ct_tensor *qkv, const ct_tensor *row_starts, int64_t heads, int64_t key_heads, int64_t window, double scale,
                                    ct_tensor **out);

/* ---- fused_linear.cpp, fused_cross_entropy.cpp, checkpoint.cpp, fused_optimizer.cpp ---- */

/* input (..., in) times the weights (out_i, in) one below the other, plus the biases (nullable): (..., sum of out_i), in the
   CPU's autocast dtype, with gradients. Weights that are frozen, in that dtype and contiguous are used as they are. */
ct_status ct_fused_linear(const ct_tensor *input, ct_tensor *const *weights, ct_tensor *const *biases /* nullable */, size_t count,
                          ct_tensor **out);
/* The same plus, for each weight whose entry in `a` is not NULL, scale x (dropout(input) a^T) b^T into its columns: a (rank, in)
   and b (out_i, rank) float32. The mask of each update is that of ct_fused_dropout on input with its seed. */
ct_status ct_fused_lora_linear(const ct_tensor *input, ct_tensor *const *weights, ct_tensor *const *biases /* nullable */, size_t count,
                               ct_tensor *const *a, ct_tensor *const *b, const double *scales, const double *dropouts, const uint64_t *seeds,
                               ct_tensor **out);
/* sum over rows of -log softmax(hidden weight^T)[target]: hidden (n, width), weight (classes, width), targets (n) int64; a
   float32 scalar. The (n, classes) logits exist for a few rows at a time. */
ct_status ct_fused_linear_cross_entropy(const ct_tensor *hidden, const ct_tensor *weight, const ct_tensor *targets, ct_tensor **out);
/* The log-probability of each row's target, (n) float32, without gradients. */
ct_status ct_fused_token_log_probabilities(const ct_tensor *hidden, const ct_tensor *weight, const ct_tensor *targets, ct_tensor **out);
/* Runs `run(context, inputs, count, outputs, capacity)`, which returns how many outputs (new references, at most `capacity` = 16)
   it wrote, without recording what happens inside; backward runs it again. `release(context)` is called once, when nothing can
   call `run` any more. outputs: room for 16 new references. */
ct_status ct_checkpoint(ct_tensor *const *inputs, size_t count,
                        size_t (*run)(void *context, ct_tensor *const *inputs, size_t count, ct_tensor **outputs, size_t capacity),
                        void (*release)(void *context), void *context, ct_tensor **outputs, size_t *output_count);
/* The 2-norm of all elements of all tensors (contiguous float32 on the CPU), the same for every number of threads. */
ct_status ct_fused_norm(ct_tensor *const *tensors, size_t count, double *out);
/* One AdamW step in place over contiguous float32 tensors on the CPU. Gradients count times `gradient_scale` and stay as they
   are; `decays` has a weight decay for each parameter; `step` counts from 1. */
ct_status ct_fused_adamw_step(ct_tensor *const *parameters, ct_tensor *const *gradients, ct_tensor *const *first_moments,
                              ct_tensor *const *second_moments, const double *decays, size_t count, double gradient_scale, int64_t step,
                              double learning_rate, double beta1, double beta2, double epsilon);

/* ---- decode.cpp: generation with a LLaMA-family model on the CPU, one call a step ----
   Weights are float32 or bfloat16 and stay where they are; other types are converted. Sums run in an order that does not depend on
   how many tokens are computed together. A decoder belongs to one thread at a time. */

typedef struct ct_decoder ct_decoder;
typedef struct {
  int64_t layers, hidden, heads, key_value_heads, width /* of a head */, intermediate, vocabulary;
  int64_t slots, capacity /* positions of a slot */, window /* positions a token sees; 0: all before it */;
  double epsilon, scale;
} ct_decoder_shape;
enum {
  CT_EMBEDDING, CT_INPUT_NORM, CT_QUERY, CT_KEY, CT_VALUE, CT_OUTPUT, CT_POST_NORM, CT_GATE, CT_UP, CT_DOWN, CT_FINAL_NORM, CT_HEAD
};

ct_status ct_decoder_new(const ct_decoder_shape *shape, ct_decoder **out);
void ct_decoder_free(ct_decoder *decoder);
/* A norm's weight. */
ct_status ct_decoder_set_vector(ct_decoder *decoder, int64_t layer, int32_t part, const ct_tensor *weight);
/* weight (out, in), and what an adapter adds to x Wt + bias: scale (x down_t) up_t with down (rank, in), up (out, rank). */
ct_status ct_decoder_set_matrix(ct_decoder *decoder, int64_t layer, int32_t part, const ct_tensor *weight, const ct_tensor *bias /* nullable */,
                                const ct_tensor *down /* nullable */, const ct_tensor *up /* nullable */, double scale);
/* Checks that all is there and makes the cache. Rotations of each position: (positions, width / 2), float32. */
ct_status ct_decoder_finish(ct_decoder *decoder, const ct_tensor *cosines, const ct_tensor *sines);
/* Positions of a slot after rounding. */
int64_t ct_decoder_capacity(const ct_decoder *decoder);
int64_t ct_decoder_cache_bytes(const ct_decoder *decoder);
/* Runs `count` tokens at `positions` of `slots`, writing their keys and values; tokens of one slot stand side by side in rising
   order. `prompt` chooses the kernels for many tokens. For each of the `wanted_count` tokens named in `wanted` (rising), `best`
   (nullable) receives the likeliest next id, and `out` (nullable) its logits (wanted_count, vocabulary), or with `targets` the log
   probability of the target (wanted_count). */
ct_status ct_decoder_forward(ct_decoder *decoder, const int32_t *ids, const int32_t *slots, const int32_t *positions, size_t count, bool prompt,
                             const int32_t *wanted, const int32_t *targets /* nullable */, size_t wanted_count, float *out, int32_t *best);
/* Positions [begin, end) of one slot into another. */
ct_status ct_decoder_copy(ct_decoder *decoder, int64_t from, int64_t to, int64_t begin, int64_t end);

/* ---- encode.cpp: BERT's layers on processors that multiply bfloat16 pairs, for weights that nobody trains ----
   Weights are copied, as bfloat16, in the order in which products read them; what lies between products stays float32. An encoder may be
   shared by threads once it is built. */

typedef struct ct_encoder ct_encoder;
/* Whether this processor runs them. */
bool ct_encoder_available(void);
ct_encoder *ct_encoder_new(int64_t heads);
void ct_encoder_free(ct_encoder *encoder);
/* One more layer. weights, biases: of query, key, value, attention's output, the perceptron's two layers (GELU between them), and the norms
   after attention and perceptron. Inputs must be even, outputs multiples of 32. split_attention: the weights of query, key and value
   as two bfloat16 numbers each. */
ct_status ct_encoder_add(ct_encoder *encoder, ct_tensor *const *weights, ct_tensor *const *biases, double attention_epsilon, double output_epsilon, bool split_attention);
/* embeddings: (tokens, hidden); row_starts: (rows + 1) int32. out: what comes of the first `layers` layers, float32. */
ct_status ct_encoder_forward(ct_encoder *encoder, const ct_tensor *embeddings, const ct_tensor *row_starts, int64_t layers, ct_tensor **out);

#ifdef __cplusplus
}
#endif
#endif
