#pragma once

#include <chrono>

#include "app/config/run_config.h"
#include "app/progress.h"
#include "app/run/new_folder.h"
#include "app/run/summary.h"
#include "core/safetensors.h"

namespace handgrad::app {

/// One run from beginning to end, written down in its folder:
///
///   config.toml                            every setting
///   metrics.csv                            a row an episode; no times in it
///   evaluations.csv                        a row an evaluation; no times in it
///   timing.csv                             where the run stood every few milliseconds
///   checkpoint/{last,best}/model.safetensors
///   summary.json
///
/// The folder is kept once the run has begun, and removed if it cannot begin. Ends early, in good order, when interrupted()
/// says so. Reports to `progress` as run number `index`. The seconds in the summary count from `begun`, when somebody began to
/// wait. Throws Error.
///
/// Nothing in training waits for a disk: the best model so far is written when a second has passed since the last time, and
/// in the end.
RunSummary train_run(const RunConfig& config, NewFolder& folder, unsigned threads, ProgressDisplay& progress,
                     std::size_t index, std::chrono::steady_clock::time_point begun = std::chrono::steady_clock::now());

/// What a model file holds: the learner's arrays as they are now, and where they come from.
TensorFile model_content(const RunConfig& config, const Trainer& trainer);

/// The model file of a run folder; which is "last" or "best".
std::filesystem::path model_file(const std::filesystem::path& run_folder, const std::string& which);

}  // namespace handgrad::app
