// Batches, bit by bit, against a memory that keeps everything in lists and looks at nothing but the definitions.

#include <algorithm>
#include <string>
#include <vector>

#include "core/backends.h"
#include "rl/replay.h"
#include "tests/support/catch.h"

using namespace handgrad;

namespace {

constexpr std::int64_t D = 3;

struct Transition {
  std::vector<float> observation, next;
  std::int32_t action;
  Real reward;
  bool terminated, truncated;
};

struct Row {
  std::vector<Real> observation, next;
  std::int32_t action;
  Real reward, discount;
  bool operator==(const Row&) const = default;
};

/// E environments that do what comes into their heads, and a list of what happened in each.
class Story {
 public:
  explicit Story(std::int64_t environments, std::uint64_t seed)
      : random_(seed), happened_(static_cast<std::size_t>(environments)) {
    for (std::size_t e = 0; e < happened_.size(); ++e) append(observations_, some_observation());
  }

  const std::vector<float>& observations() const { return observations_; }

  void go_on(Replay& replay) {
    std::vector<std::int32_t> actions;
    std::vector<double> rewards;
    std::vector<std::uint8_t> terminated, truncated;
    std::vector<float> next, finals;
    for (std::size_t e = 0; e < happened_.size(); ++e) {
      Transition t;
      const auto first = observations_.begin() + static_cast<std::ptrdiff_t>(e) * D;
      t.observation.assign(first, first + D);
      t.next = some_observation();
      t.action = static_cast<std::int32_t>(random_.integers(0, 5));
      rewards.push_back(random_.uniform(-2, 2));
      t.reward = static_cast<Real>(rewards.back());
      t.terminated = random_.random() < 0.15;
      t.truncated = random_.random() < 0.1;
      actions.push_back(t.action);
      terminated.push_back(t.terminated);
      truncated.push_back(t.truncated);
      append(finals, t.next);
      append(next, t.terminated || t.truncated ? some_observation() : t.next);
      happened_[e].push_back(t);
    }
    replay.add(actions, {next, finals, rewards, terminated, truncated, {}});
    observations_ = next;
  }

  /// All that may be drawn, environment by environment, the oldest first.
  std::vector<Row> rows(const ReplayConfig& config) const {
    std::vector<Row> all;
    for (const std::vector<Transition>& list : happened_) {
      const auto kept = static_cast<std::size_t>(config.capacity / config.environments);
      for (std::size_t t = list.size() > kept ? list.size() - kept : 0; t < list.size(); ++t) add_row(config, list, t, all);
    }
    return all;
  }

 private:
  static void append(std::vector<float>& to, const std::vector<float>& values) {
    to.insert(to.end(), values.begin(), values.end());
  }

  std::vector<float> some_observation() {
    std::vector<float> values;
    for (std::int64_t d = 0; d < D; ++d) values.push_back(static_cast<float>(random_.uniform(-1, 1)));
    return values;
  }

  static void add_row(const ReplayConfig& config, const std::vector<Transition>& list, std::size_t begin,
                      std::vector<Row>& all) {
    double sum = 0, discount = 1;
    for (std::size_t t = begin; t < list.size(); ++t) {
      const Transition& last = list[t];
      sum += discount * static_cast<double>(last.reward);
      discount *= config.gamma;
      const bool over = last.terminated || last.truncated;
      if (!over && t - begin + 1 < static_cast<std::size_t>(config.n_step)) continue;
      if (last.terminated && !config.terminal_bootstraps) discount = 0;
      if (last.truncated && config.truncation_as_terminal) discount = 0;
      const Transition& first = list[begin];
      all.push_back({{first.observation.begin(), first.observation.end()},
                     {last.next.begin(), last.next.end()},
                     first.action,
                     static_cast<Real>(sum),
                     static_cast<Real>(discount)});
      return;
    }
  }

  Generator random_;
  std::vector<float> observations_;
  std::vector<std::vector<Transition>> happened_;
};

std::vector<Row> rows_of(Backend& backend, const ReplayBatch& batch) {
  const auto B = static_cast<std::size_t>(batch.observations.rows), width = static_cast<std::size_t>(D);
  std::vector<Real> observations(B * width), next(B * width), rewards(B), discounts(B);
  std::vector<std::int32_t> actions(B);
  backend.download(observations.data(), batch.observations.data, observations.size() * sizeof(Real));
  backend.download(next.data(), batch.next_observations.data, next.size() * sizeof(Real));
  backend.download(rewards.data(), batch.rewards.data(), B * sizeof(Real));
  backend.download(discounts.data(), batch.discounts.data(), B * sizeof(Real));
  backend.download(actions.data(), batch.actions.data(), B * sizeof(std::int32_t));
  std::vector<Row> rows;
  for (std::size_t i = 0; i < B; ++i) {
    const auto at = static_cast<std::ptrdiff_t>(i * width);
    rows.push_back({{observations.begin() + at, observations.begin() + at + D},
                    {next.begin() + at, next.begin() + at + D},
                    actions[i],
                    rewards[i],
                    discounts[i]});
  }
  return rows;
}

}  // namespace

TEST_CASE("batches are what the definitions say, to the bit, whatever the ring does") {
  const auto backend = make_backend("unreadable");
  const int n = GENERATE(1, 2, 3, 7);
  const std::int64_t environments = GENERATE(1, 2, 5);
  for (const std::uint64_t seed : {1, 2, 3}) {
    const ReplayConfig config{.capacity = 40,
                              .environments = environments,
                              .observation_size = D,
                              .batch_size = 16,
                              .n_step = n,
                              .gamma = 0.97,
                              .terminal_bootstraps = seed == 2,
                              .truncation_as_terminal = seed == 3};
    Replay replay(*backend, config);
    Story story(environments, seed);
    replay.start(story.observations());
    Generator draws(seed), same_draws(seed);
    for (int step = 0; step < 150; ++step) {
      story.go_on(replay);
      const std::vector<Row> all = story.rows(config);
      INFO("n " << n << ", " << environments << " environments, seed " << seed << ", step " << step);
      REQUIRE(replay.size() == static_cast<std::int64_t>(all.size()));
      if (all.empty()) continue;
      std::vector<Row> expected;
      for (int i = 0; i < 16; ++i) expected.push_back(all[static_cast<std::size_t>(same_draws.integers(0, replay.size()))]);
      REQUIRE(rows_of(*backend, replay.sample(16, draws)) == expected);
    }
  }
}
