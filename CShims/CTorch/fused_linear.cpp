// Linear layers that share their input, as one product in the autocast dtype, with their low-rank updates.
#include "low_rank.h"

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

// The weights as operands of products: one for all of them, or each as it is where that saves a copy.
static std::vector<at::Tensor> operands(at::TensorList weights, at::ScalarType dtype) {
  bool ready = std::all_of(weights.begin(), weights.end(), [&](auto &w) { return w.scalar_type() == dtype && w.is_contiguous(); });
  if (ready && !adjacent(weights)) return weights.vec();
  return {stacked(weights, dtype)};
}

// y = x · Wᵀ + b with the rows of all weights in W, plus the updates: gradients go to each trained weight, bias, A and B, as
// float32 (views of one array). Kept are x, where something is trained, and the updates' hidden rows.
struct Linear : Function<Linear> {
  struct Plan {
    at::ScalarType dtype;
    std::vector<Update> updates;  // without their tensors
    bool keeps;
  };

  static at::Tensor forward(AutogradContext *context, const at::Tensor &input, at::TensorList weights, at::TensorList biases, at::TensorList as,
                            at::TensorList bs, const Plan &plan) {
    auto x = input.to(plan.dtype).reshape({-1, input.size(-1)}).contiguous();
    auto ws = operands(weights, plan.dtype);
    auto bias = biases.empty() ? at::Tensor() : stacked(biases, plan.dtype);
    std::vector<int64_t> rows;
    int64_t outputs = 0;
    for (auto &weight : weights) outputs += rows.emplace_back(weight.size(0));

    at::Tensor y;
    if (ws.size() == 1) {
      y = bias.defined() ? at::addmm(bias, x, ws[0].t()) : at::mm(x, ws[0].t());
    } else {
      y = at::empty({x.size(0), outputs}, x.options());
      int64_t column = 0;
      for (auto &w : ws) {
        auto part = y.narrow(1, column, w.size(0));
        if (bias.defined()) at::addmm_out(part, bias.narrow(0, column, w.size(0)), x, w.t());
        else at::mm_out(part, x, w.t());
        column += w.size(0);
      }
    }
    auto updates = with_tensors(plan.updates, as, bs);
    auto hidden = at::Tensor();
    if (!updates.empty()) {
      if (plan.keeps) hidden = at::empty({x.size(0), updates.back().hidden + updates.back().rank()}, x.options().dtype(at::kFloat));
      add_updates(updates, x, y, hidden);
    }
    if (plan.keeps) {
      bool trains = !as.empty() || std::any_of(weights.begin(), weights.end(), [](auto &w) { return w.requires_grad(); });
      variable_list saved{trains ? x : at::Tensor(), hidden};
      saved.insert(saved.end(), as.begin(), as.end());
      saved.insert(saved.end(), bs.begin(), bs.end());
      if (input.requires_grad()) saved.insert(saved.end(), ws.begin(), ws.end());
      context->save_for_backward(saved);
      context->saved_data["rows"] = rows;
      context->saved_data["biases"] = static_cast<int64_t>(biases.size());
      context->saved_data["type"] = static_cast<int64_t>(input.scalar_type());
      context->saved_data["compute"] = static_cast<int64_t>(plan.dtype);
      context->saved_data["shape"] = input.sizes().vec();
      std::vector<int64_t> seeds, places;
      std::vector<double> factors;
      for (auto &u : updates) {
        seeds.push_back(u.seed);
        places.insert(places.end(), {u.column, u.hidden});
        factors.insert(factors.end(), {u.scale, u.dropout});
      }
      context->saved_data["seeds"] = seeds;
      context->saved_data["places"] = places;
      context->saved_data["factors"] = factors;
    }
    auto shape = input.sizes().vec();
    shape.back() = outputs;
    return y.view(shape);
  }

  static variable_list backward(AutogradContext *context, variable_list gradients) {
    auto saved = context->get_saved_variables();
    auto integers = [&](const char *name) { return context->saved_data[name].toIntVector(); };
    auto rows = integers("rows"), seeds = integers("seeds"), places = integers("places"), shape = integers("shape");
    auto factors = context->saved_data["factors"].toDoubleVector();
    auto type = static_cast<at::ScalarType>(context->saved_data["type"].toInt()), compute = static_cast<at::ScalarType>(context->saved_data["compute"].toInt());
    size_t count = rows.size(), bias_count = static_cast<size_t>(context->saved_data["biases"].toInt()), update_count = seeds.size();
    auto &x = saved[0], &hidden = saved[1];
    auto dy = gradients[0].to(compute).reshape({-1, gradients[0].size(-1)}).contiguous();
    variable_list out(1 + count + bias_count + 2 * update_count + 1);

    at::Tensor dx;
    int64_t column = 0;
    for (size_t i = 2 + 2 * update_count; i < saved.size(); ++i) {
      auto part = dy.narrow(1, column, saved[i].size(0));
      if (dx.defined()) dx.addmm_(part, saved[i]);
      else dx = at::mm(part, saved[i]);
      column += saved[i].size(0);
    }
    if (update_count) {
      std::vector<Update> updates;
      for (size_t i = 0; i < update_count; ++i)
        updates.push_back({saved[2 + i], saved[2 + update_count + i], places[2 * i], places[2 * i + 1], factors[2 * i], factors[2 * i + 1], seeds[i]});
      auto found = update_gradients(updates, x, dy, hidden, dx);
      for (size_t i = 0; i < update_count; ++i) std::tie(out[1 + count + bias_count + i], out[1 + count + bias_count + update_count + i]) = found[i];
    }
    if (dx.defined()) out[0] = dx.view(shape).to(type);

    size_t trained = 0;
    for (size_t i = 0; i < count; ++i) trained += context->needs_input_grad(1 + i);
    auto all = trained == count ? at::mm(dy.t(), x).to(at::kFloat) : at::Tensor();
    int64_t row = 0;
    for (size_t i = 0; i < count; row += rows[i++])
      if (context->needs_input_grad(1 + i))
        out[1 + i] = !all.defined() ? at::mm(dy.narrow(1, row, rows[i]).t(), x).to(at::kFloat) : count == 1 ? all : all.narrow(0, row, rows[i]);
    bool biased = false;
    for (size_t i = 0; i < bias_count; ++i) biased |= context->needs_input_grad(1 + count + i);
    if (biased) {
      auto sums = column_sums(dy);
      row = 0;
      for (size_t i = 0; i < count; row += rows[i++]) out[1 + count + i] = count == 1 ? sums : sums.narrow(0, row, rows[i]);
    }
    return out;
  }

  static std::vector<Update> with_tensors(std::vector<Update> updates, at::TensorList as, at::TensorList bs) {
    for (size_t i = 0; i < updates.size(); ++i) {
      updates[i].a = as[i].contiguous();
      updates[i].b = bs[i].contiguous();
    }
    return updates;
  }

  static at::Tensor column_sums(const at::Tensor &dy) {
    int64_t width = dy.size(1), tokens = dy.size(0), parts = shares(tokens);
    auto partial = at::zeros({std::max<int64_t>(parts, 1), width}, dy.options().dtype(at::kFloat));
    auto &k = kernels(dy.scalar_type() == at::kBFloat16);
    parallel(parts, 1, [&](int, int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i)
        k.column_sums(dy.data_ptr(), partial.data_ptr<float>() + i * width, width, i * kShare, std::min(tokens, (i + 1) * kShare));
    });
    return parts == 1 ? partial[0] : partial.sum(0);
  }
};

at::ScalarType compute_type(const at::Tensor &x) {
  auto dtype = at::autocast::is_autocast_enabled(at::kCPU) ? at::autocast::get_autocast_dtype(at::kCPU) : x.scalar_type();
  TORCH_CHECK(dtype == at::kFloat || dtype == at::kBFloat16, "fused products compute in float32 or bfloat16, not ", dtype);
  return dtype;
}

}  // namespace ct

using namespace ct;

ct_status ct_fused_linear(const ct_tensor *input, ct_tensor *const *weights, ct_tensor *const *biases, size_t count, ct_tensor **out) {
  return ct_fused_lora_linear(input, weights, biases, count, nullptr, nullptr, nullptr, nullptr, nullptr, out);
}

ct_status ct_fused_lora_linear(const ct_tensor *input, ct_tensor *const *weights, ct_tensor *const *biases, size_t count, ct_tensor *const *as,
                               ct_tensor *const *bs, const double *scales, const double *dropouts, const uint64_t *seeds, ct_tensor **out) {
  return result(out, [&] {
    auto &x = borrow(input);
    auto w = list(weights, count), b = biases ? list(biases, count) : at::TensorList();
    Linear::Plan plan{compute_type(x), {}, false};
    variable_list downs, ups;
    int64_t column = 0, hidden = 0;
    for (size_t i = 0; i < count; column += w[i++].size(0)) {
      TORCH_CHECK(w[i].dim() == 2 && w[i].size(1) == x.size(-1), "a weight of ", w[i].sizes(), " for inputs of ", x.sizes());
      if (!as || !as[i]) continue;
      auto &down = borrow(as[i]), &up = borrow(bs[i]);
      TORCH_CHECK(down.scalar_type() == at::kFloat && up.scalar_type() == at::kFloat && down.dim() == 2 && up.dim() == 2 && down.size(1) == x.size(-1) &&
                      up.size(0) == w[i].size(0) && up.size(1) == down.size(0) && down.size(0) > 0,
                  "float32 A of ", down.sizes(), " and B of ", up.sizes(), " beside a weight of ", w[i].sizes());
      Update update;
      update.column = column;
      update.hidden = hidden;
      update.scale = scales[i];
      update.dropout = dropouts[i];
      update.seed = static_cast<int64_t>(seeds[i]);
      plan.updates.push_back(update);
      downs.push_back(down);
      ups.push_back(up);
      hidden += down.size(0);
    }
    auto any = [](at::TensorList tensors) { return std::any_of(tensors.begin(), tensors.end(), recording); };
    plan.keeps = recording(x) || any(w) || any(b) || any(downs) || any(ups);
    return Linear::apply(x, w, b, at::TensorList(downs), at::TensorList(ups), plan);
  });
}
