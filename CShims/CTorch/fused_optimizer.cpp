// One AdamW step over all parameters as one pass: every float is read and written once, whatever their number.
#include "support.h"

#include "kernels.h"
#include "parallel.h"

#include <cmath>
#include <vector>

namespace ct {

// Pieces of about equal size, so that threads share large and small tensors alike.
struct Piece { size_t tensor; int64_t begin, end; };

static std::vector<Piece> pieces(at::TensorList tensors) {
  constexpr int64_t size = 1 << 16;
  std::vector<Piece> all;
  for (size_t t = 0; t < tensors.size(); ++t)
    for (int64_t i = 0; i < tensors[t].numel(); i += size) all.push_back({t, i, std::min(i + size, tensors[t].numel())});
  return all;
}

static void require_plain(at::TensorList tensors, const char *what) {
  for (auto &t : tensors)
    TORCH_CHECK(t.is_cpu() && t.scalar_type() == at::kFloat && t.is_contiguous(), "the fused step takes contiguous float32 ", what, " on the CPU, found ",
                t.scalar_type(), " on ", t.device());
}

}  // namespace ct

using namespace ct;

ct_status ct_fused_norm(ct_tensor *const *tensors, size_t count, double *out) {
  return guard([&] {
    auto all = list(tensors, count);
    require_plain(all, "gradients");
    auto work = pieces(all);
    std::vector<double> sums(work.size());  // one a piece, added in order: the same result for every number of threads
    auto &k = kernels(false);
    parallel(static_cast<int64_t>(work.size()), 1, [&](int, int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        auto &p = work[static_cast<size_t>(i)];
        sums[static_cast<size_t>(i)] = k.sum_of_squares(all[p.tensor].data_ptr<float>(), p.begin, p.end);
      }
    });
    double total = 0;
    for (double sum : sums) total += sum;
    *out = std::sqrt(total);
  });
}

ct_status ct_fused_adamw_step(ct_tensor *const *parameters, ct_tensor *const *gradients, ct_tensor *const *first_moments,
                              ct_tensor *const *second_moments, const double *decays, size_t count, double gradient_scale, int64_t step,
                              double learning_rate, double beta1, double beta2, double epsilon) {
  return guard([&] {
    auto p = list(parameters, count), g = list(gradients, count), m = list(first_moments, count), v = list(second_moments, count);
    require_plain(p, "parameters");
    require_plain(g, "gradients");
    require_plain(m, "first moments");
    require_plain(v, "second moments");
    for (size_t i = 0; i < count; ++i)
      TORCH_CHECK(g[i].numel() == p[i].numel() && m[i].numel() == p[i].numel() && v[i].numel() == p[i].numel(), "parameter ", i, " has ", p[i].numel(),
                  " elements; its gradient ", g[i].numel(), ", moments ", m[i].numel(), " and ", v[i].numel());
    TORCH_CHECK(step >= 1, "steps count from 1, found ", step);
    double correction1 = 1 - std::pow(beta1, step), correction2 = std::sqrt(1 - std::pow(beta2, step));
    auto work = pieces(p);
    auto &k = kernels(false);
    parallel(static_cast<int64_t>(work.size()), 1, [&](int, int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        auto &piece = work[static_cast<size_t>(i)];
        auto t = piece.tensor;
        AdamW rule{static_cast<float>(gradient_scale), static_cast<float>(1 - learning_rate * decays[t]), static_cast<float>(beta1), static_cast<float>(1 - beta1),
                   static_cast<float>(beta2), static_cast<float>(1 - beta2), static_cast<float>(learning_rate / correction1), static_cast<float>(1 / correction2),
                   static_cast<float>(epsilon)};
        k.adamw(p[t].data_ptr<float>(), g[t].data_ptr<float>(), m[t].data_ptr<float>(), v[t].data_ptr<float>(), rule, piece.begin, piece.end);
      }
    });
    // Autograd must see that values changed, as it does for in-place operations.
    for (auto list : {p, m, v})
      for (auto &t : list) t.unsafeGetTensorImpl()->bump_version();
  });
}
