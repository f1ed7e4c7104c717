#include "rl/tabular.h"

#include <cmath>
#include <numeric>

#include "envs/frozen_lake.h"
#include "rl/policy.h"
#include "rl/trainer.h"
#include "tests/support/catch.h"
#include "tests/support/error_message.h"

using namespace handgrad;

namespace {

TabularConfig config_of(TabularMethod method) {
  TabularConfig config;
  config.method = method;
  config.gamma = 0.9;
  config.alpha.start = 0.5;
  config.epsilon.start = 0.3;
  return config;
}

/// Shows a learner one step of its only environment: from where it was to `next`.
class Script {
 public:
  explicit Script(Tabular& learner) : learner_(learner) { learner_.start(first_); }

  std::int32_t act() {
    learner_.act({}, progress_, action_);
    return action_[0];
  }
  void observe(std::int32_t action, double reward, float next, bool terminated = false, bool truncated = false,
               float first = 0.0F) {
    const bool ended = terminated || truncated;
    const std::vector<float> observation = {ended ? first : next}, final = {next};
    const std::vector<double> rewards = {reward};
    const std::vector<std::uint8_t> t = {terminated}, u = {truncated}, none = {0};
    ++progress_.env_steps;
    learner_.observe(std::vector<std::int32_t>{action}, {observation, final, rewards, t, u, none}, progress_);
    progress_.episodes += ended ? 1 : 0;
  }

 private:
  Tabular& learner_;
  Progress progress_;
  std::vector<float> first_ = {0.0F};
  std::vector<std::int32_t> action_ = {0};
};

/// How often each of the actions of state 0 is chosen greedily, in 4,000 choices.
std::vector<int> greedy_choices(TieBreak tie, const std::vector<double>& values, std::vector<std::uint8_t> legal = {}) {
  TabularConfig config = config_of(TabularMethod::q_learning);
  config.tie = tie;
  config.epsilon.start = 0.0;
  const auto A = static_cast<std::int64_t>(values.size());
  Tabular learner(config, StateEncoder({}, Discrete{1}), A, 1, 7, std::move(legal));
  std::ranges::copy(values, learner.tables().weights().begin());
  Script script(learner);
  std::vector<int> counts(values.size());
  for (int k = 0; k < 4000; ++k) ++counts.at(static_cast<std::size_t>(script.act()));
  return counts;
}

std::unique_ptr<Environment> lake() {
  FrozenLakeOptions options;
  options.is_slippery = false;
  return std::make_unique<TimeLimit>(std::make_unique<FrozenLake>(options), 100);
}

/// The table after so many episodes on the dry lake.
std::unique_ptr<Trainer> trained_on_lake(const TabularConfig& config, std::uint64_t seed, std::int64_t episodes,
                                         std::int64_t environments = 1) {
  auto run = std::make_unique<Trainer>(
      TrainerConfig{.max_episodes = episodes},
      std::make_unique<SyncVectorEnvironment>(lake, environments, AutoresetMode::same_step),
      std::make_unique<Tabular>(config, StateEncoder({}, Discrete{16}), 4, environments, seed), lake, seed);
  run->run();
  return run;
}

std::span<const double> table_of(const Trainer& run) { return dynamic_cast<const Tabular&>(run.learner()).tables().weights(); }

double best_value(std::span<const double> table, std::size_t state) {
  return *std::max_element(table.begin() + static_cast<std::ptrdiff_t>(4 * state),
                           table.begin() + static_cast<std::ptrdiff_t>(4 * state + 4));
}

}  // namespace

TEST_CASE("ties are broken as asked") {
  CHECK(greedy_choices(TieBreak::first, {1, 2, 2, 2}) == std::vector<int>{0, 4000, 0, 0});
  CHECK(greedy_choices(TieBreak::all_equal, {1, 2, 2, 2}) == std::vector<int>{0, 4000, 0, 0});
  const auto even = [](int count, int expected) { return std::abs(count - expected) < 5 * std::sqrt(expected); };
  const std::vector<int> all = greedy_choices(TieBreak::all_equal, {2, 2, 2, 2});
  for (const int count : all) CHECK(even(count, 1000));
  const std::vector<int> best = greedy_choices(TieBreak::random, {2, 1, 2, 0});
  CHECK(even(best[0], 2000));
  CHECK(even(best[2], 2000));
  CHECK(best[1] + best[3] == 0);
}

TEST_CASE("an action that is not legal is never taken, nor counted among equals") {
  const std::vector<std::uint8_t> legal = {0, 1, 0, 1};
  CHECK(greedy_choices(TieBreak::first, {9, 1, 9, 2}, legal) == std::vector<int>{0, 0, 0, 4000});
  const std::vector<int> tied = greedy_choices(TieBreak::all_equal, {9, 1, 0, 1}, legal);  // all legal ones are equal
  CHECK(tied[0] + tied[2] == 0);
  CHECK(std::abs(tied[1] - 2000) < 220);

  TabularConfig config = config_of(TabularMethod::q_learning);
  config.epsilon.start = 1.0;
  Tabular learner(config, StateEncoder({}, Discrete{1}), 4, 1, 7, legal);
  Script script(learner);
  std::vector<int> counts(4);
  for (int k = 0; k < 4000; ++k) ++counts.at(static_cast<std::size_t>(script.act()));
  CHECK(counts[0] + counts[2] == 0);
  CHECK(std::abs(counts[1] - 2000) < 220);
}

TEST_CASE("Trap: on-policy methods take the very action that they learned from") {
  for (const TabularMethod method : {TabularMethod::sarsa, TabularMethod::nstep_sarsa}) {
    TabularConfig config = config_of(method);
    config.n_step = 1;
    config.alpha.start = 1.0;
    config.gamma = 1.0;
    config.epsilon.start = 1.0;  // so that only what was chosen ahead can agree
    Tabular learner(config, StateEncoder({}, Discrete{2}), 4, 1, 3);
    Script script(learner);
    for (int k = 0; k < 200; ++k) {
      // Values that tell which action of state 1 was used: 1, 2, 3, 4.
      for (std::size_t a = 0; a < 4; ++a) learner.tables().weights()[4 + a] = static_cast<double>(a + 1);
      const std::int32_t action = script.act();
      script.observe(action, 0.0, 1.0F);
      const double learned = learner.tables().value(std::vector<std::int32_t>{0}, action);
      const std::int32_t next = script.act();
      CHECK(learned == next + 1.0);
      script.observe(next, 0.0, 0.0F, true);
    }
  }
}

TEST_CASE("Trap: at an episode's end the step leads to the final observation, not to the next beginning") {
  TabularConfig config = config_of(TabularMethod::q_learning);
  config.alpha.start = 1.0;
  Tabular learner(config, StateEncoder({}, Discrete{3}), 1, 1, 3);
  learner.tables().weights()[1] = 5.0;
  learner.tables().weights()[2] = 7.0;
  Script script(learner);
  script.observe(script.act(), 1.0, 1.0F, false, true, 2.0F);  // truncated in state 1, the next episode begins in state 2
  CHECK(learner.tables().weights()[0] == 1.0 + 0.9 * 5.0);
  script.observe(script.act(), 0.0, 0.0F, true);
  CHECK(learner.tables().weights()[2] == 0.0);  // it was in state 2 that the second episode began
}

TEST_CASE("step sizes count the steps and episodes before the step they are for") {
  TabularConfig config = config_of(TabularMethod::q_learning);
  config.gamma = 0.0;
  config.alpha = {Schedule::Kind::linear, 1.0, 0.0, 4, Schedule::Unit::step};
  Tabular learner(config, StateEncoder({}, Discrete{1}), 1, 1, 3);
  Script script(learner);
  double expected = 0.0;
  for (const double alpha : {1.0, 0.75, 0.5, 0.25, 0.0}) {
    script.observe(script.act(), 1.0 / (alpha + 1), 0.0F);
    expected += alpha * (1.0 / (alpha + 1) - expected);
    CHECK(learner.tables().weights()[0] == expected);
  }
}

TEST_CASE("values begin as asked, those of terminal states too") {
  TabularConfig config = config_of(TabularMethod::double_q_learning);
  config.initial_low = -1.0;
  config.initial_high = 3.0;
  Tabular random(config, StateEncoder({}, Discrete{500}), 4, 1, 11);
  for (const std::int64_t table : {0, 1}) {
    const auto values = random.tables().weights(table);
    CHECK(*std::ranges::min_element(values) >= -1.0);
    CHECK(*std::ranges::max_element(values) < 3.0);
    CHECK(std::abs(std::accumulate(values.begin(), values.end(), 0.0) / 2000 - 1.0) < 5 * 4 / std::sqrt(12.0 * 2000));
  }
  CHECK(random.tables().weights(0)[0] != random.tables().weights(1)[0]);
  config.method = TabularMethod::q_learning;
  config.initial_low = config.initial_high = -20.0;
  const StateEncoder tiles({FeatureSpec::Kind::tiles, {4}, {0}, {1}, 8}, Box{{0}, {1}});
  Tabular constant(config, tiles, 3, 1, 11);
  CHECK(constant.tables().weights()[0] == -20.0 / 8);
  std::vector<std::int32_t> rows(8);
  tiles.encode(std::vector<float>{0.3F}, rows);
  CHECK(constant.tables().value(rows, 1) == -20.0);
}

TEST_CASE("every method finds the shortest way over the dry lake, whatever the seed") {
  for (const TabularMethod method : all_tabular_methods()) {
    for (const std::uint64_t seed : {1U, 2U, 3U, 4U, 5U}) {
      CAPTURE(to_string(method), seed);
      TabularConfig config = config_of(method);
      config.lambda = 0.5;
      config.epsilon = {Schedule::Kind::linear, 1.0, 0.05, 500, Schedule::Unit::episode};
      const auto run = trained_on_lake(config, seed, 1000);
      const EvaluationResult result = run->evaluate_now(1, 1);
      CHECK(result.returns.at(0) == 1.0);
      CHECK(result.lengths.at(0) == 6);
    }
  }
}

TEST_CASE("Q-learning with a step size of one reaches the exact values of the dry lake") {
  TabularConfig config = config_of(TabularMethod::q_learning);
  config.alpha.start = 1.0;
  config.epsilon.start = 1.0;
  const auto run = trained_on_lake(config, 1, 20'000);
  const std::span<const double> table = table_of(*run);
  // γ^(d-1), d steps from the goal
  CHECK(best_value(table, 0) == Approx(std::pow(0.9, 5)).epsilon(1e-12));
  CHECK(best_value(table, 6) == Approx(0.81).epsilon(1e-12));
  CHECK(best_value(table, 14) == 1.0);
  CHECK(table[4 * 14 + 2] == 1.0);
  CHECK(table[4 * 4 + 2] == 0.0);                                    // into a hole
  CHECK(table[0] == Approx(0.9 * std::pow(0.9, 5)).epsilon(1e-12));  // against the edge
}

TEST_CASE("the mistake of bootstrapping from terminal states keeps a random table from the exact values") {
  TabularConfig config = config_of(TabularMethod::q_learning);
  config.alpha.start = 1.0;
  config.initial_low = -1.0;
  config.initial_high = 1.0;
  config.epsilon.start = 1.0;
  CHECK(best_value(table_of(*trained_on_lake(config, 2, 5000)), 0) == Approx(std::pow(0.9, 5)).epsilon(1e-9));
  config.terminal_bootstraps = true;
  CHECK(std::abs(best_value(table_of(*trained_on_lake(config, 2, 5000)), 0) - std::pow(0.9, 5)) > 0.01);
}

TEST_CASE("parallel environments learn one table, each with its own windows and traces") {
  for (const TabularMethod method : all_tabular_methods()) {
    CAPTURE(to_string(method));
    TabularConfig config = config_of(method);
    config.lambda = 0.5;
    config.epsilon = {Schedule::Kind::linear, 1.0, 0.05, 500, Schedule::Unit::episode};
    const auto run = trained_on_lake(config, 1, 1500, 3);
    CHECK(run->evaluate_now(1, 1).lengths.at(0) == 6);
  }
}

TEST_CASE("the same seed learns the same table") {
  const TabularConfig config = config_of(TabularMethod::sarsa);
  const auto first = trained_on_lake(config, 5, 100), second = trained_on_lake(config, 5, 100),
             other = trained_on_lake(config, 6, 100);
  CHECK(std::ranges::equal(table_of(*first), table_of(*second)));
  CHECK_FALSE(std::ranges::equal(table_of(*first), table_of(*other)));
}

TEST_CASE("a model is loaded back, and played by Policy to the last bit") {
  for (const TabularMethod method : {TabularMethod::q_learning, TabularMethod::double_q_learning}) {
    TabularConfig config = config_of(method);
    config.initial_low = -1.0;
    config.initial_high = 1.0;
    const std::vector<std::uint8_t> legal = {1, 1, 0, 1, 0, 1, 1, 1, 1};
    Tabular learner(config, StateEncoder({}, Discrete{3}), 3, 1, 1, legal),
        other(config, StateEncoder({}, Discrete{3}), 3, 1, 2, legal);
    const TensorFile file{learner.model_metadata(), learner.model()};
    Policy policy = Policy::from_tensors(file, "file");
    CHECK(policy.observation_size() == 1);
    CHECK(policy.actions() == 3);
    for (const float s : {0.0F, 1.0F, 2.0F}) {
      std::vector<std::int32_t> action(1);
      learner.act_greedily(std::vector<float>{s}, action);
      CHECK(policy.act(std::vector<float>{s}) == action[0]);
      const std::vector<std::int32_t> rows = {static_cast<std::int32_t>(s)};
      const std::vector<double> values = policy.values(std::vector<float>{s});
      for (std::int32_t a = 0; a < 3; ++a) {
        double mean = learner.tables().value(rows, a);
        if (method == TabularMethod::double_q_learning) mean = (mean + learner.tables().value(rows, a, 1)) / 2;
        CHECK(values.at(static_cast<std::size_t>(a)) == (learner.tables().is_legal(rows, a) ? mean : -HUGE_VAL));
      }
    }
    other.load_model(learner.model());
    CHECK(std::ranges::equal(other.tables().weights(), learner.tables().weights()));
  }
}

TEST_CASE("a policy refuses tables that cannot be played, and says why") {
  const Tabular learner(config_of(TabularMethod::q_learning), StateEncoder({}, Discrete{3}), 2, 1, 1);
  const auto message = [&](auto change) {
    TensorFile file{learner.model_metadata(), learner.model()};
    change(file);
    return error_message([&] { Policy::from_tensors(file, "model.safetensors"); });
  };
  CHECK(
      contains(message([](TensorFile& f) { f.metadata.clear(); }), "model.safetensors: the metadata does not say how states"));
  CHECK(contains(message([](TensorFile& f) { f.metadata["features_counts"] = "4"; }), "a table of 4 rows"));
  CHECK(contains(message([](TensorFile& f) { f.tensors[0].doubles[1] = std::nan(""); }), "not finite"));
  CHECK(contains(message([](TensorFile& f) { f.tensors[0].name = "q_a"; }), "there is no 'q_b' beside 'q_a'"));
  Policy policy = Policy::from_tensors({learner.model_metadata(), learner.model()}, "file");
  CHECK(contains(error_message([&] { policy.act(std::vector<float>{3}); }), "from 0 to 2, got 3"));
  CHECK(contains(error_message([&] { policy.act(std::vector<float>{0, 1}); }), "observations of 1 values"));
}

TEST_CASE("the mean squared error is told once, and what is not finite is an error") {
  TabularConfig config = config_of(TabularMethod::q_learning);
  config.gamma = 0.0;
  Tabular learner(config, StateEncoder({}, Discrete{2}), 1, 1, 3);
  Script script(learner);
  CHECK_FALSE(learner.take_mean_loss().has_value());
  script.observe(script.act(), 2.0, 1.0F);
  script.observe(script.act(), 4.0, 0.0F);
  CHECK(learner.take_mean_loss() == (4.0 + 16.0) / 2);
  CHECK_FALSE(learner.take_mean_loss().has_value());
  CHECK(contains(error_message([&] { script.observe(script.act(), 1e200, 1.0F); }),
                 "table update 3: q[0, 0] is 1 and would move towards 1e+200: learning has diverged. Lower alpha or gamma"));
  CHECK(learner.tables().weights()[0] == 1.0);
}

TEST_CASE("a value of a table that is not finite is told at the update that meets it, by table, row and action") {
  for (const TabularMethod method : all_tabular_methods()) {
    CAPTURE(to_string(method));
    Tabular learner(config_of(method), StateEncoder({}, Discrete{2}), 1, 1, 3);
    Script script(learner);
    for (int k = 0; k < 4; ++k) script.observe(script.act(), 1.0, 0.0F);
    learner.check_health();
    const std::int64_t updates = learner.train_steps();
    for (std::int64_t table = 0; table < learner.tables().tables(); ++table) learner.tables().weights(table)[0] = HUGE_VAL;
    const std::string name = learner.tables().tables() == 1 ? "q[0, 0]" : "q_a[0, 0]";
    CHECK(contains(error_message([&] { learner.check_health(); }),
                   text("table update ", updates, ": ", name, " is inf: learning has diverged. Lower alpha or gamma")));
    const std::string message = error_message([&] { script.observe(script.act(), 1.0, 0.0F); });
    CHECK(contains(message, text("table update ", updates + 1, ": q")));
    CHECK(contains(message, "[0, 0] is inf and would move towards inf: learning has diverged. Lower alpha or gamma"));
  }
  Tabular tiles(config_of(TabularMethod::q_learning),
                StateEncoder({.kind = FeatureSpec::Kind::tiles, .bins = {2}, .tilings = 2}, Box{{0}, {1}}), 1, 1, 3);
  Script script(tiles);
  tiles.tables().weights()[3] = -HUGE_VAL;
  CHECK(contains(error_message([&] { script.observe(script.act(), 1.0, 0.5F); }), "table update 1: q[0+3, 0] is -inf"));
}

TEST_CASE("a model of another table is refused") {
  Tabular learner(config_of(TabularMethod::q_learning), StateEncoder({}, Discrete{3}), 2, 1, 1);
  const Tabular larger(config_of(TabularMethod::q_learning), StateEncoder({}, Discrete{4}), 2, 1, 1);
  const Tabular two(config_of(TabularMethod::double_q_learning), StateEncoder({}, Discrete{3}), 2, 1, 1);
  CHECK(contains(error_message([&] { learner.load_model(larger.model()); }), "a table of 3 rows"));
  CHECK(contains(error_message([&] { learner.load_model(two.model()); }), "not those of this learner"));
  CHECK(contains(error_message([&] { learner.load_model({}); }), "there is no table"));
}
