#include "app/config/build_run.h"

#include "core/backends.h"
#include "core/error.h"
#include "core/random.h"
#include "envs/block_limit.h"
#include "envs/tabular.h"

namespace handgrad::app {

namespace {

std::unique_ptr<Learner> make_dqn(const RunConfig& config, const VectorEnvironment& environments, Backend& backend) {
  return std::make_unique<Dqn>(backend, config.dqn, environments.observation_size(), environments.action_space().n,
                               environments.count(), config.seed);
}

std::unique_ptr<Learner> make_tabular(const RunConfig& config, const VectorEnvironment& environments) {
  const auto single = environment_maker(config.environment)();
  const auto* tabular = dynamic_cast<const TabularEnvironment*>(&single->unwrapped());
  const bool states_are_rows = config.features.kind == FeatureSpec::Kind::identity;
  return std::make_unique<Tabular>(
      config.tabular, StateEncoder(config.features, environments.observation_space()), environments.action_space().n,
      environments.count(), config.seed,
      tabular != nullptr && states_are_rows ? tabular->legal_actions() : std::vector<std::uint8_t>());
}

}  // namespace

std::string run_name(const RunConfig& config) {
  std::string name = config.preset;
  for (const std::string& variant : config.variants) name += "-" + variant;
  return name;
}

Run build_run(const RunConfig& config) {
  auto environments = make_training_environments(config.environment);
  Run run;
  run.backend = make_backend(config.backend);
  auto learner = uses_table(config) ? make_tabular(config, *environments) : make_dqn(config, *environments, *run.backend);
  run.trainer = std::make_unique<Trainer>(config.trainer, std::move(environments), std::move(learner),
                                          environment_maker(config.environment), config.seed);
  return run;
}

std::function<std::unique_ptr<Environment>()> environment_maker(const EnvironmentConfig& config) {
  return [config, registry = Registry::gymnasium()] {
    auto environment = registry.make(config.id, config.options, config.max_episode_steps);
    if (config.observation == ObservationKind::raw) return environment;
    environment = std::make_unique<ObservationTransform>(std::move(environment), config.observation);
    return environment;
  };
}

std::function<std::unique_ptr<Environment>()> training_environment_maker(const EnvironmentConfig& config) {
  return [make = environment_maker(config), steps = config.block_steps] {
    auto environment = make();
    if (steps > 0) environment = std::make_unique<BlockLimit>(std::move(environment), steps);
    return environment;
  };
}

std::unique_ptr<VectorEnvironment> make_training_environments(const EnvironmentConfig& config) {
  constexpr auto kMode = AutoresetMode::same_step;
  if (config.observation != ObservationKind::raw || config.block_steps > 0) {  // wrappers are put around one at a time
    require(!config.fast, "env.fast = true goes with env.observation = \"raw\" and without env.block_steps");
    return std::make_unique<SyncVectorEnvironment>(training_environment_maker(config), config.count, kMode);
  }
  const VectorSettings settings{
      .mode = kMode, .fast = config.fast, .threads = config.threads, .max_episode_steps = config.max_episode_steps};
  return Registry::gymnasium().make_vector(config.id, config.options, config.count, settings);
}

EvaluationResult play(const RunConfig& config, const GreedyPolicy& policy, std::int64_t episodes, std::uint64_t seed) {
  const std::int64_t side_by_side = uses_table(config) ? 1 : 128;
  return evaluate(policy, environment_maker(config.environment), episodes, seed, side_by_side,
                  config.trainer.evaluation_max_steps);
}

std::uint64_t final_evaluation_seed(std::uint64_t run_seed) {
  return Generator::stream(run_seed, kFinalEvaluation).next_uint64() >> 1;
}

}  // namespace handgrad::app
