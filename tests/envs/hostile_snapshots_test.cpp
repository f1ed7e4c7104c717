// Snapshots that nobody has saved: refused by name, before a number of theirs becomes an index, an angle to be wrapped or a
// float.

#include <limits>

#include "envs/block_limit.h"
#include "envs/registry.h"
#include "tests/support/catch.h"
#include "tests/support/error_message.h"

using namespace handgrad;

namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN(), kInfinity = std::numeric_limits<double>::infinity();

/// Whether an environment of that id refuses to load what it has saved with number k changed, alone and side by side.
void expect_refused(const std::string& id, std::size_t k, double value, bool fast = false) {
  INFO(id << ": number " << k << " is " << value);
  const Registry registry = Registry::gymnasium();
  const auto one = registry.make(id, {}, -1);
  std::vector<float> observation(static_cast<std::size_t>(one->observation_size()));
  one->reset(1, observation);
  Snapshot snapshot = one->save();
  REQUIRE(k < snapshot.values.size());
  snapshot.values[k] = value;
  if (!fast) CHECK(contains(error_message([&] { one->load(snapshot); }), "this snapshot was not saved by"));

  const auto many = registry.make_vector(id, {}, 5, {.mode = AutoresetMode::same_step, .fast = fast, .max_episode_steps = -1});
  many->reset(1);
  std::vector<Snapshot> all = many->save();
  all[3].values[k] = value;
  CHECK(contains(error_message([&] { many->load(all); }), "this snapshot was not saved by"));
  const std::vector<std::int32_t> actions(5);
  CHECK(contains(error_message([&] { many->step(actions); }), "before the first reset"));
}

}  // namespace

TEST_CASE("Environments refuse numbers that none of theirs can be") {
  for (const double x : {kNan, kInfinity, 1e300}) {
    for (const std::size_t k : {0U, 1U, 2U, 3U}) {
      expect_refused("CartPole-v1", k, x);
      expect_refused("Acrobot-v1", k, x);
    }
    for (const std::size_t k : {0U, 1U}) expect_refused("MountainCar-v0", k, x);
  }
  expect_refused("CartPole-v1", 4, 2.0);
  expect_refused("Acrobot-v1", 0, 1e6);  // it would be wrapped into [-π, π] turn by turn
  for (const double x : {kNan, -1.0, 500.0, 3.5, 1e300}) expect_refused("Taxi-v4", 0, x);
  for (const double x : {kNan, 2.0, 0.5}) expect_refused("Taxi-v4", 3, x);
  for (const double x : {kNan, -1.0, 16.0}) expect_refused("FrozenLake-v1", 0, x);
  for (const double x : {kNan, -2.0, 4.0}) expect_refused("FrozenLake-v1", 1, x);
  for (const double x : {kNan, -0.5, 1.5}) expect_refused("FrozenLake-v1", 2, x);
  for (const double x : {kNan, -1.0, 11.0, 1.5}) expect_refused("Blackjack-v1", 0, x);
  for (const std::size_t hand : {1U, 4U}) {
    for (const double x : {kNan, -1.0, 1.0, 21.0, 1e9}) expect_refused("Blackjack-v1", hand, x);  // the sum of two cards
    for (const double x : {kNan, 2.0, -1.0}) expect_refused("Blackjack-v1", hand + 1, x);
    for (const double x : {kNan, 0.5, 1e9}) expect_refused("Blackjack-v1", hand + 2, x);
  }
}

TEST_CASE("Fast environments refuse numbers that a float has no angles and squares for") {
  for (const std::size_t k : {0U, 1U, 2U, 3U}) {
    expect_refused("CartPole-v1", k, 1e30, true);
    expect_refused("Acrobot-v1", k, 1e30, true);
  }
  for (const std::size_t k : {0U, 1U}) expect_refused("MountainCar-v0", k, -1e30, true);
}

TEST_CASE("Limits refuse counts that they cannot have come to") {
  const Registry registry = Registry::gymnasium();
  const auto limited = registry.make("CartPole-v1");
  std::vector<float> observation(4);
  limited->reset(1, observation);
  for (const double x : {kNan, -1.0, 0.5, 1e300}) {
    Snapshot snapshot = limited->save();
    snapshot.values.back() = x;
    CHECK(contains(error_message([&] { limited->load(snapshot); }), "was not saved under a time limit"));
  }
  const auto many = registry.make_vector("CartPole-v1", {}, 4, {.mode = AutoresetMode::same_step});
  for (const double x : {kNan, -1.0, 0.5, 501.0, 1e300}) {
    many->reset(1);
    std::vector<Snapshot> all = many->save();
    all[0].values[5] = x;
    CHECK(contains(error_message([&] { many->load(all); }), "was not saved under a time limit of 500"));
  }
  BlockLimit block(registry.make("CartPole-v1"), 7);
  block.reset(1, observation);
  for (const double x : {kNan, -1.0, 0.5, 7.0}) {
    Snapshot snapshot = block.save();
    snapshot.values.back() = x;
    CHECK(contains(error_message([&] { block.load(snapshot); }), "was not saved under such a block limit"));
  }
}

TEST_CASE("Who steps on after the limit can be saved and loaded") {
  const auto limited = Registry::gymnasium().make("MountainCar-v0", {}, 3);
  std::vector<float> observation(2);
  limited->reset(1, observation);
  for (int t = 0; t < 5; ++t) limited->step(1, observation);
  limited->load(limited->save());
  CHECK(limited->step(1, observation).truncated);
}
