#pragma once

#include <cstdint>

#include "../../core/random.h"
#include "../../rl/dqn_config.h"
#include "../kernels/losses.h"
#include "../kernels/norms.h"
#include "../kernels/targets.h"
#include "agents_network.h"
#include "agents_optimizer.h"

namespace handgrad::cuda {

/// B transitions of each agent, on the device.
struct AgentsTransitions {
  const float* observations;  ///< [K, 2, B, D]: of the transitions, then where their returns bootstrap
  ConstIndices actions;       ///< [K, B]
  ConstVector rewards;        ///< [K, B]
  ConstVector discounts;      ///< [K, B]
  ConstVector coefficients;   ///< [kAdamCoefficients] of the optimiser's step
};

/// The learning half of DQN for K agents: what DqnStep does for one, formula by formula, with a batch of B transitions each. Its
/// launches are the same whenever it runs, so that they can be recorded. Nothing is allocated after construction.
template <class Device>
class AgentsStep {
 public:
  AgentsStep(Device& device, const DqnConfig& config, const MlpSpec& spec, std::int64_t agents)
      : device_(device),
        config_(config),
        agents_(agents),
        D_(spec.sizes.front()),
        A_(spec.sizes.back()),
        online_(device, spec, agents, config.batch_size, Network::Use::training),
        target_(device, spec, agents, config.batch_size, Network::Use::inference),
        optimizer_(device, config.optimizer, agents * online_.stride()),
        dQ_(device, rows() * A_),
        y_(device, rows()),
        losses_(device, agents * static_cast<std::int64_t>(kLossOutputs)) {
    if (loss_blocks(config.batch_size * A_) > 1) loss_partials_ = {device, agents * loss_blocks(config.batch_size * A_)};
    if (config.clipping.kind == Clipping::Kind::norm) {
      norms_ = {device, agents};
      if (norm_blocks(online_.stride()) > 1) norm_partials_ = {device, agents * norm_blocks(online_.stride())};
    }
    if (config.loss_over == LossOver::taken) return;
    if (config.untaken != Untaken::online_s) {
      T_ = {device, rows() * A_};
    } else if (config.loss.reduction == Reduction::mean) {
      share_ = {device, rows()};
      device.launch(Fill{share_.data(), rows(), 1 / static_cast<float>(A_)}, elements_grid(rows()));
    }
  }

  AgentsNetwork<Device>& online() { return online_; }
  AgentsNetwork<Device>& target() { return target_; }
  /// Value of the last batch and running sum of each agent [K, kLossOutputs].
  Vector losses() const { return losses_.span(); }

  /// One train step of everyone, without the target update.
  void run(const AgentsTransitions& batch) {
    const std::int64_t B = config_.batch_size;
    const float* const observations = batch.observations;
    const float* const next = observations + B * D_;

    // y = r + discount · Q⁻(s', a*)
    const ConstMatrix q_next = values(target_, next);
    const ConstMatrix chooser = config_.double_q ? values(online_, next) : ConstMatrix{};
    device_.launch(make_td_target(q_next, chooser, batch.rewards, batch.discounts, y_.span()), spread_grid(rows()));

    // dθ = ∂ loss(Q(s, a), y) / ∂θ.  Trap: forward on s has to come last, backward uses what it left in the network.
    if (T_.size() != 0) targets_of_all(batch, q_next);
    const Matrix dQ{dQ_.data(), rows(), A_};
    const ConstMatrix Q = values(online_, observations);
    const Grid grid = loss_grid(B * A_, agents_);
    if (T_.size() == 0) {
      device_.launch(make_loss_selected(config_.loss, Q, batch.actions, y_.span(), share_.span(), dQ, {}, losses_.span(),
                                        loss_partials_.data(), agents_),
                     grid);
    } else {
      device_.launch(
          make_loss_full(config_.loss, Q, {T_.data(), rows(), A_}, {}, dQ, losses_.span(), loss_partials_.data(), agents_),
          grid);
    }
    if (grid.blocks > 1) {
      device_.launch(LossTotal{loss_partials_.data(), grid.blocks, losses_.data()}, loss_total_grid(B * A_, agents_));
    }
    online_.backward(observations, stride(), B, dQ.data);

    clip();
    optimizer_.step(batch.coefficients, online_.parameters(), online_.gradients());
  }

  /// Moves the target networks by one hard or soft update.
  void follow() { follow_by(config_.target.kind == TargetUpdate::Kind::hard ? 1.0F : static_cast<float>(config_.target.tau)); }
  void copy_to_target() { follow_by(1); }

 private:
  std::int64_t rows() const { return agents_ * config_.batch_size; }
  std::int64_t stride() const { return 2 * config_.batch_size * D_; }  // of an agent's observations
  ConstMatrix values(AgentsNetwork<Device>& network, const float* observations) {
    return {network.forward(observations, stride(), config_.batch_size), rows(), A_};
  }

  void follow_by(float tau) {
    const Vector online = online_.parameters();
    device_.launch(make_update_target(online, tau, target_.parameters()),
                   elements_grid(static_cast<std::int64_t>(online.size())));
  }

  // T[i,j] = y_i where j = a_i, else Q⁻(s_i, j) or Q⁻(s'_i, j).  Trap: forward on s overwrites q_next, y has been made of it.
  void targets_of_all(const AgentsTransitions& batch, ConstMatrix q_next) {
    const ConstMatrix others = config_.untaken == Untaken::target_next ? q_next : values(target_, batch.observations);
    device_.launch(make_put_selected(others, batch.actions, y_.span(), {T_.data(), rows(), A_}), spread_grid(rows() * A_));
  }

  void clip() {
    const auto limit = static_cast<float>(config_.clipping.limit);
    const Vector g = online_.gradients();
    const std::int64_t P = online_.stride(), size = agents_ * P;
    if (config_.clipping.kind == Clipping::Kind::value)
      device_.launch(ClipByValue{g.data(), size, limit}, elements_grid(size));
    if (config_.clipping.kind != Clipping::Kind::norm) return;
    if (norm_blocks(P) == 1) {
      device_.launch(ClipByNorm{g.data(), P, limit, norms_.data()}, norm_grid(P, agents_));
      return;
    }
    device_.launch(SquareSums{g.data(), P, norm_partials_.data()}, square_sums_grid(P, agents_));
    device_.launch(ClipByNormOfSums{g.data(), P, limit, norm_partials_.data(), norm_blocks(P), norms_.data()},
                   clip_by_norm_of_sums_grid(P, agents_));
  }

  using Array = DeviceMemory<Device, float>;

  Device& device_;
  DqnConfig config_;
  std::int64_t agents_, D_, A_;
  AgentsNetwork<Device> online_, target_;
  AgentsOptimizer<Device> optimizer_;
  Array dQ_;                                    // [K, B, A]
  Array y_;                                     // [K, B]
  Array losses_;                                // [K, kLossOutputs]
  Array loss_partials_;                         // where several blocks share a loss
  Array norms_;                                 // [K] with clipping by norm
  DeviceMemory<Device, double> norm_partials_;  // where several blocks share a norm
  Array T_;                                     // [K, B, A] targets of all actions, where the loss is over all of them
  Array share_;                                 // [K, B] 1/A, where the loss is a mean over all but only one counts
};

}  // namespace handgrad::cuda
