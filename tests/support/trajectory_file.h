#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "envs/options.h"

namespace handgrad::test {

/// One recorded step. Numbers are double throughout: integers and float32 values fit in exactly.
struct RecordedStep {
  double action;
  std::vector<double> observation;
  double reward;
  bool terminated, truncated;
  std::optional<double> probability;
  std::vector<std::int8_t> action_mask;
  std::vector<double> state;                                   // empty where nothing was recorded
  std::optional<std::vector<double>> observation_after_reset;  // an unseeded reset followed
};

/// One episode (or several: see observation_after_reset) of one environment after one seeded reset.
struct RecordedEpisode {
  std::string id;
  EnvironmentOptions options;
  std::string options_text;  // as it stands in the file
  std::uint64_t seed;
  std::vector<double> observation, state;  // of the reset
  std::optional<double> probability;
  std::vector<std::int8_t> action_mask;
  std::vector<RecordedStep> steps;
};

struct RecordedMap {
  std::int64_t size;
  double p;
  std::uint64_t seed;
  std::vector<std::string> map;
};

/// A file of recorded trajectories:
///
///   {"episodes": [{"id", "kwargs", "reset_seed", "reset_obs", "reset_state", "reset_info",
///                  "steps": [{"a", "obs", "r", "term", "trunc", "prob"?, "mask"?, "state"?, "then_reset_obs"?}]}],
///    "maps": [{"size", "p", "seed", "map"}]}
///
/// A number is a JSON number or a string with a C hex float; an observation or state is a number or a list of numbers.
struct TrajectoryFile {
  std::vector<RecordedEpisode> episodes;
  std::vector<RecordedMap> maps;
};

/// Throw Error with the place (such as "episode 3, step 7, obs") for anything that is missing or of the wrong kind, and for
/// a file that holds neither an episode nor a map.
TrajectoryFile parse_trajectories(const nlohmann::json& json);
/// Of a file's content; `path` is what messages call it.
TrajectoryFile parse_trajectories(const std::string& content, const std::string& path);
TrajectoryFile read_trajectories(const std::string& path);

}  // namespace handgrad::test
