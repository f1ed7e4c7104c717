#pragma once

#include "../core/random.h"
#include "dqn_config.h"
#include "replay.h"

namespace handgrad::inline HANDGRAD_PRECISION {

/// The learning half of DQN: two networks and what a train step does to them. Knows neither environments nor replay.
///
/// One train step on a batch of transitions (s, a, r, γⁿ(1-terminated), s'):
///   y  = r + discount · Q⁻(s', a*)     a* = argmax Q⁻(s', ·), or argmax Q(s', ·) with double_q; no gradient through y
///   L  = loss(Q(s, a), y)              or with loss_over all: loss(Q(s, ·), T), T = y for action a and what `untaken` says
///                                      for the others, again without a gradient, a mean over B·A
///   dθ = ∂L/∂θ by the network's backward pass, clipped
///   θ  = optimiser(θ, dθ)
/// The target network Q⁻ follows when follow() is called.
///
/// Nothing is allocated after construction. The backend must outlive it.
class DqnStep {
 public:
  /// Initialises the online network from `random`, then the target network: a copy, or with target.initial independent
  /// further numbers of that stream.
  /// max_rows is the most rows Q will be asked for at once (it is at least the batch size).
  DqnStep(Backend& backend, const DqnConfig& config, std::int64_t observation_size, std::int64_t actions,
          std::int64_t max_rows, Generator& random);

  /// One train step, without the target update.
  void run(const ReplayBatch& batch);
  /// Moves the target network by one hard or soft update.
  void follow();
  /// Makes the target network equal to the online network.
  void copy_to_target();

  /// Q(s, ·) [n, A] of the online network for n <= max_rows observations [n, D], all in backend memory.
  ConstMatrix values(ConstMatrix observations) { return online_.forward(observations); }

  Network& online() { return online_; }
  const Network& online() const { return online_; }
  Network& target() { return target_; }
  const Network& target() const { return target_; }
  const Optimizer& optimizer() const { return optimizer_; }
  Optimizer& optimizer() { return optimizer_; }
  Loss& loss() { return loss_; }
  /// y - Q(s, a) of the last batch [B], backend memory. Empty with a loss over all actions, unless the others' targets are
  /// online_s.
  ConstVector td_errors() const { return td_.span(); }

  /// Both networks, optimiser and loss: the rest is work memory.
  void serialize(StateArchive& state);

 private:
  ConstMatrix targets_of_all(const ReplayBatch& batch, ConstMatrix q_next, ConstVector y);

  Backend& backend_;
  DqnConfig config_;
  Network online_, target_;
  Optimizer optimizer_;
  Loss loss_;
  Buffer<Real> dQ_;      // [B, A]
  Buffer<Real> y_, td_;  // [B]
  Buffer<Real> norm_;    // [1]
  Buffer<Real> T_;       // [B, A] targets of all actions, where the loss is over all of them; else empty
  Buffer<Real> share_;   // [B] 1/A, where the loss is a mean over all actions but only the taken one counts; else empty
};

}  // namespace handgrad::inline HANDGRAD_PRECISION
