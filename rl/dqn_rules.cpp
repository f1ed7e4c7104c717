#include "dqn_rules.h"

namespace handgrad::inline HANDGRAD_PRECISION {
namespace {

/// How many multiples of `every` lie in (before, now].
std::int64_t multiples(std::int64_t every, std::int64_t before, std::int64_t now) {
  return every == 1 ? now - before : now / every - before / every;
}

}  // namespace

MlpSpec q_network(const DqnConfig& config, std::int64_t observation_size, std::int64_t actions) {
  MlpSpec spec{{observation_size}, config.activation, config.initialization};
  spec.sizes.insert(spec.sizes.end(), config.hidden.begin(), config.hidden.end());
  spec.sizes.push_back(actions);
  return spec;
}

ReplayConfig replay_config(const DqnConfig& config, std::int64_t observation_size, std::int64_t environments) {
  return {.capacity = config.replay_capacity,
          .environments = environments,
          .observation_size = observation_size,
          .batch_size = config.batch_size,
          .replacement = config.replay_replacement,
          .n_step = config.n_step,
          .gamma = config.gamma,
          .terminal_bootstraps = config.terminal == Terminal::bootstrap,
          .truncation_as_terminal = config.truncation_as_terminal};
}

std::int64_t trainings_due(const DqnConfig& config, std::int64_t before, std::int64_t now) {
  return now > config.learning_starts ? multiples(config.train_frequency, before, now) : 0;
}

std::int64_t follows_due(const DqnConfig& config, std::int64_t before, std::int64_t now) {
  if (config.target.unit != TargetUpdate::Unit::env_step) return 0;
  // Numbers n with n mod every = phase: multiples, when all are moved up by every - phase.
  const std::int64_t every = config.target.every, moved = every - config.target.phase;
  return multiples(every, before + moved, now + moved);
}

bool follows_after(const TargetUpdate& target, std::int64_t train_steps) {
  return target.unit == TargetUpdate::Unit::train_step && train_steps % target.every == target.phase;
}

}  // namespace handgrad::inline HANDGRAD_PRECISION
