#pragma once

#include <cstdint>
#include <vector>

#include "../nn/loss.h"
#include "../nn/mlp.h"
#include "../nn/optimizer.h"
#include "schedule.h"

namespace handgrad::inline HANDGRAD_PRECISION {

/// When and how the target network follows the online network.
struct TargetUpdate {
  enum class Kind { hard, soft };
  enum class Unit { env_step, train_step };
  enum class Initial { copy, independent };  ///< of the online network, or random weights of its own until it first follows
  Kind kind = Kind::hard;
  std::int64_t every = 1;  ///< >= 1, in units
  Unit unit = Unit::train_step;
  double tau = 0.005;      ///< soft: target = tau · online + (1 - tau) · target, in (0, 1]; unused by hard, which copies
  std::int64_t phase = 0;  ///< it follows where the count leaves this remainder when divided by `every`: in [0, every)
  Initial initial = Initial::copy;
};

/// What the loss compares with its targets: the output of the taken action, or those of all actions.
enum class LossOver { taken, all };
/// With all: the targets of the actions not taken. Q⁻(s, j), the target network's value of them; Q⁻(s', j), its value in the
/// next state; or Q(s, j), what the online network says itself, so that they have no part in loss and gradient.
enum class Untaken { target_s, target_next, online_s };
/// A terminated episode has no value beyond its end: y = r, the bootstrap masked. The mistake, for comparison: it has.
enum class Terminal { mask, bootstrap };

/// Gradient clipping, before the optimiser sees the gradient.
struct Clipping {
  enum class Kind { none, value, norm };
  Kind kind = Kind::none;
  double limit = 1.0;  ///< > 0: largest absolute element, or largest L2 norm over all parameters
};

/// Every hyperparameter of DQN (Mnih et al. 2015). The algorithm is theirs, and so are the defaults marked M; the others suit
/// small problems and come from P, PyTorch's DQN tutorial and library defaults, or S, Stable-Baselines3.
struct DqnConfig {
  std::vector<std::int64_t> hidden = {64, 64};               ///< S: hidden widths; the ends are the environment's
  Activation activation = Activation::relu;                  ///< M
  Initialization initialization = Initialization::pytorch;   ///< P
  OptimizerSpec optimizer;                                   ///< P: Adam, lr 1e-3
  LossSpec loss{LossKind::smooth_l1, 1.0, Reduction::mean};  ///< M: "the error is clipped to ±1", which is SmoothL1
  LossOver loss_over = LossOver::taken;                      ///< M
  Untaken untaken = Untaken::target_s;                       ///< unused by taken
  Clipping clipping;                                         ///< none
  double gamma = 0.99;                                       ///< M: discount an environment step, in [0, 1]
  int n_step = 1;                                            ///< M: steps of reward before bootstrapping, >= 1 (Sutton 1988)
  bool double_q = false;                                     ///< M: van Hasselt et al. 2016 have it
  std::int64_t replay_capacity = 10'000;                     ///< P: transitions
  bool replay_replacement = true;                            ///< S: whether a transition can be in a batch twice
  std::int64_t batch_size = 32;                              ///< M: B
  std::int64_t learning_starts = 0;  ///< environment steps before the first train step, which waits for B transitions too
  std::int64_t train_frequency = 1;  ///< P: environment steps between trainings, counted over all environments
  std::int64_t gradient_steps = 1;   ///< M: train steps a training
  TargetUpdate target;
  Schedule epsilon;                     ///< probability of a uniformly random action
  Terminal terminal = Terminal::mask;   ///< M
  bool truncation_as_terminal = false;  ///< the mistake of treating a time limit as an end, for comparison
};

/// Throws Error naming the field, its value and the allowed range.
void validate(const DqnConfig& config);

}  // namespace handgrad::inline HANDGRAD_PRECISION
