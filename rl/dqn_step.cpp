#include "dqn_step.h"

#include <algorithm>

#include "../core/step_scope.h"
#include "dqn_rules.h"

namespace handgrad::inline HANDGRAD_PRECISION {
namespace {

// Whether the actions not taken have targets that differ from their values.
bool has_targets_for_all(const DqnConfig& config) {
  return config.loss_over == LossOver::all && config.untaken != Untaken::online_s;
}

}  // namespace

DqnStep::DqnStep(Backend& backend, const DqnConfig& config, std::int64_t observation_size, std::int64_t actions,
                 std::int64_t max_rows, Generator& random)
    : backend_(backend),
      config_((validate(config), config)),
      online_(make_mlp(backend, q_network(config, observation_size, actions),
                       std::max<std::int64_t>(max_rows, config.batch_size))),
      target_(make_mlp(backend, q_network(config, observation_size, actions), config.batch_size, Network::Use::inference)),
      optimizer_(backend, config.optimizer, online_.parameter_count()),
      loss_(backend, config.loss),
      dQ_(backend, config.batch_size * actions),
      y_(backend, config.batch_size),
      norm_(backend, 1) {
  if (has_targets_for_all(config)) {
    T_ = Buffer<Real>(backend, config.batch_size * actions);
  } else {
    td_ = Buffer<Real>(backend, config.batch_size);
    if (config.loss_over == LossOver::all && config.loss.reduction == Reduction::mean) {
      share_ = Buffer<Real>(backend, config.batch_size);
      backend.fill(share_.span(), 1 / static_cast<Real>(actions));
    }
  }
  online_.initialize(random);
  if (config.target.initial == TargetUpdate::Initial::independent) {
    target_.initialize(random);
  } else {
    copy_to_target();
  }
}

void DqnStep::copy_to_target() { backend_.update_target(online_.parameters(), 1, target_.parameters()); }

void DqnStep::run(const ReplayBatch& batch) {
  const std::int64_t B = batch.observations.rows, A = online_.out_features();
  require(B <= config_.batch_size, "this train step was made for batches of up to ", config_.batch_size, " rows, got ", B);
  const StepScope scope(backend_);

  // y = r + discount · Q⁻(s', a*)
  const ConstMatrix q_next = target_.forward(batch.next_observations);
  ConstMatrix chooser;
  if (config_.double_q) chooser = online_.forward(batch.next_observations);
  const Vector y = y_.first(B);
  backend_.td_target(q_next, chooser, batch.rewards, batch.discounts, y);

  // dθ = ∂ loss(Q(s, a), y) / ∂θ.  Trap: forward on s has to come last, backward uses what it left in the network.
  const ConstMatrix T = T_.size() == 0 ? ConstMatrix{} : targets_of_all(batch, q_next, y);
  const ConstMatrix Q = online_.forward(batch.observations);
  const Matrix dQ = dQ_.matrix(B, A);
  if (T.empty()) {
    loss_.selected(Q, batch.actions, y, share_.size() == 0 ? ConstVector{} : share_.first(B), dQ, td_.first(B));
  } else {
    loss_.full(Q, T, {}, dQ);
  }
  online_.backward(dQ);

  const auto limit = static_cast<Real>(config_.clipping.limit);
  if (config_.clipping.kind == Clipping::Kind::value) backend_.clip_by_value(online_.gradients(), limit);
  if (config_.clipping.kind == Clipping::Kind::norm) backend_.clip_by_norm(online_.gradients(), limit, norm_.span());

  optimizer_.step(online_.parameters(), online_.gradients());
}

ConstMatrix DqnStep::targets_of_all(const ReplayBatch& batch, ConstMatrix q_next, ConstVector y) {
  // T[i,j] = y_i where j = a_i, else Q⁻(s_i, j) or Q⁻(s'_i, j).  Trap: forward on s overwrites q_next, y has been made of it.
  const ConstMatrix others = config_.untaken == Untaken::target_next ? q_next : target_.forward(batch.observations);
  const Matrix T = T_.matrix(others.rows, others.cols);
  backend_.put_selected(others, batch.actions, y, T);
  return T;
}

void DqnStep::serialize(StateArchive& state) {
  const auto part = [&](const char* name, auto& object) {
    const auto section = state.section(name);
    object.serialize(state);
  };
  part("online", online_);
  part("target", target_);
  part("optimizer", optimizer_);
  part("loss", loss_);
}

void DqnStep::follow() {
  const StepScope scope(backend_);
  const double tau = config_.target.kind == TargetUpdate::Kind::hard ? 1.0 : config_.target.tau;
  backend_.update_target(online_.parameters(), static_cast<Real>(tau), target_.parameters());
}

}  // namespace handgrad::inline HANDGRAD_PRECISION
