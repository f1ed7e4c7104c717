#pragma once

#include <algorithm>
#include <bit>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/backends.h"
#include "core/random.h"
#include "envs/block_limit.h"
#include "envs/observation_transform.h"
#include "envs/registry.h"
#include "rl/trainer.h"
#include "tests/support/catch.h"

namespace handgrad::test {

/// An environment and what is wrapped around it, for training and for evaluations.
struct Game {
  std::string id = "CartPole-v1";
  EnvironmentOptions options = {};
  std::int64_t count = 1;
  bool fast = false;
  bool one_by_one = false;  ///< not side by side in arrays, even if there are enough for it
  ObservationKind observation = ObservationKind::raw;
  std::int64_t block_steps = 0;
  std::optional<std::int64_t> max_episode_steps = {};

  std::unique_ptr<Environment> one() const {
    auto environment = Registry::gymnasium().make(id, options, max_episode_steps);
    if (observation == ObservationKind::raw) return environment;
    return std::make_unique<ObservationTransform>(std::move(environment), observation);
  }
  std::unique_ptr<VectorEnvironment> all() const {
    constexpr auto kMode = AutoresetMode::same_step;
    if (!one_by_one && observation == ObservationKind::raw && block_steps == 0) {
      const VectorSettings settings{.mode = kMode, .fast = fast, .max_episode_steps = max_episode_steps};
      return Registry::gymnasium().make_vector(id, options, count, settings);
    }
    const auto make = [this]() -> std::unique_ptr<Environment> {
      if (block_steps == 0) return one();
      return std::make_unique<BlockLimit>(one(), block_steps);
    };
    return std::make_unique<SyncVectorEnvironment>(make, count, kMode);
  }
};

/// A Trainer and what it stands on.
struct Run {
  std::unique_ptr<Backend> backend = {};
  std::unique_ptr<Trainer> trainer = {};
};

/// All that a run has shown.
struct Shown {
  std::vector<EpisodeRecord> episodes = {};
  std::vector<EvaluationRecord> evaluations = {};
  std::int64_t steps = 0;               ///< vector steps
  std::vector<std::int64_t> ends = {};  ///< the vector steps in which an episode ended
};

inline bool same(const EpisodeRecord& a, const EpisodeRecord& b) {
  const auto bits = [](double x) { return std::bit_cast<std::uint64_t>(x); };
  return a.episode == b.episode && a.env_step == b.env_step && a.train_step == b.train_step &&
         bits(a.episode_return) == bits(b.episode_return) && a.length == b.length && a.terminated == b.terminated &&
         a.truncated == b.truncated && bits(a.epsilon) == bits(b.epsilon) &&
         a.loss_mean.has_value() == b.loss_mean.has_value() && bits(a.loss_mean.value_or(0)) == bits(b.loss_mean.value_or(0));
}

inline bool same(const EvaluationRecord& a, const EvaluationRecord& b) {
  const ReturnStatistics &x = a.returns, &y = b.returns;
  return a.evaluation == b.evaluation && a.episode == b.episode && a.env_step == b.env_step && a.train_step == b.train_step &&
         x.episodes == y.episodes && x.mean == y.mean && x.std == y.std && x.min == y.min && x.max == y.max &&
         a.best == b.best;
}

/// Runs until something ends the run or `until` vector steps have been made, and adds to what has been shown. Without any
/// steps where `until` has been reached before.
inline void run_on(Trainer& trainer, Shown& shown, std::int64_t until = INT64_MAX) {
  if (shown.steps >= until) return;
  trainer.run({.on_episode =
                   [&](const EpisodeRecord& record) {
                     shown.episodes.push_back(record);
                     if (shown.ends.empty() || shown.ends.back() != shown.steps + 1) shown.ends.push_back(shown.steps + 1);
                   },
               .on_evaluation = [&](const EvaluationRecord& record) { shown.evaluations.push_back(record); },
               .on_step = [&](const Progress&) { return ++shown.steps < until; }});
}

/// Where states differ: empty if they do not.
inline std::string difference(const State& a, const State& b) {
  std::string found;
  for (const auto& [name, value] : a.values) {
    if (!b.values.contains(name)) found += " value " + name + " is in one only;";
  }
  for (const auto& [name, value] : b.values) {
    const auto other = a.values.find(name);
    if (other == a.values.end() || !(State{{{name, value}}, {}} == State{{*other}, {}})) found += " value " + name + ";";
  }
  for (std::size_t k = 0; k < std::max(a.arrays.size(), b.arrays.size()); ++k) {
    if (k >= a.arrays.size() || k >= b.arrays.size()) {
      found += " another number of arrays;";
      break;
    }
    if (!(State{{}, {a.arrays[k]}} == State{{}, {b.arrays[k]}})) {
      found += " array " + a.arrays[k].name + " (" + b.arrays[k].name + ");";
    }
  }
  return found.empty() && !(a == b) ? "somewhere" : found;
}

/// Plays a run to its end; then once more, but interrupted: before the first step, right after an episode's end, and at a few
/// steps drawn at random. Each time a State is taken, and goes on in objects that are made anew. Everything that the two show has
/// to be equal, to the bit, and so have their states at the end. `goes_on` makes the runs that go on, where they are to
/// differ from the first.
inline void expect_resumes_exactly(const std::function<Run()>& make, std::uint64_t seed = 1,
                                   std::function<Run()> goes_on = {}) {
  if (!goes_on) goes_on = make;
  Shown whole, pieces;
  const Run uninterrupted = make();
  run_on(*uninterrupted.trainer, whole);
  const State end = uninterrupted.trainer->save();

  Generator random(seed);
  std::vector<std::int64_t> points = {0, 1};
  if (!whole.ends.empty()) {
    points.push_back(whole.ends[static_cast<std::size_t>(random.integers(0, static_cast<std::int64_t>(whole.ends.size())))]);
  }
  for (int k = 0; k < 3; ++k) points.push_back(random.integers(1, whole.steps));
  points.push_back(whole.steps);  // a run that has ended is resumed as well: nothing happens
  std::ranges::sort(points);

  Run run = make();
  for (const std::int64_t point : points) {
    run_on(*run.trainer, pieces, point);
    const State state = run.trainer->save();
    CHECK(difference(run.trainer->save(), state).empty());
    Run next = goes_on();
    next.trainer->load(state);
    CHECK(difference(next.trainer->save(), state).empty());
    CHECK(next.trainer->progress().env_steps == run.trainer->progress().env_steps);
    run.trainer.reset();  // before what it stands on
    run = std::move(next);
  }
  run_on(*run.trainer, pieces);

  CHECK(pieces.steps == whole.steps);
  REQUIRE(pieces.episodes.size() == whole.episodes.size());
  for (std::size_t k = 0; k < whole.episodes.size(); ++k) {
    INFO("episode " << k + 1);
    CHECK(same(pieces.episodes[k], whole.episodes[k]));
  }
  REQUIRE(pieces.evaluations.size() == whole.evaluations.size());
  for (std::size_t k = 0; k < whole.evaluations.size(); ++k) {
    INFO("evaluation " << k + 1);
    CHECK(same(pieces.evaluations[k], whole.evaluations[k]));
  }
  CHECK(difference(run.trainer->save(), end).empty());
}

}  // namespace handgrad::test
