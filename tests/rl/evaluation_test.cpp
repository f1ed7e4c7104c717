#include "rl/evaluation.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>

#include "core/error.h"
#include "tests/support/catch.h"
#include "tests/support/error_message.h"

using namespace handgrad;

namespace {

/// What the environments of a test did, all together.
struct Log {
  int made = 0;
  std::vector<std::uint64_t> seeds;  ///< of the resets, in order
  std::int64_t steps = 0;
};

/// An episode whose course hangs on the seed alone: it lasts 1 + seed % 7 steps, or now and then 40, ends by the one flag, the
/// other or both, and step t pays action + seed · t. The observation is {seed, t}.
class SeedGame : public Environment {
 public:
  explicit SeedGame(Log& log) : log_(log) { ++log_.made; }

  const Space& observation_space() const override { return observation_space_; }
  const Discrete& action_space() const override { return action_space_; }

  void reset(std::optional<std::uint64_t> seed, std::span<float> observation) override {
    require(seed.has_value(), "an evaluation must seed every episode");
    seed_ = *seed;
    t_ = 0;
    log_.seeds.push_back(seed_);
    observe(observation);
  }

  StepResult step(std::int64_t action, std::span<float> observation) override {
    require(t_ < length(seed_), "stepped after the end");
    ++t_;
    ++log_.steps;
    observe(observation);
    const bool over = t_ == length(seed_);
    return {reward(seed_, t_, action), over && seed_ % 3 != 0, over && seed_ % 3 != 1};
  }

  static std::int64_t length(std::uint64_t seed) { return seed % 29 == 5 ? 40 : 1 + static_cast<std::int64_t>(seed % 7); }
  static double reward(std::uint64_t seed, std::int64_t t, std::int64_t action) {
    return static_cast<double>(action) + static_cast<double>(seed) * static_cast<double>(t);
  }

 private:
  void observe(std::span<float> observation) const {
    observation[0] = static_cast<float>(seed_);
    observation[1] = static_cast<float>(t_);
  }

  Log& log_;
  Space observation_space_ = Box{{0.0f, 0.0f}, {1000.0f, 1000.0f}};
  Discrete action_space_{5};
  std::uint64_t seed_ = 0;
  std::int64_t t_ = 0;
};

/// The action for an observation; differs from row to row and step to step.
std::int32_t action_for(float seed, float t) {
  return (static_cast<std::int32_t>(seed) * 3 + static_cast<std::int32_t>(t)) % 5;
}

void policy(std::span<const float> observations, std::span<std::int32_t> actions) {
  REQUIRE(observations.size() == 2 * actions.size());
  for (std::size_t i = 0; i < actions.size(); ++i) actions[i] = action_for(observations[2 * i], observations[2 * i + 1]);
}

/// The return of the episode with that seed under that policy, added up here.
double expected_return(std::uint64_t seed) {
  double sum = 0.0;
  for (std::int64_t t = 1; t <= SeedGame::length(seed); ++t) {
    sum += SeedGame::reward(seed, t, action_for(static_cast<float>(seed), static_cast<float>(t - 1)));
  }
  return sum;
}

auto maker(Log& log) {
  return [&log] { return std::make_unique<SeedGame>(log); };
}

}  // namespace

TEST_CASE("episode i is played in an environment reset with seed + i", "[evaluation]") {
  Log log;
  const EvaluationResult result = evaluate(policy, maker(log), 300, 40);
  REQUIRE(result.returns.size() == 300);
  REQUIRE(result.lengths.size() == 300);
  for (std::size_t i = 0; i < 300; ++i) {
    CAPTURE(i);
    CHECK(result.returns[i] == expected_return(40 + i));
    CHECK(result.lengths[i] == SeedGame::length(40 + i));
  }
  CHECK(log.made == 128);
  std::ranges::sort(log.seeds);
  REQUIRE(log.seeds.size() == 300);
  for (std::size_t i = 0; i < 300; ++i) CHECK(log.seeds[i] == 40 + i);
}

TEST_CASE("the result does not depend on how many episodes are played side by side", "[evaluation]") {
  Log log;
  const EvaluationResult alone = evaluate(policy, maker(log), 57, 3, 1);
  CHECK(log.made == 1);
  for (const std::int64_t side_by_side : {2, 3, 7, 56, 57, 58, 128}) {
    CAPTURE(side_by_side);
    Log other;
    const EvaluationResult together = evaluate(policy, maker(other), 57, 3, side_by_side);
    CHECK(together.returns == alone.returns);
    CHECK(together.lengths == alone.lengths);
    CHECK(together.statistics.mean == alone.statistics.mean);
    CHECK(together.statistics.std == alone.statistics.std);
    CHECK(other.made == std::min<std::int64_t>(57, side_by_side));
    CHECK(other.steps == log.steps);
  }
}

TEST_CASE("episodes that are over are not asked about again", "[evaluation]") {
  Log log;
  std::int64_t rows = 0;
  std::size_t fewest = 1000;
  const GreedyPolicy counting = [&](std::span<const float> observations, std::span<std::int32_t> actions) {
    rows += static_cast<std::int64_t>(actions.size());
    fewest = std::min(fewest, actions.size());
    policy(observations, actions);
  };
  evaluate(counting, maker(log), 30, 0, 16);
  CHECK(rows == log.steps);
  CHECK(fewest == 1);  // at the end only the long episode is left
}

TEST_CASE("returns are added up in double", "[evaluation]") {
  // 2^24 + 1 is no float: 1 added to 2^24 in float is lost, every time.
  class Large : public SeedGame {
   public:
    using SeedGame::SeedGame;
    StepResult step(std::int64_t, std::span<float>) override {
      const double reward = t_ == 0 ? 16'777'216.0 : 1.0;
      return {reward, ++t_ == 4, false};
    }

   private:
    int t_ = 0;
  };
  Log log;
  CHECK(evaluate(
            policy, [&] { return std::make_unique<Large>(log); }, 1, 0)
            .returns[0] == 16'777'219.0);
}

TEST_CASE("the statistics of returns are those of numpy", "[evaluation]") {
  const std::vector<double> returns = {2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0};
  const ReturnStatistics found = statistics(returns);
  CHECK(found.episodes == 8);
  CHECK(found.mean == 5.0);
  CHECK(found.std == 2.0);  // divided by n, not by n - 1
  CHECK(found.min == 2.0);
  CHECK(found.max == 9.0);

  const std::vector<double> one = {-3.0};
  CHECK(statistics(one).std == 0.0);
  CHECK(statistics(one).max == -3.0);
  CHECK(contains(error_message([] { statistics({}); }), "at least one return"));
}

TEST_CASE("the deviation of large, nearly equal returns does not cancel", "[evaluation]") {
  const std::vector<double> returns = {1e9 + 1.0, 1e9 + 2.0, 1e9 + 3.0};
  CHECK(std::abs(statistics(returns).std - std::sqrt(2.0 / 3.0)) < 1e-9);
}

TEST_CASE("an evaluation that cannot be played is an error", "[evaluation]") {
  Log log;
  CHECK(contains(error_message([&] { evaluate(policy, maker(log), 0, 0); }), "at least one episode, found 0"));
  CHECK(contains(error_message([&] { evaluate(policy, maker(log), 5, 0, 0); }), "at least one episode at a time, found 0"));
  CHECK(contains(error_message([&] { evaluate({}, maker(log), 5, 0); }), "needs a policy"));
  CHECK(contains(error_message([&] { evaluate(policy, {}, 5, 0); }), "needs a policy"));
  CHECK(contains(error_message([&] {
                   evaluate(
                       policy, [] { return nullptr; }, 5, 0);
                 }),
                 "made none"));
}

TEST_CASE("what a policy throws reaches the caller", "[evaluation]") {
  Log log;
  const GreedyPolicy broken = [](std::span<const float>, std::span<std::int32_t>) { fail("no actions today"); };
  CHECK(error_message([&] { evaluate(broken, maker(log), 5, 0); }) == "no actions today");
}

TEST_CASE("an evaluation may cut episodes off", "[evaluation]") {
  Log log;
  const GreedyPolicy policy = [](auto, std::span<std::int32_t> actions) { std::ranges::fill(actions, 0); };
  const auto make = [&] { return std::make_unique<SeedGame>(log); };
  const EvaluationResult result = evaluate(policy, make, 8, 0, 3, 4);
  CHECK(result.lengths == std::vector<std::int64_t>{1, 2, 3, 4, 4, 4, 4, 1});
  CHECK(result.returns[5] == 5.0 * (1 + 2 + 3 + 4));
  CHECK(contains(error_message([&] { evaluate(policy, make, 1, 0, 1, -1); }), "after a number of steps"));
}
