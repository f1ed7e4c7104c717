#pragma once

#include <memory>

#include "../core/random.h"
#include "../nn/loss.h"
#include "../nn/mlp.h"
#include "../nn/optimizer.h"
#include "learner.h"
#include "replay.h"
#include "schedule.h"

namespace handgrad::inline HANDGRAD_PRECISION {

/// When and how the target network follows the online network.
struct TargetUpdate {
  enum class Kind { hard, soft };
  enum class Unit { env_step, train_step };
  Kind kind = Kind::hard;
  std::int64_t every = 1;          ///< >= 1, in units
  Unit unit = Unit::train_step;
  double tau = 0.005;              ///< soft: target = tau · online + (1 - tau) · target, in (0, 1]
};

/// Gradient clipping, before the optimiser sees the gradient.
struct Clipping {
  enum class Kind { none, value, norm };
  Kind kind = Kind::none;
  double limit = 1.0;  ///< > 0: largest absolute element, or largest L2 norm over all parameters
};

/// Every hyperparameter of DQN (Mnih et al. 2015). Defaults are those of that paper where it has one that suits small
/// problems, else as noted.
struct DqnConfig {
  std::vector<std::int64_t> hidden = {64, 64};   ///< hidden widths; the ends are the environment's
  Activation activation = Activation::relu;
  Initialization initialization = Initialization::pytorch;
  OptimizerSpec optimizer;
  LossSpec loss{LossKind::smooth_l1, 1.0, Reduction::mean};  ///< the paper clips the error to ±1: SmoothL1
  Clipping clipping;
  double gamma = 0.99;                           ///< discount an environment step, in [0, 1]
  int n_step = 1;                                ///< steps of reward before bootstrapping, >= 1 (Sutton 1988)
  bool double_q = false;                         ///< van Hasselt et al. 2016
  std::int64_t replay_capacity = 10'000;         ///< transitions
  bool sample_with_replacement = true;
  int batch_size = 32;                           ///< B
  std::int64_t learning_starts = 0;              ///< environment steps before the first train step; also waits for B transitions
  std::int64_t train_frequency = 1;              ///< environment steps between trainings, over all environments
  int gradient_steps = 1;                        ///< train steps a training
  TargetUpdate target;
  Schedule epsilon;                              ///< probability of a uniformly random action
  bool truncation_as_terminal = false;           ///< the mistake of treating a time limit as an end, for comparison
};

/// Throws Error naming the field, its value and the allowed range.
void validate(const DqnConfig& config);

/// Deep Q-network: an MLP Q(s, ·), trained on the temporal-difference error of transitions drawn from a replay memory,
/// against a target network that follows slowly.
class Dqn : public Learner {
 public:
  /// The backend must outlive the learner. `environments` is E, the number of parallel environments.
  Dqn(Backend& backend, const DqnConfig& config, std::int64_t observation_size, std::int64_t actions,
      std::int64_t environments, std::uint64_t seed);

  void start(std::span<const float> observations) override;
  void act(std::span<const float> observations, const Progress& progress, std::span<std::int32_t> actions) override;
  void observe(std::span<const std::int32_t> actions, const VectorStep& step, const Progress& progress) override;
  void act_greedily(std::span<const float> observations, std::span<std::int32_t> actions) override;
  double epsilon(const Progress& progress) const override;
  std::int64_t train_steps() const override;
  std::optional<double> take_mean_loss() override;
  std::vector<NamedArray> model() const override;
  void load_model(const std::vector<NamedArray>& arrays) override;
};

}  // namespace handgrad::inline HANDGRAD_PRECISION
