// Gradient checkpointing (Chen et al. 2016): a part of a forward pass that keeps nothing but its inputs, and runs again in backward.
#include "fused.h"

#include <ATen/core/ivalue.h>
#include <torch/csrc/autograd/autograd.h>

namespace at::autocast {
bool is_autocast_enabled(at::DeviceType);
void set_autocast_enabled(at::DeviceType, bool);
at::ScalarType get_autocast_dtype(at::DeviceType);
void set_autocast_dtype(at::DeviceType, at::ScalarType);
void clear_cache();
int increment_nesting();
int decrement_nesting();
}  // namespace at::autocast

namespace ct {

// The caller's function and what it holds on to, released with the last node that may call it.
struct Body : torch::CustomClassHolder {
  size_t (*run)(void *, ct_tensor *const *, size_t, ct_tensor **, size_t);
  void (*release)(void *);
  void *context;

  Body(decltype(run) run, decltype(release) release, void *context) : run(run), release(release), context(context) {}
  ~Body() override { release(context); }

  variable_list operator()(at::TensorList inputs) const {
    constexpr size_t most = 16;
    std::vector<ct_tensor *> lent;
    for (auto &t : inputs) lent.push_back(own(t));
    ct_tensor *outputs[most] = {};
    size_t count = run(context, lent.data(), lent.size(), outputs, most);
    for (auto t : lent) ct_free(t);
    variable_list results;
    for (size_t i = 0; i < count; ++i) {
      results.push_back(borrow(outputs[i]));
      ct_free(outputs[i]);
    }
    return results;
  }
};

// Autocast as it was when the part ran first, for when it runs again.
struct Autocast {
  at::DeviceType device;
  bool was_on;
  at::ScalarType was_type;
  Autocast(at::DeviceType device, bool on, at::ScalarType type)
      : device(device), was_on(at::autocast::is_autocast_enabled(device)), was_type(at::autocast::get_autocast_dtype(device)) {
    at::autocast::increment_nesting();
    at::autocast::set_autocast_enabled(device, on);
    at::autocast::set_autocast_dtype(device, type);
  }
  ~Autocast() {
    if (at::autocast::decrement_nesting() == 0) at::autocast::clear_cache();
    at::autocast::set_autocast_enabled(device, was_on);
    at::autocast::set_autocast_dtype(device, was_type);
  }
};

struct Checkpoint : Function<Checkpoint> {
  // `witness` wants a gradient, so that backward comes here even when only parameters inside the body do.
  static variable_list forward(AutogradContext *context, at::TensorList inputs, const at::Tensor &witness, const c10::intrusive_ptr<Body> &body) {
    auto device = inputs.empty() ? at::kCPU : inputs[0].device().type();
    context->set_materialize_grads(false);
    context->save_for_backward(inputs.vec());
    context->saved_data["body"] = c10::IValue::make_capsule(body);
    context->saved_data["device"] = static_cast<int64_t>(device);
    context->saved_data["autocast"] = at::autocast::is_autocast_enabled(device);
    context->saved_data["type"] = static_cast<int64_t>(at::autocast::get_autocast_dtype(device));
    return (*body)(inputs);
  }
  static variable_list backward(AutogradContext *context, variable_list gradients) {
    auto body = c10::static_intrusive_pointer_cast<Body>(context->saved_data["body"].toCapsule());
    variable_list inputs, outputs, flowing;
    for (auto &t : context->get_saved_variables()) inputs.push_back(t.detach().requires_grad_(t.requires_grad()));
    {
      at::AutoGradMode on(true);
      Autocast as_before(static_cast<at::DeviceType>(context->saved_data["device"].toInt()), context->saved_data["autocast"].toBool(),
                         static_cast<at::ScalarType>(context->saved_data["type"].toInt()));
      auto results = (*body)(inputs);
      TORCH_CHECK(results.size() == gradients.size(), "a checkpointed part gave ", gradients.size(), " results, and ", results.size(), " when run again");
      for (size_t i = 0; i < results.size(); ++i)
        if (gradients[i].defined() && results[i].requires_grad()) {
          outputs.push_back(results[i]);
          flowing.push_back(gradients[i]);
        }
    }
    if (!outputs.empty()) torch::autograd::backward(outputs, flowing);
    variable_list out;
    for (auto &t : inputs) out.push_back(t.requires_grad() ? t.grad() : at::Tensor());
    out.resize(out.size() + 2);
    return out;
  }
};

}  // namespace ct

using namespace ct;

ct_status ct_checkpoint(ct_tensor *const *inputs, size_t count, size_t (*run)(void *, ct_tensor *const *, size_t, ct_tensor **, size_t),
                        void (*release)(void *), void *context, ct_tensor **outputs, size_t *output_count) {
  return guard([&] {
    auto body = c10::make_intrusive<Body>(run, release, context);
    auto given = list(inputs, count);
    auto witness = at::empty({0}).requires_grad_(at::GradMode::is_enabled());
    auto results = Checkpoint::apply(given, witness, body);
    for (size_t i = 0; i < results.size(); ++i) outputs[i] = own(results[i]);
    *output_count = results.size();
  });
}
