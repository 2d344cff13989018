// An encoder that nothing is trained in, as two kinds of passes over the tokens: attention, and everything between two attentions.
#include "encode.h"

#include "fused.h"

#include <vector>

namespace ct {

class Encoder {
  struct Matrix {
    at::Tensor packed, bias;
    int64_t inputs, outputs;
    bool split;
    Dense dense() const { return {packed.data_ptr(), bias.data_ptr<float>(), inputs, outputs, split}; }
  };
  struct LayerNorm {
    at::Tensor weight, bias;
    float epsilon;
    Norm norm() const { return {weight.data_ptr<float>(), bias.data_ptr<float>(), epsilon}; }
  };
  struct Layer {
    Matrix attention, output, up, down;
    LayerNorm attention_norm, output_norm;
  };
  static constexpr int64_t kTiles = 10;  // of kDenseRows tokens: what one thread takes through a perceptron at a time

  int64_t heads_;
  std::vector<Layer> layers_;

  static const DenseKernels &k() {
    auto found = dense_kernels();
    TORCH_CHECK(found, "this processor has no kernels for packed encoders");
    return *found;
  }

  static Matrix matrix(at::TensorList weights, at::TensorList biases, bool split = false) {
    auto all = at::cat(weights).to(at::kFloat).contiguous();
    Matrix result{at::empty({split ? 2 : 1, all.size(0), all.size(1)}, at::kBFloat16), at::cat(biases).to(at::kFloat).contiguous(), all.size(1), all.size(0), split};
    TORCH_CHECK(result.inputs % 2 == 0 && result.outputs % kDenseColumns == 0 && result.bias.numel() == result.outputs, "a linear layer of ", all.sizes(),
                " cannot be packed");
    k().pack(all.data_ptr<float>(), result.outputs, result.inputs, split, result.packed.data_ptr());
    return result;
  }
  static LayerNorm norm(const at::Tensor &weight, const at::Tensor &bias, double epsilon) {
    return {weight.to(at::kFloat).contiguous(), bias.to(at::kFloat).contiguous(), static_cast<float>(epsilon)};
  }

 public:
  explicit Encoder(int64_t heads) : heads_(heads) {}

  // Weights and biases of query, key, value, attention's output, up, down; then of both norms.
  void add(at::TensorList weights, at::TensorList biases, double attention_epsilon, double output_epsilon, bool split_attention) {
    at::NoGradGuard no_gradients;
    layers_.push_back({matrix(weights.slice(0, 3), biases.slice(0, 3), split_attention), matrix(weights.slice(3, 1), biases.slice(3, 1)),
                       matrix(weights.slice(4, 1), biases.slice(4, 1)), matrix(weights.slice(5, 1), biases.slice(5, 1)),
                       norm(weights[6], biases[6], attention_epsilon), norm(weights[7], biases[7], output_epsilon)});
    auto &l = layers_.back();
    int64_t hidden = l.attention.inputs;
    TORCH_CHECK(l.attention.outputs == 3 * hidden && hidden % heads_ == 0 && l.output.inputs == hidden && l.output.outputs == hidden &&
                l.up.inputs == hidden && l.down.inputs == l.up.outputs && l.down.outputs == hidden, "an encoder layer whose sizes do not fit");
  }

  at::Tensor forward(const at::Tensor &embeddings, const at::Tensor &starts, int64_t count) {
    at::NoGradGuard no_gradients;
    TORCH_CHECK(0 <= count && count <= static_cast<int64_t>(layers_.size()), count, " layers of ", layers_.size());
    TORCH_CHECK(starts.scalar_type() == at::kInt && starts.is_contiguous() && starts.is_cpu() && starts.numel() >= 1, "row starts must be int32");
    auto states = embeddings.to(at::kFloat).contiguous().clone();
    if (!count) return states;
    int64_t tokens = states.size(0), width = states.size(1), inner = layers_[0].up.outputs, threads = at::get_num_threads();
    TORCH_CHECK(width == layers_[0].attention.inputs, "vectors of ", width, " for an encoder of ", layers_[0].attention.inputs);
    Packed at{starts.data_ptr<int32_t>(), starts.numel() - 1, tokens, heads_, width / heads_};
    for (int64_t r = 0; r < at.rows; ++r) TORCH_CHECK(at.starts[r] <= at.starts[r + 1], "row starts must not decrease");
    TORCH_CHECK(at.starts[0] == 0 && at.starts[at.rows] == tokens, "row starts cover ", at.starts[at.rows], " of ", tokens, " tokens");

    auto options = states.options().dtype(at::kBFloat16);
    // Products read whole blocks of rows.
    auto operands_tensor = at::zeros({tokens + kDenseRows, width}, options), context_tensor = at::zeros({tokens + kDenseRows, width}, options);
    auto attention_tensor = at::empty({tokens, 3 * width}, options), inner_tensor = at::zeros({threads, (kTiles + 1) * kDenseRows, inner}, options);
    auto sums = at::empty({heads_, tokens}, states.options());
    auto hidden = states.data_ptr<float>();
    auto operands = operands_tensor.data_ptr<at::BFloat16>(), context = context_tensor.data_ptr<at::BFloat16>();
    auto attention = attention_tensor.data_ptr<at::BFloat16>(), inners = inner_tensor.data_ptr<at::BFloat16>();
    auto scale = static_cast<float>(1 / std::sqrt(static_cast<double>(at.width)));
    auto &dense = k();

    // Threads meet at multiples of kDenseRows only, so that none reads rows that another writes.
    auto blocks = [&](const auto &body) {
      parallel((tokens + kDenseRows - 1) / kDenseRows, 1, [&](int thread, int64_t begin, int64_t end) {
        for (int64_t tile = begin; tile < end; tile += kTiles)
          body(thread, tile * kDenseRows, std::min(tokens, std::min(tile + kTiles, end) * kDenseRows) - tile * kDenseRows);
      });
    };
    blocks([&](int, int64_t m, int64_t rows) {
      dense.narrow(hidden + m * width, operands + m * width, rows * width);
      dense.dense(operands + m * width, layers_[0].attention.dense(), false, attention + m * 3 * width, rows);
    });
    for (int64_t i = 0; i < count; ++i) {
      auto &layer = layers_[static_cast<size_t>(i)];
      parallel(at.rows * heads_, 1, [&](int, int64_t begin, int64_t end) {
        kernels(true).attention(attention, context, sums.data_ptr<float>(), at, scale, make_mask(0, 0), begin, end);
      });
      blocks([&](int thread, int64_t m, int64_t rows) {
        auto rows_in = operands + m * width, inner_rows = inners + thread * (kTiles + 1) * kDenseRows * inner;
        dense.close(context + m * width, layer.output.dense(), layer.attention_norm.norm(), hidden + m * width, rows_in, rows);
        dense.dense(rows_in, layer.up.dense(), true, inner_rows, rows);
        dense.close(inner_rows, layer.down.dense(), layer.output_norm.norm(), hidden + m * width, rows_in, rows);
        if (i + 1 < count) dense.dense(rows_in, layers_[static_cast<size_t>(i + 1)].attention.dense(), false, attention + m * 3 * width, rows);
      });
    }
    return states;
  }
};

}  // namespace ct

using namespace ct;

bool ct_encoder_available(void) { return dense_kernels() != nullptr; }
ct_encoder *ct_encoder_new(int64_t heads) { return reinterpret_cast<ct_encoder *>(new Encoder(heads)); }
void ct_encoder_free(ct_encoder *encoder) { delete reinterpret_cast<Encoder *>(encoder); }
ct_status ct_encoder_add(ct_encoder *encoder, ct_tensor *const *weights, ct_tensor *const *biases, double attention_epsilon, double output_epsilon, bool split_attention) {
  return guard([&] { reinterpret_cast<Encoder *>(encoder)->add(list(weights, 8), list(biases, 8), attention_epsilon, output_epsilon, split_attention); });
}
ct_status ct_encoder_forward(ct_encoder *encoder, const ct_tensor *embeddings, const ct_tensor *row_starts, int64_t layers, ct_tensor **out) {
  return result(out, [&] { return reinterpret_cast<Encoder *>(encoder)->forward(borrow(embeddings), borrow(row_starts), layers); });
}
