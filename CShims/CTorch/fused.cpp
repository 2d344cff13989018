// The fused operations as autograd functions over the kernels: CPU tensors in float32 or bfloat16.
#include "fused.h"

#include <cmath>

namespace ct {

Mask make_mask(double p, int64_t seed) {
  if (p <= 0) return {0, 0, 0, 1.0f};
  TORCH_CHECK(p < 1, "dropout probability ", p, ": expected one below 1");
  auto threshold = std::max<uint32_t>(1, static_cast<uint32_t>(std::lround(p * 65536)));
  TORCH_CHECK(threshold < 65536, "dropout probability ", p, ": keeps nothing");
  // Neighbouring seeds must not give neighbouring masks: one round of SplitMix64.
  auto bits = static_cast<uint64_t>(seed) + 0x9e3779b97f4a7c15u;
  bits = (bits ^ (bits >> 30)) * 0xbf58476d1ce4e5b9u;
  bits = (bits ^ (bits >> 27)) * 0x94d049bb133111ebu;
  bits ^= bits >> 31;
  return {static_cast<uint32_t>(bits), static_cast<uint32_t>(bits >> 32), threshold, static_cast<float>(65536.0 / (65536 - threshold))};
}

struct Gelu : Function<Gelu> {
  static at::Tensor forward(AutogradContext *context, const at::Tensor &input, bool keeps) {
    auto x = input.contiguous(), y = at::empty_like(x), slope = keeps ? at::empty_like(x) : at::Tensor();
    auto &k = kernels(half(x));
    parallel(x.numel(), 16384, [&](int, int64_t begin, int64_t end) {
      k.gelu(x.data_ptr(), y.data_ptr(), keeps ? slope.data_ptr() : nullptr, begin, end);
    });
    if (keeps) context->save_for_backward({slope});
    return y;
  }
  static variable_list backward(AutogradContext *context, variable_list gradients) {
    auto slope = context->get_saved_variables()[0];
    auto dy = gradients[0].to(slope.scalar_type()).contiguous(), dx = at::empty_like(slope);
    auto &k = kernels(half(slope));
    parallel(dx.numel(), 65536, [&](int, int64_t begin, int64_t end) { k.multiply(dy.data_ptr(), slope.data_ptr(), dx.data_ptr(), begin, end); });
    return {dx, {}};
  }
};

struct Dropout : Function<Dropout> {
  static at::Tensor run(const at::Tensor &input, double p, int64_t seed) {
    auto x = input.contiguous(), y = at::empty_like(x);
    if (!x.numel()) return y;
    auto mask = make_mask(p, seed);
    int64_t width = x.dim() ? x.size(-1) : 1;
    auto &k = kernels(half(x));
    parallel(x.numel() / width, std::max<int64_t>(1, 16384 / width),
             [&](int, int64_t begin, int64_t end) { k.dropout(x.data_ptr(), y.data_ptr(), mask, width, begin, end); });
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
                            const at::Tensor &weight, const at::Tensor &bias, double epsilon, double p, int64_t seed, bool keeps) {
    auto x = input.contiguous();
    bool bf16 = half(x);
    auto residual = residual_input ? residual_input->to(x.scalar_type()).contiguous() : at::Tensor();
    TORCH_CHECK(!residual.defined() || residual.sizes() == x.sizes(), "residual of shape ", residual.sizes(), " added to ", x.sizes());
    int64_t width = x.size(-1), rows = x.numel() / width;
    TORCH_CHECK(weight.scalar_type() == at::kFloat && weight.numel() == width && bias.numel() == width, "norm of width ", weight.numel(),
                " (", weight.scalar_type(), ") on rows of ", width);
    auto y = at::empty_like(x), normalised = keeps ? at::empty_like(x) : at::Tensor(), inverse = at::empty({rows}, x.options().dtype(at::kFloat));
    auto mask = make_mask(p, seed);
    auto &k = kernels(bf16);
    parallel(rows, std::max<int64_t>(1, 16384 / width), [&](int, int64_t begin, int64_t end) {
      k.add_norm(x.data_ptr(), residual.defined() ? residual.data_ptr() : nullptr, weight.data_ptr<float>(), bias.data_ptr<float>(), y.data_ptr(),
                 keeps ? normalised.data_ptr() : nullptr, inverse.data_ptr<float>(), mask, static_cast<float>(epsilon), width, begin, end);
    });
    if (!keeps) return y;
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
    return {dx, to_residual, sums[0], sums[1], {}, {}, {}, {}};
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
  return result(out, [&] { return Gelu::apply(borrow(input), recording(borrow(input))); });
}
ct_status ct_fused_dropout(const ct_tensor *input, double p, uint64_t seed, ct_tensor **out) {
  return result(out, [&] { return Dropout::apply(borrow(input), p, static_cast<int64_t>(seed)); });
}
ct_status ct_fused_add_norm(const ct_tensor *input, const ct_tensor *residual, const ct_tensor *weight, const ct_tensor *bias, double epsilon,
                            double p, uint64_t seed, ct_tensor **out) {
  return result(out, [&] {
    auto x = borrow(input);
    bool keeps = recording(x) || recording(borrow(weight)) || recording(borrow(bias)) || (residual && recording(borrow(residual)));
    return AddNorm::apply(x, maybe(residual), borrow(weight), borrow(bias), epsilon, p, static_cast<int64_t>(seed), keeps);
  });
}
ct_status ct_fused_packed_attention(const ct_tensor *qkv, const ct_tensor *row_starts, int64_t heads, double scale, double p, uint64_t seed,
                                    ct_tensor **out) {
  return result(out, [&] {
    return PackedAttention::apply(borrow(qkv), borrow(row_starts), heads, scale, p, static_cast<int64_t>(seed));
  });
}
int32_t ct_kernel_level(void) { return static_cast<int32_t>(level()); }
bool ct_set_kernel_level(int32_t wanted) { return set_level(static_cast<Level>(wanted)); }
