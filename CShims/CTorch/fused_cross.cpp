// Attention of one packed batch to another as an autograd function.
#include "fused.h"

namespace ct {

struct CrossAttention : Function<CrossAttention> {
  static void check(const at::Tensor &starts, int64_t tokens, const char *what) {
    TORCH_CHECK(starts.is_cpu() && starts.scalar_type() == at::kInt && starts.is_contiguous() && starts.numel() >= 1, what, " starts must be int32 on the CPU");
    auto s = starts.data_ptr<int32_t>();
    int64_t rows = starts.numel() - 1;
    for (int64_t r = 0; r < rows; ++r) TORCH_CHECK(s[r] < s[r + 1], what, " starts must rise");
    TORCH_CHECK(s[0] == 0 && s[rows] == tokens, what, " starts cover ", s[rows], " of ", tokens, " tokens");
  }

  static Cross describe(const at::Tensor &queries, const at::Tensor &memory, const at::Tensor &query_starts, const at::Tensor &key_starts,
                        const at::Tensor &bias, int64_t heads, bool causal, double scale) {
    bool biased = bias.defined();
    return {query_starts.data_ptr<int32_t>(), key_starts.data_ptr<int32_t>(), query_starts.numel() - 1, queries.size(0), memory.size(0), heads,
            queries.size(1) / heads, queries.stride(0), memory.stride(0), biased ? bias.data_ptr<float>() : nullptr, biased ? (bias.size(1) + 1) / 2 : 0,
            causal, static_cast<float>(scale)};
  }

  // Columns of a wider tensor are read where they are.
  static at::Tensor rows(const at::Tensor &t) { return t.stride(1) == 1 ? t : t.contiguous(); }

  static at::Tensor forward(AutogradContext *context, const at::Tensor &query_input, const at::Tensor &memory_input, const at::Tensor &query_starts,
                            const at::Tensor &key_starts, const std::optional<at::Tensor> &bias_input, int64_t heads, bool causal, double scale, double p,
                            int64_t seed, bool keeps) {
    auto queries = rows(query_input), memory = rows(memory_input), bias = bias_input ? bias_input->contiguous() : at::Tensor();
    bool bf16 = half(queries);
    TORCH_CHECK(memory.scalar_type() == queries.scalar_type(), "queries are ", queries.scalar_type(), ", keys ", memory.scalar_type());
    TORCH_CHECK(queries.dim() == 2 && memory.dim() == 2 && queries.size(1) % heads == 0 && memory.size(1) == 2 * queries.size(1),
                "expected (queries, heads x width) and (keys, 2 x heads x width), found ", queries.sizes(), " and ", memory.sizes(), " for ", heads, " heads");
    TORCH_CHECK(query_starts.numel() == key_starts.numel(), query_starts.numel() - 1, " rows of queries for ", key_starts.numel() - 1, " of keys");
    check(query_starts, queries.size(0), "query");
    check(key_starts, memory.size(0), "key");
    auto at = describe(queries, memory, query_starts, key_starts, bias, heads, causal, scale);
    if (bias.defined()) {
      TORCH_CHECK(bias.scalar_type() == at::kFloat && bias.dim() == 2 && bias.size(0) == heads && bias.size(1) % 2 == 1,
                  "expected a float32 bias (heads, 2 x limit - 1), found ", bias.scalar_type(), " ", bias.sizes());
      for (int64_t r = 0; r < at.rows; ++r)
        TORCH_CHECK(at.query_starts[r + 1] - at.query_starts[r] <= at.limit && at.key_starts[r + 1] - at.key_starts[r] <= at.limit, "row ", r,
                    " is longer than the ", at.limit, " positions of the bias");
    }
    auto out = at::empty({at.queries, heads * at.width}, queries.options());
    auto lse = keeps ? at::empty({heads, at.queries}, queries.options().dtype(at::kFloat)) : at::Tensor();
    auto mask = make_mask(p, seed);
    auto &k = kernels(bf16);
    parallel(at.rows * heads, 1, [&](int, int64_t begin, int64_t end) {
      k.cross_attention(queries.data_ptr(), memory.data_ptr(), out.data_ptr(), keeps ? lse.data_ptr<float>() : nullptr, at, mask, begin, end);
    });
    if (keeps) {
      context->save_for_backward({queries, memory, query_starts, key_starts, bias, out, lse});
      context->saved_data["heads"] = heads;
      context->saved_data["causal"] = causal;
      context->saved_data["scale"] = scale;
      context->saved_data["p"] = p;
      context->saved_data["seed"] = seed;
      context->saved_data["to_bias"] = bias_input && bias_input->requires_grad();
    }
    return out;
  }

  static variable_list backward(AutogradContext *context, variable_list gradients) {
    auto saved = context->get_saved_variables();
    auto &queries = saved[0], &memory = saved[1], &query_starts = saved[2], &key_starts = saved[3], &bias = saved[4], &out = saved[5], &lse = saved[6];
    auto dout = gradients[0].to(queries.scalar_type()).contiguous();
    auto at = describe(queries, memory, query_starts, key_starts, bias, context->saved_data["heads"].toInt(), context->saved_data["causal"].toBool(),
                       context->saved_data["scale"].toDouble());
    auto dqueries = at::empty(queries.sizes(), queries.options()), dmemory = at::empty(memory.sizes(), memory.options());
    // Of each row apart, so that the sum does not depend on the number of threads.
    auto dbias = context->saved_data["to_bias"].toBool() ? at::zeros({at.rows, at.heads, bias.size(1)}, bias.options()) : at::Tensor();
    auto mask = make_mask(context->saved_data["p"].toDouble(), context->saved_data["seed"].toInt());
    auto &k = kernels(half(queries));
    parallel(at.rows * at.heads, 1, [&](int, int64_t begin, int64_t end) {
      k.cross_attention_backward(queries.data_ptr(), memory.data_ptr(), out.data_ptr(), dout.data_ptr(), lse.data_ptr<float>(), dqueries.data_ptr(),
                                 dmemory.data_ptr(), dbias.defined() ? dbias.data_ptr<float>() : nullptr, at, mask, begin, end);
    });
    return {dqueries, dmemory, {}, {}, dbias.defined() ? dbias.sum(0) : at::Tensor(), {}, {}, {}, {}, {}, {}};
  }
};

}  // namespace ct

using namespace ct;

ct_status ct_fused_cross_attention(const ct_tensor *queries, const ct_tensor *memory, const ct_tensor *query_starts, const ct_tensor *key_starts,
                                   const ct_tensor *bias, int64_t heads, bool causal, double scale, double p, uint64_t seed, ct_tensor **out) {
  return result(out, [&] {
    bool keeps = recording(borrow(queries)) || recording(borrow(memory)) || (bias && recording(borrow(bias)));
    return CrossAttention::apply(borrow(queries), borrow(memory), borrow(query_starts), borrow(key_starts), maybe(bias), heads, causal, scale, p,
                                 static_cast<int64_t>(seed), keeps);
  });
}
