// The same for tables: every method with what it remembers, every way to see a state.

#include <string>
#include <vector>

#include "envs/tabular.h"
#include "rl/tabular.h"
#include "tests/support/resume.h"

using namespace handgrad;
using test::expect_resumes_exactly;
using test::Game;
using test::Run;

namespace {

struct Settings {
  Game game = {.id = "FrozenLake-v1"};
  TabularConfig tabular = {};
  FeatureSpec features = {};
  std::int64_t steps = 240;

  Run make() const {
    auto environments = game.all();
    const std::int64_t A = environments->action_space().n;
    const auto one = game.one();
    const auto* table = dynamic_cast<const TabularEnvironment*>(&one->unwrapped());
    auto learner = std::make_unique<Tabular>(tabular, StateEncoder(features, environments->observation_space()), A, game.count,
                                             3, table == nullptr ? std::vector<std::uint8_t>() : table->legal_actions());
    const TrainerConfig trainer{.max_env_steps = steps,
                                .evaluate_every_episodes = 7,
                                .evaluate_every_env_steps = 50,
                                .evaluation_episodes = 2,
                                .evaluation_max_steps = 15};
    Run run;
    run.trainer = std::make_unique<Trainer>(
        trainer, std::move(environments), std::move(learner), [game = game] { return game.one(); }, 3);
    return run;
  }
};

void expect_exact(const Settings& settings) {
  expect_resumes_exactly([&] { return settings.make(); });
}

Settings settings_for(TabularMethod method) {
  Settings settings;
  settings.tabular.method = method;
  settings.tabular.initial_high = 0.1;
  settings.tabular.epsilon = {.kind = Schedule::Kind::linear, .start = 1.0, .end = 0.1, .span = 200};
  return settings;
}

FeatureSpec features_of(FeatureSpec::Kind kind) {
  if (kind == FeatureSpec::Kind::identity) return {};
  return {.kind = kind, .bins = {4, 3, 5, 3}, .low = {-2.4, -3, -0.21, -3}, .high = {2.4, 3, 0.21, 3}, .tilings = 4};
}

}  // namespace

TEST_CASE("Every tabular method resumes exactly, in one environment and in several") {
  for (const TabularMethod method : all_tabular_methods()) {
    for (const std::int64_t environments : {1, 3, 5}) {
      INFO(to_string(method) << " in " << environments << " environments");
      Settings settings = settings_for(method);
      settings.game.count = environments;
      expect_exact(settings);
      settings.game.block_steps = 7;  // ends that are no ends, windows and traces among them
      expect_exact(settings);
    }
  }
}

TEST_CASE("Every tabular method resumes exactly with bins and tiles") {
  for (const TabularMethod method : all_tabular_methods()) {
    for (const auto kind : {FeatureSpec::Kind::bins, FeatureSpec::Kind::tiles}) {
      INFO(to_string(method) << ", " << to_string(kind));
      Settings settings = settings_for(method);
      settings.game = {.count = 2};
      settings.features = features_of(kind);
      expect_exact(settings);
    }
  }
}

TEST_CASE("Every tabular method resumes exactly where not every action is legal, with every tie rule") {
  for (const TabularMethod method : all_tabular_methods()) {
    for (const auto tie : {TieBreak::random, TieBreak::first, TieBreak::all_equal}) {
      INFO(to_string(method) << ", tie " << static_cast<int>(tie));
      Settings settings = settings_for(method);
      settings.game = {.id = "Rooms-v0", .count = 2};
      settings.tabular.initial_high = 0.0;  // so that there are ties
      settings.tabular.tie = tie;
      expect_exact(settings);
    }
  }
}

TEST_CASE("Tabular methods resume exactly with long memories, wrong ends and changing step sizes") {
  for (const bool wrong : {false, true}) {
    for (const auto method : {TabularMethod::nstep_sarsa, TabularMethod::q_lambda, TabularMethod::sarsa}) {
      Settings settings = settings_for(method);
      settings.game = {.id = "CliffWalking-v1", .max_episode_steps = 30};
      settings.tabular.n_step = 9;
      settings.tabular.lambda = 1.0;
      settings.tabular.gamma = 1.0;
      settings.tabular.terminal_bootstraps = settings.tabular.truncation_as_terminal = wrong;
      settings.tabular.alpha = {.kind = Schedule::Kind::exponential, .start = 0.9, .span = 5, .unit = Schedule::Unit::episode};
      settings.tabular.epsilon = {.start = 0.05};  // so that traces live for long
      expect_exact(settings);
    }
  }
}
