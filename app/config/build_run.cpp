#include "app/config/build_run.h"

#include "core/backends.h"
#include "core/random.h"

namespace handgrad::app {

namespace {

std::unique_ptr<Learner> make_dqn(const RunConfig& config, const VectorEnvironment& environments, Backend& backend) {
  return std::make_unique<Dqn>(backend, config.dqn, environments.observation_size(), environments.action_space().n,
                               environments.count(), config.seed);
}

std::unique_ptr<Learner> make_tabular(const RunConfig& config, const SyncVectorEnvironment& environments) {
  return std::make_unique<Tabular>(config.tabular, StateEncoder(config.features, environments.observation_space()),
                                   environments.action_space().n, environments.count(), config.seed);
}

}  // namespace

std::string run_name(const RunConfig& config) {
  std::string name = config.preset;
  for (const std::string& variant : config.variants) name += "-" + variant;
  return name;
}

Run build_run(const RunConfig& config) {
  const auto make_environment = environment_maker(config.environment);
  auto environments =
      std::make_unique<SyncVectorEnvironment>(make_environment, config.environment.count, AutoresetMode::same_step);
  Run run;
  run.backend = make_backend(config.backend);
  auto learner = uses_table(config) ? make_tabular(config, *environments) : make_dqn(config, *environments, *run.backend);
  run.trainer =
      std::make_unique<Trainer>(config.trainer, std::move(environments), std::move(learner), make_environment, config.seed);
  return run;
}

std::function<std::unique_ptr<Environment>()> environment_maker(const EnvironmentConfig& config) {
  return [config, registry = Registry::gymnasium()] {
    return registry.make(config.id, config.options, config.max_episode_steps);
  };
}

EvaluationResult play(const RunConfig& config, const GreedyPolicy& policy, std::int64_t episodes, std::uint64_t seed) {
  constexpr std::int64_t kSideBySide = 128;
  return evaluate(policy, environment_maker(config.environment), episodes, seed, kSideBySide,
                  config.trainer.evaluation_max_steps);
}

std::uint64_t final_evaluation_seed(std::uint64_t run_seed) {
  return Generator::stream(run_seed, kFinalEvaluation).next_uint64() >> 1;
}

}  // namespace handgrad::app
