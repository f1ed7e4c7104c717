// Golden cases of layers, networks and losses.

#include <algorithm>
#include <cmath>

#include "golden_groups.h"

namespace handgrad::golden {
namespace {

/// Forward and backward of one linear layer with its activation. `parameters` is W [O, I], then b [O].
struct LayerRun {
  std::vector<Real> Z, Y, dX, dW, db;  // Z is before the activation
};

LayerRun run_layer(Backend& backend, Activation f, const Value& X, const std::vector<Real>& parameters, std::int64_t O,
                   const Value& dY) {
  const std::int64_t B = X.shape[0], I = X.shape[1];
  Buffer<Real> p = on(backend, parameters), dp(backend, p.size());
  Buffer<Real> x = on(backend, X), dx(backend, B * I), y(backend, B * O), z(backend, B * O), dy = on(backend, dY);

  Linear plain(backend, I, O), layer(backend, I, O, f);
  plain.bind(p.span(), {});
  plain.forward(x.matrix(B, I), z.matrix(B, O));
  layer.bind(p.span(), dp.span());
  layer.forward(x.matrix(B, I), y.matrix(B, O));
  layer.backward(x.matrix(B, I), y.matrix(B, O), dy.matrix(B, O), dx.matrix(B, I));

  const std::vector<Real> gradients = dp.to_host();
  const auto bias = gradients.begin() + O * I;
  return {z.to_host(), y.to_host(), dx.to_host(), {gradients.begin(), bias}, {bias, gradients.end()}};
}

Activation layer_activation(const Case& c) {
  const std::string name = c.config.has("activation") ? c.config.string("activation") : "none";
  if (name == "none") return Activation::none;
  if (name == "relu") return Activation::relu;
  if (name == "tanh") return Activation::tanh;
  throw Skip(text("the engine has no activation '", name, "'"));
}

}  // namespace

void compare_linear(const Case& c, Backend& backend, Comparison& comparison) {
  const Value& X = c.input("X", 2);
  const std::int64_t B = X.shape[0], I = X.shape[1], O = c.input("b", 1).shape[0];
  std::vector<Real> parameters = reals(c.input("W", Shape{O, I}));
  std::ranges::copy(reals(c.input("b", 1)), std::back_inserter(parameters));
  const LayerRun run = run_layer(backend, layer_activation(c), X, parameters, O, c.input("dY", Shape{B, O}));
  comparison.close("Z", {B, O}, run.Z);
  comparison.close("Y", {B, O}, run.Y);
  comparison.close("dX", {B, I}, run.dX);
  comparison.close("dW", {O, I}, run.dW);
  comparison.close("db", {O}, run.db);
}

/// An activation by itself is a linear layer whose weights are the identity: Z = X.
void compare_activation(const Case& c, Backend& backend, Comparison& comparison) {
  const Value& X = c.input("X", 2);
  const Activation f = c.id.starts_with("layer.tanh") ? Activation::tanh : Activation::relu;
  const std::int64_t n = X.shape[1];
  std::vector<Real> identity(static_cast<std::size_t>(n * n + n));
  for (std::int64_t i = 0; i < n; ++i) identity[static_cast<std::size_t>(i * n + i)] = 1;
  const LayerRun run = run_layer(backend, f, X, identity, n, c.input("dY", X.shape));
  comparison.close("Y", X.shape, run.Y);
  comparison.close("dX", X.shape, run.dX);
}

void compare_mlp(const Case& c, Backend& backend, Comparison& comparison) {
  const NetConfig net = net_config(c);
  const std::int64_t B = c.input("X", 2).shape[0], P = net.parameters;
  Network network = make_network(backend, net, reals(c.input("params", Shape{P})), B);
  const Buffer<Real> x = on(backend, c.input("X", Shape{B, net.inputs})), t = on(backend, c.input("T", Shape{B, net.outputs}));
  Buffer<Real> dy(backend, B * net.outputs), dx(backend, B * net.inputs), norm(backend, 1);

  Loss loss(backend, loss_config(c.config));
  const ConstMatrix Y = network.forward(x.matrix(B, net.inputs));
  loss.full(Y, t.matrix(B, net.outputs), {}, dy.matrix(B, net.outputs));
  comparison.close("Y", {B, net.outputs}, to_host(backend, Y));
  comparison.close("loss", loss.value());
  network.backward(dy.matrix(B, net.outputs), dx.matrix(B, net.inputs));
  const std::vector<Real> dparams = to_host(backend, network.gradients());
  comparison.close("dparams", {P}, dparams);
  comparison.close("dX", {B, net.inputs}, dx.to_host());

  // Large networks give a summary of their gradient.
  const auto norm_of = [&](ConstVector g) {
    backend.l2_norm(g, norm.span());
    return norm.to_host()[0];
  };
  comparison.close("grad_norm", static_cast<double>(norm_of(network.gradients())));
  std::vector<Real> norms;
  for (const Network::Entry& entry : network.layout()) {
    norms.push_back(
        norm_of(network.gradients().subspan(static_cast<std::size_t>(entry.offset), static_cast<std::size_t>(entry.size))));
  }
  comparison.close("grad_norm_each", {static_cast<std::int64_t>(norms.size())}, norms);
  const auto smaller = [](Real a, Real b) { return std::abs(a) < std::abs(b); };
  comparison.close("dparams_max_abs", static_cast<double>(std::abs(*std::ranges::max_element(dparams, smaller))));
  if (comparison.wants("dparams_at")) {
    std::vector<Real> entries;
    for (const std::int64_t at : c.config.integers("entries")) {
      require_file(at >= 0 && at < P, c.id, ": config.entries are parameters 0 to ", P - 1, ", got ", at);
      entries.push_back(dparams[static_cast<std::size_t>(at)]);
    }
    comparison.close("dparams_at", {static_cast<std::int64_t>(entries.size())}, entries);
  }
}

void compare_loss(const Case& c, Backend& backend, Comparison& comparison) {
  const std::int64_t n = c.input("prediction", 1).shape[0];
  const Buffer<Real> prediction = on(backend, c.input("prediction", 1)), target = on(backend, c.input("target", Shape{n}));
  const Buffer<Real> weight = on(backend, c.input("weight", Shape{n}));
  const Buffer<std::int32_t> action(backend, n);  // one output a row: action 0 selects it
  Buffer<Real> gradient(backend, n);
  LossSpec spec = loss_config(c.config);

  for (const Reduction reduction : {Reduction::mean, Reduction::sum}) {
    spec.reduction = reduction;
    for (const bool weighted : {false, true}) {
      const std::string name = text(weighted ? "weighted_" : "", to_string(reduction));
      const ConstVector weights = weighted ? weight.span() : ConstVector{};
      Loss loss(backend, spec);
      loss.full(prediction.matrix(n, 1), target.matrix(n, 1), weights, gradient.matrix(n, 1));
      comparison.close(name, loss.value());
      comparison.close("dprediction_" + name, {n}, gradient.to_host());
      loss.selected(prediction.matrix(n, 1), action.span(), target.span(), weights, gradient.matrix(n, 1), {});
      comparison.close(name, loss.value());
      comparison.close("dprediction_" + name, {n}, gradient.to_host());
    }
  }

  std::vector<double> each;
  Loss loss(backend, spec);
  for (std::int64_t i = 0; i < n; ++i) {
    const ConstMatrix one{prediction.data() + i, 1, 1};
    loss.full(one, {target.data() + i, 1, 1}, {}, gradient.matrix(1, 1));
    each.push_back(loss.value());
  }
  comparison.close("each", {n}, each);
}

}  // namespace handgrad::golden
