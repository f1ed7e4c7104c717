#include "trajectory_comparison.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdio>
#include <exception>

#include "envs/frozen_lake_map.h"

namespace handgrad::test {
namespace {

std::string hex(double value) {
  char digits[64];
  std::snprintf(digits, sizeof digits, "%a", value);
  return digits;
}

std::string hex(const std::optional<double>& value) { return value ? hex(*value) : "nothing"; }

/// Compares one field after the other and throws at the first difference.
class Comparison {
 public:
  explicit Comparison(std::int64_t& count) : count_(count) {}

  void number(const std::string& field, double expected, double got) {
    ++count_;
    const bool same = std::bit_cast<std::uint64_t>(expected) == std::bit_cast<std::uint64_t>(got);
    if (!same) differ(field, hex(expected), hex(got));
  }

  void optional_number(const std::string& field, const std::optional<double>& expected, const std::optional<double>& got) {
    if (expected && got) return number(field, *expected, *got);
    ++count_;
    if (expected || got) differ(field, hex(expected), hex(got));
  }

  template <class Expected, class Got>
  void list(const std::string& field, const Expected& expected, const Got& got) {
    ++count_;
    if (expected.size() != got.size()) differ(field, text(expected.size(), " numbers"), text(got.size(), " numbers"));
    for (std::size_t i = 0; i < expected.size(); ++i) {
      number(text(field, "[", i, "]"), static_cast<double>(expected[i]), static_cast<double>(got[i]));
    }
  }

  void flag(const std::string& field, bool expected, bool got) {
    ++count_;
    if (expected != got) differ(field, expected ? "true" : "false", got ? "true" : "false");
  }

  void string(const std::string& field, const std::string& expected, const std::string& got) {
    ++count_;
    if (expected != got) differ(field, expected, got);
  }

 private:
  [[noreturn]] static void differ(const std::string& field, const std::string& expected, const std::string& got) {
    fail(field, ": expected ", expected, ", got ", got);
  }

  std::int64_t& count_;
};

void compare_info(Comparison& compare, const std::optional<double>& probability, const std::vector<std::int8_t>& mask,
                  const Environment& environment) {
  const Info info = environment.info();
  compare.optional_number("prob", probability, info.probability);
  compare.list("mask", mask, info.action_mask);
}

/// `place` says where the replay is: for the message, should anything go wrong.
void replay(const RecordedEpisode& episode, const Registry& registry, Comparison& compare, std::string& place) {
  place = "make";
  const std::unique_ptr<Environment> environment = registry.make(episode.id, episode.options);
  std::vector<float> observation(static_cast<std::size_t>(environment->observation_size()));

  place = "reset";
  environment->reset(episode.seed, observation);
  compare.list("obs", episode.observation, observation);
  compare.list("state", episode.state, environment->state());
  compare_info(compare, episode.probability, episode.action_mask, *environment);

  for (std::size_t i = 0; i < episode.steps.size(); ++i) {
    const RecordedStep& step = episode.steps[i];
    place = text("step ", i);
    require(std::trunc(step.action) == step.action && std::abs(step.action) < 0x1p53, "a: ", hex(step.action),
            " is not an action of ", to_string(Space(environment->action_space())));
    const StepResult result = environment->step(static_cast<std::int64_t>(step.action), observation);
    compare.list("obs", step.observation, observation);
    compare.number("r", step.reward, result.reward);
    compare.flag("term", step.terminated, result.terminated);
    compare.flag("trunc", step.truncated, result.truncated);
    compare.list("state", step.state, environment->state());
    compare_info(compare, step.probability, step.action_mask, *environment);
    if (step.observation_after_reset) {
      environment->reset({}, observation);
      compare.list("then_reset_obs", *step.observation_after_reset, observation);
    }
  }
}

bool known(const Registry& registry, const std::string& id) {
  return std::any_of(registry.list().begin(), registry.list().end(), [&](const auto& spec) { return spec.id == id; });
}

/// Runs one case and books it. Whatever it throws is a failure of this case alone.
template <class Case>
void run_case(TrajectoryReport& report, const std::string& name, std::string& place, const Case& run) {
  try {
    run();
    ++report.passed;
  } catch (const std::exception& error) {
    ++report.failed;
    report.failures.push_back(text(name, ", ", place, ", ", error.what()));
  }
}

}  // namespace

TrajectoryReport compare_trajectories(const TrajectoryFile& file, const Registry& registry) {
  TrajectoryReport report;
  Comparison compare(report.comparisons);
  std::string place;
  for (std::size_t i = 0; i < file.episodes.size(); ++i) {
    const RecordedEpisode& episode = file.episodes[i];
    if (!known(registry, episode.id)) {
      ++report.skipped;
      ++report.skipped_ids[episode.id];
      continue;
    }
    const std::string name = text("episode ", i, ", ", episode.id, " ", episode.options_text, ", seed ", episode.seed);
    run_case(report, name, place, [&] { replay(episode, registry, compare, place); });
  }
  for (std::size_t i = 0; i < file.maps.size(); ++i) {
    const RecordedMap& map = file.maps[i];
    place = "map";
    run_case(report, text("map ", i, ", size ", map.size, ", p ", map.p, ", seed ", map.seed), place, [&] {
      const FrozenLakeMap got = generate_random_map(map.size, map.p, map.seed);
      compare.number("rows", static_cast<double>(map.map.size()), static_cast<double>(got.size()));
      for (std::size_t row = 0; row < got.size(); ++row) compare.string(text("row ", row), map.map[row], got[row]);
    });
  }
  return report;
}

std::string summary(const TrajectoryReport& report) {
  std::string lines;
  for (const std::string& failure : report.failures) lines += "FAILED " + failure + "\n";
  for (const auto& [id, count] : report.skipped_ids) {
    const char* why = id == "Pendulum-v1" ? "not built here: its actions are continuous" : "not in the registry";
    lines += text("skipped ", id, ": ", why, " (", count, count == 1 ? " episode" : " episodes", ")\n");
  }
  lines += text(report.cases(), " cases, ", report.comparisons, " comparisons\n");
  lines += text(report.passed, " passed, ", report.failed, " failed");
  if (report.skipped > 0) lines += text(", ", report.skipped, " skipped");
  return lines + "\n";
}

}  // namespace handgrad::test
