#pragma once

#include <functional>
#include <memory>

#include "app/config/run_config.h"
#include "core/backend.h"

namespace handgrad::app {

/// A run, ready to go: a backend, and the trainer that owns environments and learner. Runs share nothing.
struct Run {
  std::unique_ptr<Backend> backend;  // outlives the trainer, whose learner computes on it
  std::unique_ptr<Trainer> trainer;
};

/// Puts the parts of a run together; nothing is random but by config.seed. Throws Error for what cannot be built.
Run build_run(const RunConfig& config);

/// Makes one environment of the run, not yet reset, as it is judged in: inside out the environment, its time limit, and its
/// observations shown as the config says.
std::function<std::unique_ptr<Environment>()> environment_maker(const EnvironmentConfig& config);

/// Makes one to train in: around all that is the limit of env.block_steps, if there is one.
std::function<std::unique_ptr<Environment>()> training_environment_maker(const EnvironmentConfig& config);

/// All environments that a run trains in, stepped together: side by side where there is such a thing for them.
/// Throws Error where env.fast asks for what there is not.
std::unique_ptr<VectorEnvironment> make_training_environments(const EnvironmentConfig& config);

/// The final evaluation of a run's model, or another one by the same rules: limits, but not seeds.
EvaluationResult play(const RunConfig& config, const GreedyPolicy& policy, std::int64_t episodes, std::uint64_t seed);

/// The seed of the environments in which the final model of a run is judged: a stream of its own, so that no episode that
/// chose a model also judges it. Below 2^63, so that `handgrad eval --seed` takes it.
std::uint64_t final_evaluation_seed(std::uint64_t run_seed);

}  // namespace handgrad::app
