// Golden cases of DQN: one-step targets, losses on selected actions, whole train steps.

#include "golden_groups.h"
#include "rl/dqn_step.h"

namespace handgrad::golden {
namespace {

/// gamma · (1 - terminated): a truncated episode bootstraps, a terminated one has nothing to bootstrap from.
std::vector<Real> one_step_discounts(const Case& c, const Shape& shape) {
  const double gamma = c.config.number("gamma");
  flags(c, "truncated", shape);
  std::vector<Real> discounts;
  for (const std::int32_t terminated : flags(c, "terminated", shape)) {
    discounts.push_back(terminated != 0 ? Real(0) : static_cast<Real>(gamma));
  }
  return discounts;
}

DqnConfig dqn_config(const Case& c, const NetConfig& net, std::int64_t batch) {
  DqnConfig config;
  config.hidden.assign(net.spec.sizes.begin() + 1, net.spec.sizes.end() - 1);
  config.activation = net.spec.activation;
  config.optimizer = optimizer_config(c.config.object("optimizer"));
  config.loss = loss_config(c.config);
  config.gamma = c.config.number("gamma");
  config.double_q = c.config.flag("double", false);
  config.batch_size = batch;
  config.replay_capacity = batch;
  if (c.config.has("clip_value")) config.clipping = {Clipping::Kind::value, c.config.number("clip_value")};
  if (c.config.has("clip_norm")) config.clipping = {Clipping::Kind::norm, c.config.number("clip_norm")};

  const Config target = c.config.object("target_update");
  const std::string kind = target.string("kind");
  require_file(kind == "soft" || kind == "hard", c.id, ": config.target_update.kind has to be soft or hard, got ", kind);
  config.target.kind = kind == "soft" ? TargetUpdate::Kind::soft : TargetUpdate::Kind::hard;
  config.target.every = target.has("every") ? target.integer("every") : 1;
  config.target.tau = target.number("tau", 1.0);
  require_file(config.target.every >= 1, c.id, ": config.target_update.every has to be at least 1");
  return config;
}

/// The transitions of all steps, [T, B, ...], in the backend's memory.
class Transitions {
 public:
  Transitions(const Case& c, Backend& backend, std::int64_t T, std::int64_t B, std::int64_t I, std::int64_t A)
      : B_(B),
        I_(I),
        observations_(on(backend, c.input("obs", Shape{T, B, I}))),
        next_observations_(on(backend, c.input("next_obs", Shape{T, B, I}))),
        rewards_(on(backend, c.input("reward", Shape{T, B}))),
        discounts_(on(backend, one_step_discounts(c, {T, B}))),
        actions_(on(backend, integers(c, "action", {T, B}, 0, A))) {}

  /// The batch of step t, counted from 0.
  ReplayBatch batch(std::int64_t t) const {
    const auto first = static_cast<std::size_t>(t * B_), rows = static_cast<std::size_t>(B_);
    return {{observations_.data() + t * B_ * I_, B_, I_},
            actions_.span().subspan(first, rows),
            rewards_.span().subspan(first, rows),
            discounts_.span().subspan(first, rows),
            {next_observations_.data() + t * B_ * I_, B_, I_}};
  }

 private:
  std::int64_t B_, I_;
  Buffer<Real> observations_, next_observations_, rewards_, discounts_;
  Buffer<std::int32_t> actions_;
};

}  // namespace

void compare_td_target(const Case& c, Backend& backend, Comparison& comparison) {
  const NetConfig net = net_config(c);
  const std::int64_t B = c.input("next_obs", 2).shape[0], I = net.inputs, A = net.outputs, P = net.parameters;
  Network online = make_network(backend, net, reals(c.input("online", Shape{P})), B);
  Network target = make_network(backend, net, reals(c.input("target", Shape{P})), B);
  const Buffer<Real> next = on(backend, c.input("next_obs", Shape{B, I})), reward = on(backend, c.input("reward", Shape{B}));
  const Buffer<Real> discount = on(backend, one_step_discounts(c, {B}));
  Buffer<Real> y(backend, B);
  Buffer<std::int32_t> next_action(backend, B);

  const bool is_double = c.id.starts_with("dqn.target.double");
  const ConstMatrix q_online = online.forward(next.matrix(B, I)), q_target = target.forward(next.matrix(B, I));
  backend.argmax(is_double ? q_online : q_target, next_action.span());
  backend.td_target(q_target, is_double ? q_online : ConstMatrix{}, reward.span(), discount.span(), y.span());
  comparison.close("q_next_online", {B, A}, to_host(backend, q_online));
  comparison.close("q_next_target", {B, A}, to_host(backend, q_target));
  comparison.equal("next_action", {B}, next_action.to_host());
  comparison.close("y", {B}, y.to_host());
}

/// "selected" trains on the chosen action's output; "full" on the whole output vector, with targets equal to it elsewhere.
void compare_dqn_losses(const Case& c, Backend& backend, Comparison& comparison) {
  const NetConfig net = net_config(c);
  const std::int64_t B = c.input("obs", 2).shape[0], I = net.inputs, A = net.outputs, P = net.parameters;
  Network network = make_network(backend, net, reals(c.input("params", Shape{P})), B);
  const Buffer<Real> x = on(backend, c.input("obs", Shape{B, I})), y = on(backend, c.input("y", Shape{B}));
  const Buffer<Real> weight = on(backend, c.input("weight", Shape{B}));
  const std::vector<std::int32_t> actions = integers(c, "action", {B}, 0, A);
  const Buffer<std::int32_t> action = on(backend, actions);

  const ConstMatrix Q = network.forward(x.matrix(B, I));
  std::vector<Real> targets = to_host(backend, Q);
  comparison.close("Q", {B, A}, targets);
  const std::vector<Real> host_y = y.to_host();
  for (std::size_t i = 0; i < actions.size(); ++i)
    targets[i * static_cast<std::size_t>(A) + static_cast<std::size_t>(actions[i])] = host_y[i];
  const Buffer<Real> full_target = on(backend, targets);

  Buffer<Real> dQ(backend, B * A);
  Loss loss(backend, loss_config(c.config));
  for (const bool full : {true, false}) {
    for (const bool weighted : {false, true}) {
      const std::string name = text(full ? "full" : "selected", weighted ? "_weighted" : "");
      const ConstVector weights = weighted ? weight.span() : ConstVector{};
      if (full) {
        loss.full(Q, full_target.matrix(B, A), weights, dQ.matrix(B, A));
      } else {
        loss.selected(Q, action.span(), y.span(), weights, dQ.matrix(B, A), {});
      }
      comparison.close("loss_" + name, loss.value());
      comparison.close("dQ_" + name, {B, A}, dQ.to_host());
      network.backward(dQ.matrix(B, A));
      comparison.close("dparams_" + name, {P}, to_host(backend, network.gradients()));
    }
  }
}

/// The gradient before clipping comes from a second learner that takes the same step from the same parameters, unclipped.
void compare_dqn_training(const Case& c, Backend& backend, Comparison& comparison) {
  if (c.config.has("per")) throw Skip("the engine has no prioritised replay yet");
  const NetConfig net = net_config(c);
  const Value& obs = c.input("obs", 3);
  const std::int64_t T = obs.shape[0], B = obs.shape[1], P = net.parameters;
  const std::vector<Real> online = reals(c.input("online", Shape{P})), target = reals(c.input("target", Shape{P}));
  const Transitions transitions(c, backend, T, B, net.inputs, net.outputs);
  const DqnConfig config = dqn_config(c, net, B);
  DqnConfig unclipped_config = config;
  unclipped_config.clipping.kind = Clipping::Kind::none;
  Generator random(0);
  DqnStep learner(backend, config, net.inputs, net.outputs, B, random);
  DqnStep unclipped(backend, unclipped_config, net.inputs, net.outputs, B, random);
  learner.online().set_parameters(online);
  learner.target().set_parameters(target);

  std::vector<double> losses;
  std::vector<Real> td, norms;
  Buffer<Real> norm(backend, 1);
  for (std::int64_t t = 1; t <= T; ++t) {
    unclipped.online().set_parameters(learner.online().parameters_to_host());
    unclipped.target().set_parameters(learner.target().parameters_to_host());
    unclipped.run(transitions.batch(t - 1));
    backend.l2_norm(unclipped.online().gradients(), norm.span());
    norms.push_back(norm.to_host()[0]);
    comparison.close(text("dparams_", t), {P}, to_host(backend, unclipped.online().gradients()));

    learner.run(transitions.batch(t - 1));
    losses.push_back(learner.loss().value());
    for (const Real error : to_host(backend, learner.td_errors())) td.push_back(error);
    if (t % config.target.every == 0) learner.follow();
    comparison.close(text("online_", t), {P}, learner.online().parameters_to_host());
    comparison.close(text("target_", t), {P}, learner.target().parameters_to_host());
  }
  comparison.close("loss", {T}, losses);
  comparison.close("td", {T, B}, td);
  comparison.close("grad_norm", {T}, norms);
  for (const auto& [name, state] : learner.optimizer().state()) comparison.close(name, {P}, to_host(backend, state));
}

}  // namespace handgrad::golden
