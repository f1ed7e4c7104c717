#pragma once

#include <vector>

#include "../../nn/optimizer.h"
#include "../../rl/dqn_rules.h"
#include "fused_layout.h"

namespace handgrad::cuda {

/// Writes down what fused agents do, step by step, by the rules of a Dqn in a single environment. All that hangs on how many
/// steps there were, and on nothing that differs between agents, is computed here, in double.
class FusedPlan {
 public:
  explicit FusedPlan(const DqnConfig& config) : config_(config) {}

  std::int64_t env_steps() const { return env_steps_; }
  std::int64_t train_steps() const { return train_steps_; }

  /// Adds an environment step and what it brings: the first train step goes with it, others are steps of their own.
  void add_env_step(std::vector<PlannedStep>& plan) {
    PlannedStep step{};
    step.does = PlannedStep::acts;
    step.epsilon = static_cast<float>(config_.epsilon.at(env_steps_, 0));
    ++env_steps_;
    const bool enough = env_steps_ >= config_.batch_size;  // transitions in memory, whose capacity is no less
    const std::int64_t trainings = enough ? trainings_due(config_, env_steps_ - 1, env_steps_) * config_.gradient_steps : 0;
    for (std::int64_t k = 0; k < trainings; ++k) {
      if (k > 0) {
        plan.push_back(step);
        step = {};
      }
      add_train_step(step);
    }
    if (follows_due(config_, env_steps_ - 1, env_steps_) > 0) step.does |= PlannedStep::target_follows;
    plan.push_back(step);
  }

 private:
  void add_train_step(PlannedStep& step) {
    const auto coefficients = optimizer_coefficients(config_.optimizer, ++train_steps_);
    step.does |= PlannedStep::trains;
    step.decay = coefficients[kAdamDecay];
    step.step = coefficients[kAdamStep];
    step.root_scale = coefficients[kAdamRootScale];
    step.eps = coefficients[kAdamEps];
    if (follows_after(config_.target, train_steps_)) step.does |= PlannedStep::target_follows;
  }

  DqnConfig config_;
  std::int64_t env_steps_ = 0, train_steps_ = 0;
};

}  // namespace handgrad::cuda
