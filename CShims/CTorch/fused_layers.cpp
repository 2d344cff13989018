// The element-wise parts of a LLaMA layer as autograd functions. What backward can recompute in passing is not kept.
#include "fused.h"

namespace ct {

static int64_t grain(int64_t width) { return std::max<int64_t>(1, 16384 / std::max<int64_t>(width, 1)); }

// (x + residual, rms_norm(x + residual)); without a residual the first result is not used.
struct RMSNorm : Function<RMSNorm> {
  static variable_list forward(AutogradContext *context, const at::Tensor &input, const std::optional<at::Tensor> &residual_input,
                               const at::Tensor &weight_input, double epsilon, bool keeps) {
    auto x = input.contiguous();
    bool bf16 = half(x);
    auto residual = residual_input ? residual_input->to(x.scalar_type()).contiguous() : at::Tensor();
    TORCH_CHECK(!residual.defined() || residual.sizes() == x.sizes(), "residual of shape ", residual.sizes(), " added to ", x.sizes());
    int64_t width = x.size(-1), rows = width ? x.numel() / width : 0;
    TORCH_CHECK(weight_input.numel() == width, "norm of width ", weight_input.numel(), " on rows of ", width);
    half(weight_input);
    auto weight = weight_input.to(at::kFloat).contiguous(), y = at::empty_like(x), sums = residual.defined() ? at::empty_like(x) : x;
    auto inverse = keeps ? at::empty({rows}, x.options().dtype(at::kFloat)) : at::Tensor();
    auto &k = kernels(bf16);
    parallel(rows, grain(width), [&](int, int64_t begin, int64_t end) {
      k.rms_norm(x.data_ptr(), residual.defined() ? residual.data_ptr() : nullptr, weight.data_ptr<float>(), sums.data_ptr(), y.data_ptr(),
                 keeps ? inverse.data_ptr<float>() : nullptr, static_cast<float>(epsilon), width, begin, end);
    });
    if (keeps) {
      context->set_materialize_grads(false);
      context->save_for_backward({sums, inverse, weight});
      context->saved_data["residual"] = residual.defined() ? static_cast<int64_t>(residual_input->scalar_type()) : int64_t{-1};
      context->saved_data["weight"] = weight_input.requires_grad();
    }
    if (residual.defined()) return {y, sums};
    return {y};
  }
  static variable_list backward(AutogradContext *context, variable_list gradients) {
    auto saved = context->get_saved_variables();
    auto &sums = saved[0], &inverse = saved[1], &weight = saved[2];
    int64_t residual_type = context->saved_data["residual"].toInt(), width = sums.size(-1), rows = inverse.numel();
    auto through = [&](at::Tensor &gradient) { return gradient.to(sums.scalar_type()).contiguous(); };
    auto dsum = gradients.size() > 1 && gradients[1].defined() ? through(gradients[1]) : at::Tensor();
    if (!gradients[0].defined()) {
      auto to_residual = dsum.defined() && residual_type >= 0 ? dsum.to(static_cast<at::ScalarType>(residual_type)) : at::Tensor();
      return {dsum, to_residual, {}, {}, {}};
    }
    auto dy = through(gradients[0]), dx = at::empty_like(sums);
    bool to_weight = context->saved_data["weight"].toBool();
    auto parts = to_weight ? at::zeros({shares(rows), width}, weight.options()) : at::Tensor();
    auto &k = kernels(half(sums));
    auto run = [&](float *part, int64_t begin, int64_t end) {
      k.rms_norm_backward(dy.data_ptr(), dsum.defined() ? dsum.data_ptr() : nullptr, sums.data_ptr(), inverse.data_ptr<float>(), weight.data_ptr<float>(),
                          dx.data_ptr(), part, width, begin, end);
    };
    if (to_weight)
      parallel(shares(rows), 1, [&](int, int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) run(parts.data_ptr<float>() + i * width, i * kShare, std::min(rows, (i + 1) * kShare));
      });
    else
      parallel(rows, grain(width), [&](int, int64_t begin, int64_t end) { run(nullptr, begin, end); });
    auto to_residual = residual_type >= 0 ? dx.to(static_cast<at::ScalarType>(residual_type)) : at::Tensor();
    return {dx, to_residual, to_weight ? parts.sum(0) : at::Tensor(), {}, {}};
  }
};

struct Rotate : Function<Rotate> {
  static at::Tensor run(const at::Tensor &input, const at::Tensor &cosines, const at::Tensor &sines, int64_t heads, int64_t width, float direction) {
    auto x = input.contiguous(), y = at::empty_like(x);
    auto &k = kernels(half(x));
    parallel(x.size(0), grain(x.size(1)), [&](int, int64_t begin, int64_t end) {
      k.rotate(x.data_ptr(), cosines.data_ptr<float>(), sines.data_ptr<float>(), y.data_ptr(), direction, heads, width, x.size(1), begin, end);
    });
    return y;
  }
  static at::Tensor forward(AutogradContext *context, const at::Tensor &x, const at::Tensor &cosines, const at::Tensor &sines, int64_t heads, int64_t width) {
    TORCH_CHECK(x.dim() == 2 && heads * width <= x.size(1) && width % 2 == 0, heads, " heads of ", width, " in rows of ", x.sizes());
    for (auto &t : {cosines, sines})
      TORCH_CHECK(t.scalar_type() == at::kFloat && t.is_contiguous() && t.dim() == 2 && t.size(0) == x.size(0) && t.size(1) == width / 2,
                  "cosines and sines must be contiguous float32 of (tokens, width / 2) = (", x.size(0), ", ", width / 2, "), found ", t.sizes());
    context->save_for_backward({cosines, sines});
    context->saved_data["heads"] = heads;
    context->saved_data["width"] = width;
    return run(x, cosines, sines, heads, width, 1.0f);
  }
  static variable_list backward(AutogradContext *context, variable_list gradients) {
    auto saved = context->get_saved_variables();
    auto heads = context->saved_data["heads"].toInt(), width = context->saved_data["width"].toInt();
    return {run(gradients[0], saved[0], saved[1], heads, width, -1.0f), {}, {}, {}, {}};
  }
};

struct SwiGLU : Function<SwiGLU> {
  static at::Tensor forward(AutogradContext *context, const at::Tensor &input, bool keeps) {
    auto x = input.contiguous();
    bool bf16 = half(x);
    TORCH_CHECK(x.dim() >= 1 && x.size(-1) % 2 == 0, "gate and up side by side, found ", x.sizes());
    auto shape = x.sizes().vec();
    int64_t width = shape.back() /= 2;
    auto y = at::empty(shape, x.options());
    auto &k = kernels(bf16);
    parallel(width ? y.numel() / width : 0, grain(width), [&](int, int64_t begin, int64_t end) { k.swiglu(x.data_ptr(), y.data_ptr(), width, begin, end); });
    if (keeps) context->save_for_backward({x});
    return y;
  }
  static variable_list backward(AutogradContext *context, variable_list gradients) {
    auto x = context->get_saved_variables()[0];
    auto dy = gradients[0].to(x.scalar_type()).contiguous(), dx = at::empty_like(x);
    int64_t width = x.size(-1) / 2;
    auto &k = kernels(half(x));
    parallel(width ? dy.numel() / width : 0, grain(width),
             [&](int, int64_t begin, int64_t end) { k.swiglu_backward(x.data_ptr(), dy.data_ptr(), dx.data_ptr(), width, begin, end); });
    return {dx, {}};
  }
};

}  // namespace ct

using namespace ct;

ct_status ct_fused_rms_norm(const ct_tensor *input, const ct_tensor *residual, const ct_tensor *weight, double epsilon, ct_tensor **sum, ct_tensor **out) {
  return guard([&] {
    auto &x = borrow(input), &w = borrow(weight);
    bool keeps = recording(x) || recording(w) || (residual && recording(borrow(residual)));
    auto results = RMSNorm::apply(x, maybe(residual), w, epsilon, keeps);
    if (residual) *sum = own(results[1]);
    *out = own(results[0]);
  });
}
ct_status ct_fused_rotate(const ct_tensor *input, const ct_tensor *cosines, const ct_tensor *sines, int64_t heads, int64_t width, ct_tensor **out) {
  return result(out, [&] { return Rotate::apply(borrow(input), borrow(cosines), borrow(sines), heads, width); });
}
ct_status ct_fused_swiglu(const ct_tensor *input, ct_tensor **out) {
  return result(out, [&] { return SwiGLU::apply(borrow(input), recording(borrow(input))); });
}
