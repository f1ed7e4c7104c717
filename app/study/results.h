#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "app/study/measures.h"
#include "app/study/study.h"

namespace handgrad::app {

/// How the returns of a run went: points over episodes and environment steps.
struct RunCurve {
  std::vector<std::int64_t> episode, env_step;
  std::vector<double> mean;
};

/// What is kept of one run: runs/<arm>/seed-<n>.json.
struct RunResult {
  std::string arm;
  std::uint64_t seed = 0;
  std::string error;  ///< why it has no measures: it diverged; "" if it has
  std::int64_t episodes = 0, env_steps = 0, train_steps = 0;
  std::vector<MeasureValue> measures;  ///< in the order of the study's
  RunCurve evaluation, training;       ///< evaluation means; running means of the training returns
};

/// The results of a study: [arm][seed], none where a run is missing.
using StudyResults = std::vector<std::vector<std::optional<RunResult>>>;

std::filesystem::path result_file(const std::filesystem::path& folder, const Arm& arm, std::uint64_t seed);

/// What a study's folder has.
StudyResults read_results(const Study& study, const std::filesystem::path& folder);

/// Replaces the file by the result; the same result gives the same bytes.
void write_result(const std::filesystem::path& file, const StudyDefinition& study, const RunResult& result);

/// A result as write_result writes it; none for any other text.
std::optional<RunResult> parse_result(const std::string& content, const StudyDefinition& study);

/// None if there is no such file, or not one that write_result has made for this arm and seed.
std::optional<RunResult> read_result(const std::filesystem::path& file, const StudyDefinition& study, const Arm& arm,
                                     std::uint64_t seed);

}  // namespace handgrad::app
