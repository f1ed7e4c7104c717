// Golden cases of what works on flat arrays of parameters: optimisers, clipping; and of initialisations and schedules.

#include "golden_groups.h"
#include "nn/init.h"
#include "rl/schedule.h"

namespace handgrad::golden {

/// Step t trains the network on batch t; outputs named params_t and dparams_t are from after and during step t.
void compare_optimizer(const Case& c, Backend& backend, Comparison& comparison) {
  const NetConfig net = net_config(c);
  const Value& X = c.input("X", 3);
  const std::int64_t T = X.shape[0], B = X.shape[1], I = net.inputs, O = net.outputs, P = net.parameters;
  const Buffer<Real> x = on(backend, c.input("X", Shape{T, B, I})), t = on(backend, c.input("T", Shape{T, B, O}));
  Network network = make_network(backend, net, reals(c.input("params", Shape{P})), B);
  Optimizer optimizer(backend, optimizer_config(c.config.object("optimizer")), P);
  Loss loss(backend, loss_config(c.config));
  Buffer<Real> dy(backend, B * O);

  std::vector<double> losses;
  for (std::int64_t step = 1; step <= T; ++step) {
    const ConstMatrix batch{x.data() + (step - 1) * B * I, B, I}, target{t.data() + (step - 1) * B * O, B, O};
    loss.full(network.forward(batch), target, {}, dy.matrix(B, O));
    losses.push_back(loss.value());
    network.backward(dy.matrix(B, O));
    comparison.close(text("dparams_", step), {P}, to_host(backend, network.gradients()));
    optimizer.step(network.parameters(), network.gradients());
    comparison.close(text("params_", step), {P}, network.parameters_to_host());
  }
  comparison.close("loss", {T}, losses);
  for (const auto& [name, state] : optimizer.state()) comparison.close(name, {P}, to_host(backend, state));
}

void compare_clip_by_value(const Case& c, Backend& backend, Comparison& comparison) {
  const Value& grad = c.input("grad", 1);
  Buffer<Real> g = on(backend, grad);
  backend.clip_by_value(g.span(), static_cast<Real>(c.config.number("clip_value")));
  comparison.close("clipped", grad.shape, g.to_host());
}

/// The tensors grad_* of one model lie one after the other in its flat gradient.
void compare_clip_by_norm(const Case& c, Backend& backend, Comparison& comparison) {
  if (c.config.number("eps", 1e-6) != 1e-6) throw Skip("the engine clips with an eps of 1e-6 alone");
  std::vector<Real> flat;
  for (const auto& [name, value] : c.in) {
    for (const Real x : reals(value)) flat.push_back(x);
  }
  Buffer<Real> g = on(backend, flat), norm(backend, 1);
  backend.clip_by_norm(g.span(), static_cast<Real>(c.config.number("max_norm")), norm.span());
  comparison.close("norm", static_cast<double>(norm.to_host()[0]));
  const std::vector<Real> clipped = g.to_host();
  auto rest = clipped.begin();
  for (const auto& [name, value] : c.in) {
    require_file(name.starts_with("grad_"), c.id, ": inputs have to be named grad_*, got ", name);
    const auto end = rest + static_cast<std::ptrdiff_t>(value.data.size());
    comparison.close("clipped_" + name.substr(5), value.shape, std::vector<Real>(rest, end));
    rest = end;
  }
}

void compare_initialization(const Case& c, Backend&, Comparison& comparison) {
  const std::map<std::string, Initialization> kinds = {{"pytorch_linear", Initialization::pytorch},
                                                       {"glorot_uniform", Initialization::glorot_uniform},
                                                       {"glorot_normal", Initialization::glorot_normal},
                                                       {"he_uniform", Initialization::he_uniform},
                                                       {"he_normal", Initialization::he_normal}};
  const std::vector<std::vector<std::int64_t>> shapes = c.config.integer_lists("weight_shapes");
  for (const auto& [name, kind] : kinds) {
    std::vector<double> scales;
    for (const std::vector<std::int64_t>& shape : shapes) {
      require_file(shape.size() == 2, c.id, ": config.weight_shapes are lists of two");
      scales.push_back(initialization_scale(kind, shape[0], shape[1]));
    }
    comparison.close(name, {static_cast<std::int64_t>(scales.size())}, scales);
  }
  comparison.close("gain_linear", activation_gain(Activation::none));
  comparison.close("gain_relu", activation_gain(Activation::relu));
  comparison.close("gain_tanh", activation_gain(Activation::tanh));
}

void compare_schedule(const Case& c, Backend&, Comparison& comparison) {
  Schedule schedule;
  schedule.kind = c.id.starts_with("schedule.linear") ? Schedule::Kind::linear : Schedule::Kind::exponential;
  schedule.start = c.config.number("start");
  schedule.end = c.config.number("end");
  schedule.span = c.config.number("span");
  const Shape shape = c.input("step", 1).shape;
  std::vector<double> epsilon;
  for (const std::int32_t step : integers(c, "step", shape, 0, std::int64_t{1} << 31)) epsilon.push_back(schedule.at(step));
  comparison.close("epsilon", shape, epsilon);
}

}  // namespace handgrad::golden
