// Causal attention over packed rows as an autograd function.
#include "fused.h"

#include <vector>

namespace ct {

// Pieces go one by one, the heaviest first, to whichever thread is free: rows differ in length and causal blocks in depth.
// Each piece writes its own part of the result, so who takes it does not matter.
template <class Piece, class Cost, class Body>
static void share_out(std::vector<Piece> &pieces, const Cost &cost, const Body &body) {
  std::stable_sort(pieces.begin(), pieces.end(), [&](const Piece &a, const Piece &b) { return cost(a) > cost(b); });
  std::atomic<size_t> next{0};
  parallel(std::min<int64_t>(at::get_num_threads(), static_cast<int64_t>(pieces.size())), 1, [&](int, int64_t, int64_t) {
    for (size_t i; (i = next.fetch_add(1, std::memory_order_relaxed)) < pieces.size();) body(pieces[i]);
  });
}

struct CausalAttention : Function<CausalAttention> {
  static constexpr int64_t kBlock = 256;  // queries of a forward piece, and queries or keys of a long row's backward piece
  static constexpr int64_t kShort = 512;  // rows up to here go backward in one piece a head, which computes scores only once

  static Causal describe(const at::Tensor &qkv, const at::Tensor &starts, int64_t heads, int64_t key_heads, int64_t window, double scale) {
    return {starts.data_ptr<int32_t>(), qkv.size(0), heads, key_heads, qkv.size(1) / (heads + 2 * key_heads), window, static_cast<float>(scale)};
  }

  static at::Tensor forward(AutogradContext *context, const at::Tensor &input, const at::Tensor &starts, int64_t heads, int64_t key_heads,
                            int64_t window, double scale, bool keeps) {
    auto qkv = input.contiguous();
    bool bf16 = half(qkv);
    TORCH_CHECK(heads > 0 && key_heads > 0 && heads % key_heads == 0, heads, " query heads cannot share ", key_heads, " key heads");
    TORCH_CHECK(qkv.dim() == 2 && qkv.size(1) % (heads + 2 * key_heads) == 0, "expected (tokens, (heads + 2 x key heads) x width), found ", qkv.sizes(),
                " for ", heads, " and ", key_heads, " heads");
    TORCH_CHECK(window > 0, "a window of ", window, " tokens");
    TORCH_CHECK(starts.is_cpu() && starts.scalar_type() == at::kInt && starts.is_contiguous() && starts.numel() >= 1, "row starts must be int32 on the CPU");
    window = std::min<int64_t>(window, 1 << 30);
    auto at = describe(qkv, starts, heads, key_heads, window, scale);
    int64_t rows = starts.numel() - 1;
    for (int64_t r = 0; r < rows; ++r) TORCH_CHECK(at.starts[r] <= at.starts[r + 1], "row starts must not decrease");
    TORCH_CHECK(at.starts[0] == 0 && at.starts[rows] == at.tokens, "row starts cover ", at.starts[rows], " of ", at.tokens, " tokens");
    auto out = at::empty({at.tokens, heads * at.width}, qkv.options());
    auto lse = keeps ? at::empty({heads, at.tokens}, qkv.options().dtype(at::kFloat)) : at::Tensor();
    std::vector<CausalQueries> pieces;
    for (int64_t r = 0; r < rows; ++r)
      for (int64_t h = 0, L = at.starts[r + 1] - at.starts[r]; h < heads; ++h)
        for (int64_t i = 0; i < L; i += kBlock) pieces.push_back({r, h, i, std::min(L, i + kBlock)});
    auto &k = kernels(bf16);
    share_out(pieces, [&](auto &p) { return (p.end - p.begin) * std::min(p.end, at.window + kBlock); },
              [&](auto &p) { k.causal_attention(qkv.data_ptr(), out.data_ptr(), keeps ? lse.data_ptr<float>() : nullptr, at, p); });
    if (keeps) {
      context->save_for_backward({qkv, starts, out, lse});
      context->saved_data["heads"] = heads;
      context->saved_data["key_heads"] = key_heads;
      context->saved_data["window"] = window;
      context->saved_data["scale"] = scale;
    }
    return out;
  }

  static variable_list backward(AutogradContext *context, variable_list gradients) {
    auto saved = context->get_saved_variables();
    auto &qkv = saved[0], &starts = saved[1], &out = saved[2], &lse = saved[3];
    auto dout = gradients[0].to(qkv.scalar_type()).contiguous(), dqkv = at::empty_like(qkv);
    auto integer = [&](const char *name) { return context->saved_data[name].toInt(); };
    auto at = describe(qkv, starts, integer("heads"), integer("key_heads"), integer("window"), context->saved_data["scale"].toDouble());
    std::vector<CausalBlock> pieces;
    for (int64_t r = 0; r < starts.numel() - 1; ++r)
      for (int64_t h = 0, L = at.starts[r + 1] - at.starts[r]; h < at.key_heads; ++h) {
        if (L > 0 && L <= kShort) pieces.push_back({r, h, 0, L, 0, L, true, true});
        for (int64_t i = 0; L > kShort && i < L; i += kBlock) {
          int64_t end = std::min(L, i + kBlock), oldest = std::max<int64_t>(0, i - at.window + 1) / 32 * 32;
          pieces.push_back({r, h, i, std::min(L, end - 1 + at.window), i, end, false, true});
          pieces.push_back({r, h, i, end, oldest, end, true, false});
        }
      }
    auto &k = kernels(half(qkv));
    share_out(pieces, [](auto &p) { return (p.query_end - p.query_begin) * (p.key_end - p.key_begin); },
              [&](auto &p) { k.causal_attention_backward(qkv.data_ptr(), out.data_ptr(), dout.data_ptr(), lse.data_ptr<float>(), dqkv.data_ptr(), at, p); });
    return {dqkv, {}, {}, {}, {}, {}, {}};
  }
};

}  // namespace ct

using namespace ct;

ct_status ct_fused_causal_attention(const ct_tensor *qkv, const ct_tensor *row_starts, int64_t heads, int64_t key_heads, int64_t window, double scale,
                                    ct_tensor **out) {
  return result(out, [&] {
    return CausalAttention::apply(borrow(qkv), borrow(row_starts), heads, key_heads, window, scale, recording(borrow(qkv)));
  });
}
