#pragma once

#include "../../envs/cartpole.h"
#include "../../envs/mountain_car.h"
#include "../../envs/registry.h"
#include "../../rl/many_agents.h"
#include "fused_learner.h"

// What fused agents take of a configuration, and what they make of it.

namespace handgrad::cuda {

/// The environments that can be stepped in a kernel.
enum class FusedEnvironment { cartpole, mountain_car };

template <class... Parts>
void require_fused(bool condition, const Parts&... parts) {
  require(condition, "cuda:fused takes ", parts..., ". The backend cuda trains many agents with any setting.");
}

/// Throws Error for another environment than those above or for options of one other than Gymnasium's defaults.
inline FusedEnvironment fused_environment(const ManyAgentsSpec& spec) {
  const std::string id = Registry::gymnasium().find(spec.environment).id;
  require_fused(spec.observation == ObservationKind::raw, "observations as they are, not transformed");
  if (id.starts_with("CartPole-")) {
    const CartPoleOptions options = cartpole_options(spec.options);
    require_fused(!options.sutton_barto_reward && options.integrator == CartPoleOptions::Integrator::euler,
                  "CartPole with sutton_barto_reward = false and kinematics_integrator = \"euler\"");
    return FusedEnvironment::cartpole;
  }
  if (id.starts_with("MountainCar-")) {
    require_fused(mountain_car_options(spec.options).goal_velocity == 0, "MountainCar with goal_velocity = 0");
    return FusedEnvironment::mountain_car;
  }
  require_fused(false, "CartPole and MountainCar, whose physics its kernel knows, not ", id);
  return {};
}

/// Throws Error naming the first setting of DQN that the kernel does not know.
inline void require_fused_settings(const DqnConfig& config) {
  const auto& hidden = config.hidden;
  require_fused((hidden.size() == 1 || hidden.size() == 2) && hidden.front() <= kSide && hidden.back() <= kSide,
                "one or two hidden layers of up to ", kSide, " units, such as net.hidden = [64, 64]");
  require_fused(config.activation == Activation::relu, "ReLU between the layers: net.activation = \"relu\"");
  require_fused(config.batch_size <= kSide, "batches of up to 64 transitions: dqn.batch_size is ", config.batch_size);
  require_fused(config.n_step == 1, "one-step returns: dqn.n_step = 1, not ", config.n_step);
  require_fused(config.replay_replacement, "batches drawn with replacement: dqn.replay_replacement = true");
  require_fused(config.replay_capacity < INT32_MAX, "a replay capacity below 2^31-1, not ", config.replay_capacity);
  require_fused(config.loss_over == LossOver::taken, "a loss over the action taken: loss.over = \"taken\"");
  require_fused(config.epsilon.unit == Schedule::Unit::step || config.epsilon.kind == Schedule::Kind::constant ||
                    config.epsilon.call == Schedule::Call::never,
                "an exploration rate that counts steps: epsilon.unit = \"step\"");
  const OptimizerKind kind = config.optimizer.kind;
  require_fused(kind == OptimizerKind::adam || kind == OptimizerKind::adam_keras || kind == OptimizerKind::adamw ||
                    kind == OptimizerKind::radam,
                "optimisers of the Adam family, not ", to_string(kind));
  require_fused(config.optimizer.eps > 0, "an optimizer.eps above 0: units that pad a network would become NaN");
}

inline FusedSettings fused_settings(const DqnConfig& config) {
  FusedSettings s{};
  s.batch = static_cast<std::int32_t>(config.batch_size);
  switch (config.loss.kind) {
    case LossKind::mse: s.loss = FusedSettings::mse; break;
    case LossKind::huber: s.loss = FusedSettings::huber; break;
    case LossKind::smooth_l1: s.loss = FusedSettings::smooth_l1; break;
  }
  s.delta = static_cast<float>(config.loss.delta);
  s.one_over_delta = static_cast<float>(1 / config.loss.delta);
  s.loss_scale =
      config.loss.reduction == Reduction::mean ? static_cast<float>(1.0 / static_cast<double>(config.batch_size)) : 1.0f;
  switch (config.clipping.kind) {
    case Clipping::Kind::none: s.clip = FusedSettings::none; break;
    case Clipping::Kind::value: s.clip = FusedSettings::value; break;
    case Clipping::Kind::norm: s.clip = FusedSettings::norm; break;
  }
  s.clip_limit = static_cast<float>(config.clipping.limit);
  const OptimizerSpec& optimizer = config.optimizer;
  s.beta1 = static_cast<float>(optimizer.beta1);
  s.beta2 = static_cast<float>(optimizer.beta2);
  s.one_minus_beta1 = static_cast<float>(1 - optimizer.beta1);
  s.one_minus_beta2 = static_cast<float>(1 - optimizer.beta2);
  s.weight_decay = optimizer.kind == OptimizerKind::adamw ? 0.0f : static_cast<float>(optimizer.weight_decay);
  s.tau = config.target.kind == TargetUpdate::Kind::hard ? 1.0f : static_cast<float>(config.target.tau);
  s.double_q = config.double_q;
  return s;
}

/// Steps after which an episode is cut off, 0 if never.
inline std::int32_t fused_episode_limit(const ManyAgentsSpec& spec) {
  const auto limit =
      spec.max_episode_steps ? spec.max_episode_steps : Registry::gymnasium().find(spec.environment).max_episode_steps;
  if (!limit || *limit < 0) return 0;
  return static_cast<std::int32_t>(std::min<std::int64_t>(*limit, INT32_MAX));
}

}  // namespace handgrad::cuda
