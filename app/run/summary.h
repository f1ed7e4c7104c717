#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "rl/evaluation.h"

namespace handgrad::app {

/// What came of a run: summary.json.
struct RunSummary {
  std::string preset, environment, algorithm;
  std::vector<std::string> variants;
  std::uint64_t seed = 0;
  std::string backend;
  unsigned threads = 1;
  std::int64_t episodes = 0, env_steps = 0, train_steps = 0;
  double wall_seconds = 0;          ///< from its beginning (a run of its own: the program's) to its end, pictures left out
  double env_steps_per_second = 0;  ///< of training with its evaluations
  std::optional<double> final_train_return_mean_100;  ///< of the last 100 episodes, all if there are fewer
  std::optional<ReturnStatistics> evaluation;         ///< final, of the last model; none if the run was interrupted
  std::optional<double> best_eval_return_mean;        ///< of the evaluations during training
  std::optional<double> threshold;                    ///< the environment's, for "solved"
  std::optional<std::int64_t> solved_at_env_step;
  std::optional<double> solved_at_seconds;  ///< from the same beginning to the end of the evaluation that says so
  bool interrupted = false;
  std::vector<std::string> changes;  ///< settings that were changed when the run was gone on with; see RunState
  std::string fingerprint;           ///< see fingerprint.h
};

/// One JSON object; null where a figure does not exist. indent -1: on one line.
std::string to_json(const RunSummary& summary, int indent = -1);

/// The same back from summary.json, but for the threshold. Throws Error, naming the file, for what is none.
RunSummary read_summary(const std::filesystem::path& file);

/// What came of one seed among several.
struct SeedOutcome {
  std::uint64_t seed;
  std::optional<RunSummary> summary;  ///< none if the run failed
  std::string error;                  ///< why
};

/// The summary of several seeds: what they share, a row a seed, mean and standard deviation (divided by n) of each figure
/// over those seeds that have it.
std::string to_json(const std::vector<SeedOutcome>& outcomes, unsigned threads, int indent = -1);

/// The same as a table to read.
std::string to_table(const std::vector<SeedOutcome>& outcomes);

}  // namespace handgrad::app
