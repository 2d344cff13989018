// Linear layers that share their input, as one product in the autocast dtype.
#include "fused.h"

namespace at::autocast {
bool is_autocast_enabled(at::DeviceType);
at::ScalarType get_autocast_dtype(at::DeviceType);
}  // namespace at::autocast

namespace ct {

// Whether each tensor begins in memory where the one before it ends.
static bool adjacent(at::TensorList tensors) {
  for (size_t i = 0; i < tensors.size(); ++i) {
    if (!tensors[i].is_contiguous() || tensors[i].scalar_type() != tensors[0].scalar_type()) return false;
    if (i > 0 && (!tensors[i].is_alias_of(tensors[0]) ||
                  tensors[i].const_data_ptr() != static_cast<const char *>(tensors[i - 1].const_data_ptr()) + tensors[i - 1].nbytes()))
      return false;
  }
  return true;
}

// The tensors one below the other, in `dtype`: a copy only where one is needed.
static at::Tensor stacked(at::TensorList tensors, at::ScalarType dtype) {
  if (tensors.size() == 1) return tensors[0].to(dtype);
  int64_t rows = 0;
  for (auto &t : tensors) rows += t.size(0);
  auto sizes = tensors[0].sizes().vec();
  sizes[0] = rows;
  if (adjacent(tensors)) return tensors[0].as_strided(sizes, tensors[0].strides()).to(dtype);
  auto all = at::empty(sizes, tensors[0].options().dtype(dtype));
  int64_t row = 0;
  for (auto &t : tensors) {
    all.narrow(0, row, t.size(0)).copy_(t);
    row += t.size(0);
  }
  return all;
}

// y = x · Wᵀ + b with the rows of all weights in W: gradients go to each weight and bias as float32 views of one array.
struct Linear : Function<Linear> {
  static at::Tensor forward(AutogradContext *context, const at::Tensor &input, at::TensorList weights, at::TensorList biases, at::ScalarType dtype, bool keeps) {
    auto x = input.to(dtype).reshape({-1, input.size(-1)}), w = stacked(weights, dtype);
    auto y = biases.empty() ? at::mm(x, w.t()) : at::addmm(stacked(biases, dtype), x, w.t());
    if (keeps) {
      context->save_for_backward({x, w});
      std::vector<int64_t> rows;
      for (auto &weight : weights) rows.push_back(weight.size(0));
      context->saved_data["rows"] = rows;
      context->saved_data["biases"] = !biases.empty();
      context->saved_data["type"] = static_cast<int64_t>(input.scalar_type());
      context->saved_data["shape"] = input.sizes().vec();
    }
    auto shape = input.sizes().vec();
    shape.back() = w.size(0);
    return y.view(shape);
  }
  static variable_list backward(AutogradContext *context, variable_list gradients) {
    auto saved = context->get_saved_variables();
    auto &x = saved[0], &w = saved[1];
    auto rows = context->saved_data["rows"].toIntVector();
    bool biases = context->saved_data["biases"].toBool();
    size_t count = rows.size();
    auto dy = gradients[0].to(x.scalar_type()).reshape({-1, w.size(0)}).contiguous();
    variable_list out(1 + count * (biases ? 2 : 1) + 2);
    if (context->needs_input_grad(0))
      out[0] = at::mm(dy, w).view(context->saved_data["shape"].toIntVector()).to(static_cast<at::ScalarType>(context->saved_data["type"].toInt()));
    auto split = [&](const at::Tensor &all, size_t first) {
      int64_t row = 0;
      for (size_t i = 0; i < count; ++i) {
        out[first + i] = count == 1 ? all : all.narrow(0, row, rows[i]);
        row += rows[i];
      }
    };
    auto wanted = [&](size_t first) {
      for (size_t i = 0; i < count; ++i)
        if (context->needs_input_grad(first + i)) return true;
      return false;
    };
    if (wanted(1)) split(at::mm(dy.t(), x).to(at::kFloat), 1);
    if (biases && wanted(1 + count)) split(column_sums(dy), 1 + count);
    return out;
  }
  static at::Tensor column_sums(const at::Tensor &dy) {
    int64_t width = dy.size(1), tokens = dy.size(0);
    constexpr int64_t share = 256;  // rows of one partial sum: fixed, so that the result does not depend on threads
    int64_t parts = (tokens + share - 1) / share;
    auto partial = at::zeros({std::max<int64_t>(parts, 1), width}, dy.options().dtype(at::kFloat));
    auto &k = kernels(dy.scalar_type() == at::kBFloat16);
    parallel(parts, 1, [&](int, int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i)
        k.column_sums(dy.data_ptr(), partial.data_ptr<float>() + i * width, width, i * share, std::min(tokens, (i + 1) * share));
    });
    return parts == 1 ? partial[0] : partial.sum(0);
  }
};

}  // namespace ct

using namespace ct;

ct_status ct_fused_linear(const ct_tensor *input, ct_tensor *const *weights, ct_tensor *const *biases, size_t count, ct_tensor **out) {
  return result(out, [&] {
    auto x = borrow(input);
    auto w = list(weights, count), b = biases ? list(biases, count) : at::TensorList();
    auto dtype = at::autocast::is_autocast_enabled(at::kCPU) ? at::autocast::get_autocast_dtype(at::kCPU) : x.scalar_type();
    TORCH_CHECK(dtype == at::kFloat || dtype == at::kBFloat16, "fused linear computes in float32 or bfloat16, not ", dtype);
    for (auto &weight : w)
      TORCH_CHECK(weight.dim() == 2 && weight.size(1) == x.size(-1), "a weight of ", weight.sizes(), " for inputs of ", x.sizes());
    bool keeps = at::GradMode::is_enabled();
    return Linear::apply(x, w, b, dtype, keeps);
  });
}
