// What the tabular presets are said to reach, over many seeds. Bars are as low as chance makes it necessary.

#include <algorithm>
#include <cmath>

#include "app/config/build_run.h"
#include "app/config/presets.h"
#include "envs/tabular.h"
#include "rl/planning.h"
#include "tests/support/catch.h"

using namespace handgrad;
using namespace handgrad::app;

namespace {

/// A preset's run, with its table.
struct Trained {
  RunConfig config;
  Run run;
  std::unique_ptr<Environment> environment;

  const QTables& q() const { return dynamic_cast<const Tabular&>(run.trainer->learner()).tables(); }
  const TabularEnvironment& table() const { return dynamic_cast<const TabularEnvironment&>(environment->unwrapped()); }
  double best(std::size_t state) const {
    const auto A = static_cast<std::size_t>(q().actions());
    double largest = -HUGE_VAL;
    for (std::size_t a = 0; a < A; ++a) {
      if (q().legal().empty() || q().legal()[state * A + a] != 0) largest = std::max(largest, q().weights()[state * A + a]);
    }
    return largest;
  }
  /// The actions that evaluations take.
  std::vector<std::int32_t> greedy() const {
    std::vector<float> states(static_cast<std::size_t>(q().rows()));
    for (std::size_t s = 0; s < states.size(); ++s) states[s] = static_cast<float>(s);
    std::vector<std::int32_t> actions(states.size());
    run.trainer->learner().act_greedily(states, actions);
    return actions;
  }
  /// Exact: no episode is played.
  double expected() const {
    return expected_return(table().transitions(), table().initial_distribution(), greedy(), 1.0,
                           config.trainer.evaluation_max_steps);
  }
};

Trained train(const std::string& preset, std::uint64_t seed, std::vector<std::string> set = {}) {
  set.insert(set.end(), {"eval.every_episodes=0", "eval.every_env_steps=0"});
  RunConfig config = resolve_preset(preset, set).config;
  config.seed = seed;
  Trained trained{config, build_run(config), environment_maker(config.environment)()};
  trained.run.trainer->run();
  return trained;
}

const std::vector<double> kRooms = {95, 100, 90.25, 95, 100, 0};

bool has_room_values(const Trained& trained) {
  for (std::size_t room = 0; room < 6; ++room) {
    if (std::abs(trained.best(room) - kRooms[room]) > 1e-6) return false;
  }
  return true;
}

}  // namespace

TEST_CASE("frozenlake-table finds the goal in 85 of 100 seeds, and never values anything above the truth") {
  const auto variant = GENERATE(as<std::string>{}, "faithful", "correct");
  int found = 0;
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    const Trained trained = train("frozenlake-table", seed, {"variant=" + variant});
    found += trained.expected() == 1.0 ? 1 : 0;
    const std::vector<double> exact =
        action_values(trained.table().transitions(), value_iteration(trained.table().transitions(), 0.9).values, 0.9);
    for (std::size_t i = 0; i < exact.size(); ++i) CHECK(trained.q().weights()[i] <= exact[i] + 1e-12);
  }
  CHECK(found >= 85);
}

TEST_CASE("frozenlake-table-random-init always succeeds if nothing comes after the end, else half of the time") {
  int right = 0, mistaken = 0;
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    const Trained correct = train("frozenlake-table-random-init", seed, {"variant=correct"});
    right += correct.expected() == 1.0 && std::abs(correct.best(0) - std::pow(0.9, 5)) < 1e-9 ? 1 : 0;
    mistaken += train("frozenlake-table-random-init", seed, {"variant=faithful"}).expected() == 1.0 ? 1 : 0;
  }
  CHECK(right == 100);
  CHECK(mistaken <= 55);
  CHECK(mistaken >= 20);
}

TEST_CASE("gridworld-table has the known values, whether the actions count or not") {
  const auto variant = GENERATE(as<std::string>{}, "faithful", "correct");
  int exact = 0, optimal = 0;
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    const Trained trained = train("gridworld-table", seed, {"variant=" + variant});
    exact += has_room_values(trained) ? 1 : 0;
    const std::vector<double> values = evaluate_policy(trained.table().transitions(), trained.greedy(), 0.95);
    optimal += std::ranges::equal(values, kRooms, [](double a, double b) { return std::abs(a - b) < 1e-9; }) ? 1 : 0;
    for (std::size_t i = 0; i < 36; ++i) {
      CHECK(trained.q().weights()[i] <= kRooms[i / 6] + 1e-9);
      if (i >= 30) CHECK(trained.q().weights()[i] == 0.0);
    }
  }
  CHECK(exact >= (variant == "faithful" ? 100 : 97));
  CHECK(optimal >= 97);
}

TEST_CASE("our own tabular presets reach the best return there is, to a hundredth") {
  const auto check = [](const std::string& preset, double optimum) {
    for (const std::uint64_t seed : {1U, 2U, 3U}) {
      CAPTURE(preset, seed);
      CHECK(train(preset, seed).expected() >= optimum - 0.01 * std::abs(optimum));
    }
  };
  check("frozenlake-4x4", 1.0);
  check("frozenlake-8x8", 1.0);
  check("frozenlake-4x4-slippery", 0.7441903);
  check("cliffwalking", -13.0);
  check("taxi", 7.93);
}
