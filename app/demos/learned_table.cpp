#include "app/demos/learned_table.h"

#include <algorithm>
#include <memory>

#include "app/config/build_run.h"
#include "app/config/presets.h"
#include "envs/tabular.h"
#include "rl/tabular.h"

namespace handgrad::app {

namespace {

/// Notes which pairs of state and action are taken in the environment inside.
class Witness : public Environment {
 public:
  Witness(std::unique_ptr<Environment> inner, const FeatureSpec& features)
      : inner_(std::move(inner)), encoder_(features, inner_->observation_space()) {
    visited_.resize(static_cast<std::size_t>(encoder_.rows() * inner_->action_space().n));
  }

  const Space& observation_space() const override { return inner_->observation_space(); }
  const Discrete& action_space() const override { return inner_->action_space(); }
  const Environment& unwrapped() const override { return inner_->unwrapped(); }
  const std::vector<std::uint8_t>& visited() const { return visited_; }

  void reset(std::optional<std::uint64_t> seed, std::span<float> observation) override {
    inner_->reset(seed, observation);
    note(observation);
  }
  StepResult step(std::int64_t action, std::span<float> observation) override {
    const StepResult result = inner_->step(action, observation);
    visited_[static_cast<std::size_t>(row_ * action_space().n + action)] = 1;
    note(observation);
    return result;
  }

 private:
  void note(std::span<const float> observation) { encoder_.encode(observation, std::span(&row_, 1)); }

  std::unique_ptr<Environment> inner_;
  StateEncoder encoder_;
  std::vector<std::uint8_t> visited_;  // [F·A]
  std::int32_t row_ = 0;
};

}  // namespace

double LearnedTable::visited_share() const {
  return static_cast<double>(std::count(visited.begin(), visited.end(), std::uint8_t{1})) /
         static_cast<double>(visited.size());
}

LearnedTable learn_table(const RunConfig& config) {
  require(is_one_table(config), config.preset, ": expected a tabular preset with one table, a row a state, one environment");
  const auto make = [&] {
    return std::make_unique<Witness>(training_environment_maker(config.environment)(), config.features);
  };
  auto environments = std::make_unique<SyncVectorEnvironment>(make, 1, AutoresetMode::same_step);
  const auto& witness = dynamic_cast<const Witness&>(environments->environment(0));
  const std::int64_t A = environments->action_space().n;
  std::vector<std::uint8_t> legal;
  if (const auto* table = dynamic_cast<const TabularEnvironment*>(&witness.unwrapped())) legal = table->legal_actions();
  TrainerConfig unwatched = config.trainer;
  unwatched.evaluate_every_episodes = unwatched.evaluate_every_env_steps = 0;
  unwatched.stop_threshold = std::nullopt;
  Trainer trainer(unwatched, std::move(environments),
                  std::make_unique<Tabular>(config.tabular, StateEncoder(config.features, witness.observation_space()), A, 1,
                                            config.seed, std::move(legal)),
                  environment_maker(config.environment), config.seed);
  trainer.run();

  return {A, trainer.learner().model().front().as_doubles(), witness.visited()};
}

bool is_one_table(const RunConfig& config) {
  return uses_table(config) && config.tabular.method != TabularMethod::double_q_learning && config.environment.count == 1 &&
         config.features.kind != FeatureSpec::Kind::tiles;
}

LearnedTable learn_lake(const std::vector<std::string>& map, double gamma, std::uint64_t seed) {
  RunConfig config = resolve_preset("frozenlake-table", {}).config;
  config.environment.options["desc"] = map;
  config.tabular.gamma = gamma;
  config.seed = seed;
  return learn_table(config);
}

}  // namespace handgrad::app
