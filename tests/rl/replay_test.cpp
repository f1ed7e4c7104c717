#include "rl/replay.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "core/backends.h"
#include "core/error.h"
#include "tests/support/catch.h"

using namespace handgrad;

namespace {

/// Feeds a replay memory with episodes of recognisable numbers: in environment e, the k-th observation ever seen is
/// 1000 e + k, its action k mod 3, its reward 10 k; the final observation of an episode is that number plus a half.
class Feeder {
 public:
  Feeder(Replay& replay, std::int64_t environments) : replay_(replay), seen_(static_cast<std::size_t>(environments), 0) {
    replay_.start(observations());
  }

  struct End {
    bool terminated = false, truncated = false;
  };

  /// One step of all environments; ends[e] says how the episode of environment e goes on.
  void step(const std::vector<End>& ends) {
    std::vector<std::int32_t> actions;
    std::vector<double> rewards;
    std::vector<std::uint8_t> terminated, truncated;
    std::vector<float> finals;
    for (std::size_t e = 0; e < seen_.size(); ++e) {
      actions.push_back(static_cast<std::int32_t>(seen_[e] % 3));
      rewards.push_back(10.0 * static_cast<double>(seen_[e]));
      terminated.push_back(ends[e].terminated ? 1 : 0);
      truncated.push_back(ends[e].truncated ? 1 : 0);
      finals.push_back(number(e) + 0.5F);
      ++seen_[e];
    }
    const std::vector<float> next = observations();
    replay_.add(actions, {.observations = next,
                          .final_observations = finals,
                          .rewards = rewards,
                          .terminated = terminated,
                          .truncated = truncated,
                          .autoreset = {}});
  }
  void step() { step(std::vector<End>(seen_.size())); }

 private:
  float number(std::size_t e) const { return 1000.0F * static_cast<float>(e) + static_cast<float>(seen_[e]); }
  std::vector<float> observations() const {
    std::vector<float> all;
    for (std::size_t e = 0; e < seen_.size(); ++e) all.push_back(number(e));
    return all;
  }

  Replay& replay_;
  std::vector<std::int64_t> seen_;
};

struct Row {
  double observation, action, reward, discount, next;
  auto operator<=>(const Row&) const = default;  // NOLINT(modernize-use-nullptr): there is no pointer here
};

std::vector<Row> rows(Backend& backend, const ReplayBatch& batch) {
  const auto count = static_cast<std::size_t>(batch.observations.rows);
  std::vector<Real> observation(count), reward(count), discount(count), next(count);
  std::vector<std::int32_t> action(count);
  backend.download(observation.data(), batch.observations.data, count * sizeof(Real));
  backend.download(next.data(), batch.next_observations.data, count * sizeof(Real));
  backend.download(reward.data(), batch.rewards.data(), count * sizeof(Real));
  backend.download(discount.data(), batch.discounts.data(), count * sizeof(Real));
  backend.download(action.data(), batch.actions.data(), count * sizeof(std::int32_t));
  std::vector<Row> result;
  for (std::size_t i = 0; i < count; ++i) {
    result.push_back({static_cast<double>(observation[i]), static_cast<double>(action[i]), static_cast<double>(reward[i]),
                      static_cast<double>(discount[i]), static_cast<double>(next[i])});
  }
  return result;
}

/// Everything that can be sampled, sorted: batches without replacement of the whole memory.
std::vector<Row> everything(Backend& backend, Replay& replay) {
  Generator random(1);
  std::vector<Row> all = rows(backend, replay.sample(replay.size(), random));
  std::ranges::sort(all);
  return all;
}

ReplayConfig config(std::int64_t capacity, std::int64_t environments = 1) {
  return {.capacity = capacity,
          .environments = environments,
          .observation_size = 1,
          .batch_size = capacity,
          .replacement = false,
          .n_step = 1,
          .gamma = 0.5};
}

}  // namespace

TEST_CASE("a replay memory gives back what was put in") {
  const auto backend = make_backend("unreadable");
  Replay replay(*backend, config(8));
  Feeder feeder(replay, 1);
  feeder.step();
  feeder.step();
  REQUIRE(replay.size() == 2);
  CHECK(everything(*backend, replay) == std::vector<Row>{{0, 0, 0, 0.5, 1}, {1, 1, 10, 0.5, 2}});
}

TEST_CASE("the end of an episode leads to its final observation, not to the next episode's first") {
  const auto backend = make_backend("unreadable");
  Replay replay(*backend, config(8));
  Feeder feeder(replay, 1);
  feeder.step({{.terminated = true}});
  feeder.step({{.truncated = true}});
  feeder.step({{.terminated = true, .truncated = true}});
  feeder.step();
  // Trap: terminated is worth nothing beyond, truncated bootstraps; both together are terminated.
  CHECK(everything(*backend, replay) ==
        std::vector<Row>{{0, 0, 0, 0, 0.5}, {1, 1, 10, 0.5, 1.5}, {2, 2, 20, 0, 2.5}, {3, 0, 30, 0.5, 4}});
}

TEST_CASE("treating a time limit as an end is possible, for comparison") {
  const auto backend = make_backend("unreadable");
  ReplayConfig wrong = config(4);
  wrong.truncation_as_terminal = true;
  Replay replay(*backend, wrong);
  Feeder feeder(replay, 1);
  feeder.step({{.truncated = true}});
  CHECK(everything(*backend, replay) == std::vector<Row>{{0, 0, 0, 0, 0.5}});
}

TEST_CASE("leaving out the mask at an end is possible, for comparison") {
  const auto backend = make_backend("unreadable");
  ReplayConfig wrong = config(6);
  wrong.terminal_bootstraps = true;
  Replay replay(*backend, wrong);
  Feeder feeder(replay, 1);
  feeder.step({{.terminated = true}});
  feeder.step({{.truncated = true}});
  feeder.step({{.terminated = true, .truncated = true}});
  CHECK(everything(*backend, replay) == std::vector<Row>{{0, 0, 0, 0.5, 0.5}, {1, 1, 10, 0.5, 1.5}, {2, 2, 20, 0.5, 2.5}});
}

TEST_CASE("a full memory holds exactly the last transitions, each with its own successor") {
  const auto backend = make_backend("unreadable");
  Replay replay(*backend, config(5));
  Feeder feeder(replay, 1);
  for (int k = 0; k < 200; ++k) {
    const bool ends = k % 3 == 2;
    feeder.step({{.terminated = ends}});
    const int held = std::min(k + 1, 5);
    REQUIRE(replay.size() == held);
    std::vector<Row> expected;
    for (int t = k + 1 - held; t <= k; ++t) {
      const bool ended = t % 3 == 2;
      expected.push_back({double(t), double(t % 3), 10.0 * t, ended ? 0 : 0.5, ended ? t + 0.5 : t + 1.0});
    }
    REQUIRE(everything(*backend, replay) == expected);
  }
}

TEST_CASE("parallel environments share one memory, in any pattern of episode ends") {
  const auto backend = make_backend("unreadable");
  Replay replay(*backend, config(12, 3));
  Feeder feeder(replay, 3);
  for (int k = 0; k < 50; ++k) feeder.step({{.terminated = k % 2 == 1}, {.truncated = k % 5 == 4}, {}});
  std::vector<Row> expected;
  for (int t = 46; t < 50; ++t) {
    const bool first_ended = t % 2 == 1, second_ended = t % 5 == 4;
    expected.push_back({double(t), double(t % 3), 10.0 * t, first_ended ? 0 : 0.5, first_ended ? t + 0.5 : t + 1.0});
    expected.push_back({1000.0 + t, double(t % 3), 10.0 * t, 0.5, second_ended ? 1000.5 + t : 1001.0 + t});
    expected.push_back({2000.0 + t, double(t % 3), 10.0 * t, 0.5, 2001.0 + t});
  }
  std::ranges::sort(expected);
  CHECK(everything(*backend, replay) == expected);
}

TEST_CASE("n-step returns stop at an episode's end and hold back what is not complete") {
  const auto backend = make_backend("unreadable");
  ReplayConfig three = config(16);
  three.n_step = 3;
  Replay replay(*backend, three);
  Feeder feeder(replay, 1);
  for (int k = 0; k < 4; ++k) feeder.step();  // 0 1 2 3
  feeder.step({{.truncated = true}});         // 4
  feeder.step();                              // 5
  CHECK(replay.size() == 5);                  // 5 waits for two more rewards
  feeder.step();                              // 6
  CHECK(replay.size() == 5);
  feeder.step();  // 7
  CHECK(replay.size() == 6);
  const double d = 0.125;
  CHECK(everything(*backend, replay) == std::vector<Row>{{0, 0, 0 + 0.5 * 10 + 0.25 * 20, d, 3},
                                                         {1, 1, 10 + 0.5 * 20 + 0.25 * 30, d, 4},
                                                         {2, 2, 20 + 0.5 * 30 + 0.25 * 40, d, 4.5},
                                                         {3, 0, 30 + 0.5 * 40, 0.25, 4.5},
                                                         {4, 1, 40, 0.5, 4.5},
                                                         {5, 2, 50 + 0.5 * 60 + 0.25 * 70, d, 8}});
}

TEST_CASE("n-step returns of parallel environments are held back each by itself") {
  const auto backend = make_backend("unreadable");
  ReplayConfig two = config(8, 2);
  two.n_step = 2;
  Replay replay(*backend, two);
  Feeder feeder(replay, 2);
  feeder.step();
  CHECK(replay.size() == 0);
  feeder.step({{.terminated = true}, {}});
  CHECK(everything(*backend, replay) == std::vector<Row>{{0, 0, 5, 0, 1.5}, {1, 1, 10, 0, 1.5}, {1000, 0, 5, 0.25, 1002}});
}

TEST_CASE("sampling without replacement draws every transition equally often and none twice") {
  const auto backend = make_backend("reference");
  ReplayConfig small = config(20);
  small.batch_size = 5;
  Replay replay(*backend, small);
  Feeder feeder(replay, 1);
  for (int k = 0; k < 20; ++k) feeder.step();
  Generator random(7);
  std::map<double, int> count;
  constexpr int kBatches = 4000;
  for (int k = 0; k < kBatches; ++k) {
    std::set<double> distinct;
    for (const Row& row : rows(*backend, replay.sample(5, random))) distinct.insert(row.observation);
    REQUIRE(distinct.size() == 5);
    for (const double observation : distinct) ++count[observation];
  }
  // Each is in a batch with probability 1/4: 1000 of 4000, standard deviation 27.
  REQUIRE(count.size() == 20);
  for (const auto& [observation, times] : count) CHECK(std::abs(times - 1000) < 5 * 27);
}

TEST_CASE("sampling with replacement repeats transitions, and fills a batch from fewer") {
  const auto backend = make_backend("reference");
  ReplayConfig with = config(20);
  with.replacement = true;
  Replay replay(*backend, with);
  Feeder feeder(replay, 1);
  for (int k = 0; k < 4; ++k) feeder.step();
  Generator random(7);
  std::map<double, int> count;
  for (int k = 0; k < 500; ++k) {
    for (const Row& row : rows(*backend, replay.sample(20, random))) ++count[row.observation];
  }
  REQUIRE(count.size() == 4);
  for (const auto& [observation, times] : count) CHECK(std::abs(times - 2500) < 5 * 43);  // sqrt(10000 · 1/4 · 3/4) = 43
}

TEST_CASE("a replay memory rejects what it cannot do") {
  const auto backend = make_backend("reference");
  CHECK_THROWS_AS(Replay(*backend, config(2, 3)), Error);  // fewer places than environments
  ReplayConfig tight = config(4);
  tight.batch_size = 5;
  CHECK_THROWS_AS(Replay(*backend, tight), Error);  // a batch can never be filled
  ReplayConfig endless = config(4);
  endless.capacity = std::int64_t{1} << 40;
  CHECK_THROWS_AS(Replay(*backend, endless), Error);
  Replay replay(*backend, config(4));
  Generator random(1);
  const std::vector<float> first = {0};
  replay.start(first);
  CHECK_THROWS_AS(replay.sample(1, random), Error);  // empty
  CHECK_THROWS_AS(replay.start(std::vector<float>{1, 2}), Error);
}
