// The fused operations as autograd functions over the kernels: CPU tensors in float32 or bfloat16.
#include "support.h"

#include "kernels.h"

#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include <dlfcn.h>

namespace ct {

const Kernels &kernels(bool bf16) {
#if defined(__x86_64__)
  static const bool wide = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
                           __builtin_cpu_supports("avx512vl");
  static const bool middle = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  if (wide) return bf16 ? avx512::bfloat16 : avx512::float32;
  if (middle) return bf16 ? avx2::bfloat16 : avx2::float32;
#endif
  return bf16 ? baseline::bfloat16 : baseline::float32;
}

// Splits [0, count) over libtorch's own OpenMP pool: a second pool would fight it for the cores. The runtime is found by
// name because its file is called differently in each distribution; without it the work runs on this thread.
template <class Body>
static void parallel(int64_t count, int64_t grain, const Body &body) {
  using Parallel = void (*)(void (*)(void *), void *, unsigned, unsigned);
  static const auto start = reinterpret_cast<Parallel>(dlsym(RTLD_DEFAULT, "GOMP_parallel"));
  static const auto self = reinterpret_cast<int (*)()>(dlsym(RTLD_DEFAULT, "omp_get_thread_num"));
  int64_t threads = std::min<int64_t>(at::get_num_threads(), (count + grain - 1) / std::max<int64_t>(grain, 1));
  if (threads <= 1 || !start || !self) {
    if (count > 0) body(0, int64_t{0}, count);
    return;
  }
  struct Share { const Body &body; int64_t count, threads; } share{body, count, threads};
  start([](void *data) {
    auto &share = *static_cast<Share *>(data);
    int64_t t = self(), size = (share.count + share.threads - 1) / share.threads;
    int64_t begin = t * size, end = std::min(share.count, begin + size);
    if (begin < end) share.body(static_cast<int>(t), begin, end);
  }, &share, static_cast<unsigned>(threads), 0);
}

static Mask make_mask(double p, int64_t seed) {
  if (p <= 0) return {0, 0, 0, 1.0f};
  TORCH_CHECK(p < 1, "dropout probability ", p, ": expected one below 1");
  auto threshold = static_cast<uint32_t>(p * 4294967296.0);
  auto bits = static_cast<uint64_t>(seed);
  return {static_cast<uint32_t>(bits), static_cast<uint32_t>(bits >> 32), threshold, static_cast<float>(4294967296.0 / (4294967296.0 - threshold))};
}

static bool half(const at::Tensor &t) {
  TORCH_CHECK(t.is_cpu() && (t.scalar_type() == at::kFloat || t.scalar_type() == at::kBFloat16),
              "fused kernels take float32 or bfloat16 on the CPU, found ", t.scalar_type(), " on ", t.device());
  return t.scalar_type() == at::kBFloat16;
}

using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::variable_list;

struct Gelu : Function<Gelu> {
  static at::Tensor forward(AutogradContext *context, const at::Tensor &input) {
    auto x = input.contiguous(), y = at::empty_like(x);
    auto &k = kernels(half(x));
    parallel(x.numel(), 16384, [&](int, int64_t begin, int64_t end) { k.gelu(x.data_ptr(), y.data_ptr(), begin, end); });
    context->save_for_backward({x});
    return y;
  }
  static variable_list backward(AutogradContext *context, variable_list gradients) {
    auto x = context->get_saved_variables()[0];
    auto dy = gradients[0].contiguous(), dx = at::empty_like(x);
    auto &k = kernels(half(x));
    parallel(x.numel(), 16384, [&](int, int64_t begin, int64_t end) { k.gelu_backward(x.data_ptr(), dy.data_ptr(), dx.data_ptr(), begin, end); });
    return {dx};
  }
};

struct Dropout : Function<Dropout> {
  static at::Tensor run(const at::Tensor &input, double p, int64_t seed) {
    auto x = input.contiguous(), y = at::empty_like(x);
    auto mask = make_mask(p, seed);
    auto &k = kernels(half(x));
    parallel(x.numel(), 16384, [&](int, int64_t begin, int64_t end) { k.dropout(x.data_ptr(), y.data_ptr(), mask, begin, end); });
    return y;
  }
  static at::Tensor forward(AutogradContext *context, const at::Tensor &input, double p, int64_t seed) {
    context->saved_data["p"] = p;
    context->saved_data["seed"] = seed;
    return run(input, p, seed);
  }
  static variable_list backward(AutogradContext *context, variable_list gradients) {
    return {run(gradients[0], context->saved_data["p"].toDouble(), context->saved_data["seed"].toInt()), {}, {}};
  }
};

struct AddNorm : Function<AddNorm> {
  static at::Tensor forward(AutogradContext *context, const at::Tensor &input, const std::optional<at::Tensor> &residual_input,
                            const at::Tensor &weight, const at::Tensor &bias, double epsilon, double p, int64_t seed) {
    auto x = input.contiguous();
    bool bf16 = half(x);
    auto residual = residual_input ? residual_input->to(x.scalar_type()).contiguous() : at::Tensor();
    TORCH_CHECK(!residual.defined() || residual.sizes() == x.sizes(), "residual of shape ", residual.sizes(), " added to ", x.sizes());
    int64_t width = x.size(-1), rows = x.numel() / width;
    TORCH_CHECK(weight.scalar_type() == at::kFloat && weight.numel() == width && bias.numel() == width, "norm of width ", weight.numel(),
                " (", weight.scalar_type(), ") on rows of ", width);
    auto y = at::empty_like(x), normalised = at::empty_like(x), inverse = at::empty({rows}, x.options().dtype(at::kFloat));
    auto mask = make_mask(p, seed);
    auto &k = kernels(bf16);
    parallel(rows, std::max<int64_t>(1, 16384 / width), [&](int, int64_t begin, int64_t end) {
      k.add_norm(x.data_ptr(), residual.defined() ? residual.data_ptr() : nullptr, weight.data_ptr<float>(), bias.data_ptr<float>(), y.data_ptr(),
                 normalised.data_ptr(), inverse.data_ptr<float>(), mask, static_cast<float>(epsilon), width, begin, end);
    });
    context->save_for_backward({normalised, inverse, weight});
    context->saved_data["p"] = p;
    context->saved_data["seed"] = seed;
    context->saved_data["residual"] = residual.defined() ? static_cast<int64_t>(residual_input->scalar_type()) : int64_t{-1};
    return y;
  }
  static variable_list backward(AutogradContext *context, variable_list gradients) {
    auto saved = context->get_saved_variables();
    auto &normalised = saved[0], &inverse = saved[1], &weight = saved[2];
    auto dy = gradients[0].to(normalised.scalar_type()).contiguous();
    auto mask = make_mask(context->saved_data["p"].toDouble(), context->saved_data["seed"].toInt());
    int64_t residual_type = context->saved_data["residual"].toInt();
    int64_t width = normalised.size(-1), rows = normalised.numel() / width;
    auto dx = at::empty_like(normalised);
    // Without dropout both gradients are the same tensor.
    auto dresidual = residual_type < 0 ? at::Tensor() : (mask.threshold ? at::empty_like(normalised) : dx);
    auto threads = at::get_num_threads();
    auto parts = at::zeros({threads, 2, width}, weight.options());
    auto &k = kernels(half(normalised));
    parallel(rows, std::max<int64_t>(1, 16384 / width), [&](int thread, int64_t begin, int64_t end) {
      float *part = parts.data_ptr<float>() + thread * 2 * width;
      k.add_norm_backward(dy.data_ptr(), normalised.data_ptr(), inverse.data_ptr<float>(), weight.data_ptr<float>(), dx.data_ptr(),
                          dresidual.defined() ? dresidual.data_ptr() : nullptr, part, part + width, mask, width, begin, end);
    });
    auto sums = parts.sum(0);
    auto to_residual = dresidual.defined() ? dresidual.to(static_cast<at::ScalarType>(residual_type)) : at::Tensor();
    return {dx, to_residual, sums[0], sums[1], {}, {}, {}};
  }
};

struct PackedAttention : Function<PackedAttention> {
  static Packed describe(const at::Tensor &qkv, const at::Tensor &starts, int64_t heads) {
    return {starts.data_ptr<int32_t>(), starts.numel() - 1, qkv.size(0), heads, qkv.size(1) / (3 * heads)};
  }
  static at::Tensor forward(AutogradContext *context, const at::Tensor &input, const at::Tensor &starts, int64_t heads, double scale, double p,
                            int64_t seed) {
    auto qkv = input.contiguous();
    bool bf16 = half(qkv);
    TORCH_CHECK(qkv.dim() == 2 && qkv.size(1) % (3 * heads) == 0, "expected (tokens, 3 x heads x width), found ", qkv.sizes(), " for ", heads, " heads");
    TORCH_CHECK(starts.scalar_type() == at::kInt && starts.is_contiguous() && starts.numel() >= 1, "row starts must be int32");
    auto at = describe(qkv, starts, heads);
    for (int64_t r = 0; r < at.rows; ++r) TORCH_CHECK(at.starts[r] <= at.starts[r + 1], "row starts must not decrease");
    TORCH_CHECK(at.starts[0] == 0 && at.starts[at.rows] == at.tokens, "row starts cover ", at.starts[at.rows], " of ", at.tokens, " tokens");
    auto out = at::empty({qkv.size(0), qkv.size(1) / 3}, qkv.options());
    auto lse = at::empty({heads, qkv.size(0)}, qkv.options().dtype(at::kFloat));
    auto mask = make_mask(p, seed);
    auto &k = kernels(bf16);
    parallel(at.rows * heads, 1, [&](int, int64_t begin, int64_t end) {
      k.attention(qkv.data_ptr(), out.data_ptr(), lse.data_ptr<float>(), at, static_cast<float>(scale), mask, begin, end);
    });
    context->save_for_backward({qkv, starts, out, lse});
    context->saved_data["heads"] = heads;
    context->saved_data["scale"] = scale;
    context->saved_data["p"] = p;
    context->saved_data["seed"] = seed;
    return out;
  }
  static variable_list backward(AutogradContext *context, variable_list gradients) {
    auto saved = context->get_saved_variables();
    auto &qkv = saved[0], &starts = saved[1], &out = saved[2], &lse = saved[3];
    auto dout = gradients[0].to(qkv.scalar_type()).contiguous();
    auto dqkv = at::empty_like(qkv);
    auto at = describe(qkv, starts, context->saved_data["heads"].toInt());
    auto mask = make_mask(context->saved_data["p"].toDouble(), context->saved_data["seed"].toInt());
    auto scale = static_cast<float>(context->saved_data["scale"].toDouble());
    auto &k = kernels(half(qkv));
    parallel(at.rows * at.heads, 1, [&](int, int64_t begin, int64_t end) {
      k.attention_backward(qkv.data_ptr(), out.data_ptr(), dout.data_ptr(), lse.data_ptr<float>(), dqkv.data_ptr(), at, scale, mask, begin, end);
    });
    return {dqkv, {}, {}, {}, {}, {}};
  }
};

}  // namespace ct

using namespace ct;

ct_status ct_fused_gelu(const ct_tensor *input, ct_tensor **out) {
  return result(out, [&] { return Gelu::apply(borrow(input)); });
}
ct_status ct_fused_dropout(const ct_tensor *input, double p, uint64_t seed, ct_tensor **out) {
  return result(out, [&] { return Dropout::apply(borrow(input), p, static_cast<int64_t>(seed)); });
}
ct_status ct_fused_add_norm(const ct_tensor *input, const ct_tensor *residual, const ct_tensor *weight, const ct_tensor *bias, double epsilon,
                            double p, uint64_t seed, ct_tensor **out) {
  return result(out, [&] {
    return AddNorm::apply(borrow(input), maybe(residual), borrow(weight), borrow(bias), epsilon, p, static_cast<int64_t>(seed));
  });
}
ct_status ct_fused_packed_attention(const ct_tensor *qkv, const ct_tensor *row_starts, int64_t heads, double scale, double p, uint64_t seed,
                                    ct_tensor **out) {
  return result(out, [&] {
    return PackedAttention::apply(borrow(qkv), borrow(row_starts), heads, scale, p, static_cast<int64_t>(seed));
  });
}
