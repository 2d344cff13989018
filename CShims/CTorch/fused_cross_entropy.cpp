// The loss of a language model's head without its logits: a chunk of rows at a time, gradients in the same pass.
#include "fused.h"

namespace ct {

at::ScalarType compute_type(const at::Tensor &x);

// Σ of the rows' losses. The gradient to the hidden rows is computed while their logits exist, and waits, like the weight's.
struct LinearCrossEntropy : Function<LinearCrossEntropy> {
  static constexpr int64_t kChunkBytes = 32 << 20;  // of logits

  // Losses (n), and where defined dhidden (n, width) and dweight (classes, width, float32) for Σ losses.
  static at::Tensor losses(const at::Tensor &hidden, const at::Tensor &weight, const at::Tensor &targets, const at::Tensor &dhidden, const at::Tensor &dweight) {
    int64_t n = hidden.size(0), classes = weight.size(0);
    int64_t most = std::max<int64_t>(32, kChunkBytes / (classes * hidden.element_size())), chunks = (n + most - 1) / most;
    // Chunks of equal size, a multiple of 32: products of few different shapes.
    int64_t size = chunks ? ((n + chunks - 1) / chunks + 31) / 32 * 32 : 0;
    auto out = at::empty({n}, hidden.options().dtype(at::kFloat)), logits = at::empty({std::min(n, size), classes}, hidden.options());
    bool gradient = dhidden.defined() || dweight.defined();
    auto &k = kernels(half(hidden));
    for (int64_t i = 0; i < n; i += size) {
      int64_t count = std::min(size, n - i);
      auto h = hidden.narrow(0, i, count), scores = logits.narrow(0, 0, count);
      at::mm_out(scores, h, weight.t());
      parallel(count, 4, [&](int, int64_t begin, int64_t end) {
        k.cross_entropy(scores.data_ptr(), targets.data_ptr<int64_t>() + i, out.data_ptr<float>() + i, gradient, classes, begin, end);
      });
      if (dhidden.defined()) {
        auto part = dhidden.narrow(0, i, count);
        at::mm_out(part, scores, weight);
      }
      if (!dweight.defined()) continue;
      if (hidden.scalar_type() == at::kFloat) dweight.addmm_(scores.t(), h);
      else dweight.add_(at::mm(scores.t(), h));
    }
    return out;
  }

  static void check(const at::Tensor &hidden, const at::Tensor &weight, const at::Tensor &targets) {
    TORCH_CHECK(hidden.dim() == 2 && weight.dim() == 2 && hidden.size(1) == weight.size(1), "hidden rows of ", hidden.sizes(), " and a head of ", weight.sizes());
    TORCH_CHECK(targets.dim() == 1 && targets.size(0) == hidden.size(0) && targets.scalar_type() == at::kLong && targets.is_contiguous() && targets.is_cpu(),
                "targets of ", targets.sizes(), " (", targets.scalar_type(), ") for ", hidden.size(0), " rows: expected as many int64");
    for (int64_t i = 0; i < targets.size(0); ++i) {
      auto target = targets.data_ptr<int64_t>()[i];
      TORCH_CHECK(target >= 0 && target < weight.size(0), "target ", target, " of row ", i, " is not one of ", weight.size(0), " classes");
    }
  }

  static at::Tensor forward(AutogradContext *context, const at::Tensor &hidden, const at::Tensor &weight, const at::Tensor &targets,
                            at::ScalarType dtype, bool to_hidden, bool to_weight) {
    auto h = hidden.to(dtype).contiguous(), w = weight.to(dtype).contiguous();
    auto dhidden = to_hidden ? at::empty_like(h) : at::Tensor();
    auto dweight = to_weight ? at::zeros(w.sizes(), w.options().dtype(at::kFloat)) : at::Tensor();
    auto each = losses(h, w, targets, dhidden, dweight);
    double total = 0;
    for (int64_t i = 0; i < each.size(0); ++i) total += static_cast<double>(each.data_ptr<float>()[i]);
    if (to_hidden || to_weight) {
      context->save_for_backward({dhidden, dweight});
      context->saved_data["hidden"] = static_cast<int64_t>(hidden.scalar_type());
      context->saved_data["weight"] = static_cast<int64_t>(weight.scalar_type());
    }
    return at::full({}, total, each.options());
  }
  static variable_list backward(AutogradContext *context, variable_list gradients) {
    auto saved = context->get_saved_variables();
    auto scaled = [&](size_t i, const char *type) {
      return saved[i].defined() ? (saved[i] * gradients[0]).to(static_cast<at::ScalarType>(context->saved_data[type].toInt())) : at::Tensor();
    };
    return {scaled(0, "hidden"), scaled(1, "weight"), {}, {}, {}, {}};
  }
};

}  // namespace ct

using namespace ct;

ct_status ct_fused_linear_cross_entropy(const ct_tensor *hidden, const ct_tensor *weight, const ct_tensor *targets, ct_tensor **out) {
  return result(out, [&] {
    auto &h = borrow(hidden), &w = borrow(weight), &t = borrow(targets);
    half(h);
    half(w);
    LinearCrossEntropy::check(h, w, t);
    return LinearCrossEntropy::apply(h, w, t, compute_type(h), recording(h), recording(w));
  });
}
ct_status ct_fused_token_log_probabilities(const ct_tensor *hidden, const ct_tensor *weight, const ct_tensor *targets, ct_tensor **out) {
  return result(out, [&] {
    at::NoGradGuard none;
    auto &h = borrow(hidden), &w = borrow(weight), &t = borrow(targets);
    half(h);
    half(w);
    LinearCrossEntropy::check(h, w, t);
    auto dtype = compute_type(h);
    return LinearCrossEntropy::losses(h.to(dtype).contiguous(), w.to(dtype).contiguous(), t, {}, {}).neg_();
  });
}
