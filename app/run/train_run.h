#pragma once

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
/// says so. Reports to `progress` as run number `index`. Throws Error.
RunSummary train_run(const RunConfig& config, NewFolder& folder, unsigned threads, ProgressDisplay& progress,
                     std::size_t index);

/// What a model file holds: the learner's arrays as they are now, and where they come from.
TensorFile model_content(const RunConfig& config, const Trainer& trainer);

/// The model file of a run folder; which is "last" or "best".
std::filesystem::path model_file(const std::filesystem::path& run_folder, const std::string& which);

}  // namespace handgrad::app
