// Low-rank updates of the linear layers that share an input, on CPU tensors. Included by fused_linear.cpp.
#pragma once

#include "fused.h"

#include <vector>

namespace ct {

/// One layer's update: its columns of the shared output, its columns of the hidden rows, and LoRA's settings.
struct Update {
  at::Tensor a, b;  // (rank, inputs), (outputs, rank): float32
  int64_t column = 0, hidden = 0;
  double scale = 1, dropout = 0;
  int64_t seed = 0;

  int64_t rank() const { return a.size(0); }
  LowRank part() const {
    return {a.data_ptr<float>(), b.data_ptr<float>(), a.size(0), a.size(1), b.size(0), static_cast<float>(scale), make_mask(dropout, seed)};
  }
};

constexpr int64_t kUpdateRows = 64;     // rows that are worth a thread
constexpr int64_t kUpdateColumns = 128; // columns of one piece of a gradient

/// y += every update of x; keeps the hidden rows (tokens, Σ rank) in `hidden` unless it is undefined.
inline void add_updates(const std::vector<Update> &updates, const at::Tensor &x, const at::Tensor &y, const at::Tensor &hidden) {
  auto &k = kernels(half(x));
  int64_t item = x.element_size(), ranks = hidden.defined() ? hidden.size(1) : 0;
  parallel(x.size(0), kUpdateRows, [&](int, int64_t begin, int64_t end) {
    for (auto &u : updates)
      k.low_rank(x.data_ptr(), static_cast<char *>(y.data_ptr()) + u.column * item, y.size(1),
                 hidden.defined() ? hidden.data_ptr<float>() + u.hidden : nullptr, ranks, u.part(), begin, end);
  });
}

/// The gradients to each A and B, as (a, b) pairs; adds to dx unless it is undefined. Each piece of a gradient is summed over all
/// tokens by one thread, so that it does not depend on their number.
inline std::vector<std::pair<at::Tensor, at::Tensor>> update_gradients(const std::vector<Update> &updates, const at::Tensor &x, const at::Tensor &dy,
                                                                       const at::Tensor &hidden, const at::Tensor &dx) {
  auto &k = kernels(half(x));
  int64_t item = x.element_size(), tokens = x.size(0), inputs = x.size(1), ranks = hidden.size(1);
  auto dhidden = at::empty_like(hidden);
  auto columns = [&](const Update &u) { return static_cast<char *>(dy.data_ptr()) + u.column * item; };
  parallel(tokens, kUpdateRows, [&](int, int64_t begin, int64_t end) {
    for (auto &u : updates)
      k.low_rank_backward(columns(u), dy.size(1), dhidden.data_ptr<float>() + u.hidden, ranks, dx.defined() ? dx.data_ptr() : nullptr, u.part(), begin, end);
  });
  std::vector<std::pair<at::Tensor, at::Tensor>> gradients;
  struct Piece { size_t update; bool of_a; int64_t begin, end; };
  std::vector<Piece> pieces;
  for (auto &u : updates) {
    size_t i = gradients.size();
    gradients.emplace_back(at::empty_like(u.a), at::empty_like(u.b));
    for (int64_t c = 0; c < inputs; c += kUpdateColumns) pieces.push_back({i, true, c, std::min(inputs, c + kUpdateColumns)});
    for (int64_t c = 0; c < u.b.size(0); c += kUpdateColumns) pieces.push_back({i, false, c, std::min(u.b.size(0), c + kUpdateColumns)});
  }
  parallel(static_cast<int64_t>(pieces.size()), 1, [&](int, int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      auto &p = pieces[static_cast<size_t>(i)];
      auto &u = updates[p.update];
      auto part = u.part();
      if (p.of_a)  // dA = dhᵀ drop(x)
        k.low_rank_gradient(dhidden.data_ptr<float>() + u.hidden, ranks, part.rank, x.data_ptr(), inputs, tokens, part.mask, 1.0f,
                            gradients[p.update].first.data_ptr<float>(), inputs, 1, p.begin, p.end);
      else  // dBᵀ = scale · hᵀ dy
        k.low_rank_gradient(hidden.data_ptr<float>() + u.hidden, ranks, part.rank, columns(u), dy.size(1), tokens, make_mask(0, 0), part.scale,
                            gradients[p.update].second.data_ptr<float>(), 1, part.rank, p.begin, p.end);
    }
  });
  return gradients;
}

}  // namespace ct
