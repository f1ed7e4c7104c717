#pragma once

#include <chrono>

#include "app/config/run_config.h"
#include "app/progress.h"
#include "app/run/checkpoint_plan.h"
#include "app/run/new_folder.h"
#include "app/run/resume.h"
#include "app/run/summary.h"
#include "core/safetensors.h"

namespace handgrad::app {

/// How a run is written down. What it learns does not depend on any of it.
struct RunOptions {
  unsigned threads = 1;  ///< for the summary: how many took part
  CheckpointPlan checkpoints;
  bool watch_norms = false;  ///< a run that is gone on with watches them if it did before
};

/// One run from beginning to end, written down in its folder:
///
///   config.toml                            every setting
///   metrics.csv                            a row an episode; no times in it
///   evaluations.csv                        a row an evaluation; no times in it
///   norms.csv                              a row an episode, if somebody asks for it
///   timing.csv                             where the run stood every few milliseconds
///   checkpoint/step-<n>/                   everything that it takes to go on from there: the newest few
///   checkpoint/{last,best}/model.safetensors
///   final_evaluation.csv                   a row an episode of the last model
///   summary.json
///
/// The folder is kept once the run has begun, and removed if it cannot begin. Ends early, in good order, when interrupted()
/// says so. Reports to `progress` as run number `index`. The seconds in the summary count from `begun`, when somebody began to
/// wait. Throws Error; what was written down until then stays.
///
/// Nothing in training waits for a disk: checkpoints, and with them the models, are written by another thread. (Checkpoints by
/// steps come when they are due: one waits until the one before has been written.)
RunSummary train_run(const RunConfig& config, NewFolder& folder, const RunOptions& options, ProgressDisplay& progress,
                     std::size_t index, std::chrono::steady_clock::time_point begun = std::chrono::steady_clock::now());

/// Goes on with a run that was stopped, as if it had not been: every row, parameter and random number that follows is the one
/// that would have followed. Rows that are newer than the checkpoint are cut off first. The rest as above; seconds add up.
RunSummary resume_run(ResumePoint&& point, const RunOptions& options, ProgressDisplay& progress, std::size_t index,
                      std::chrono::steady_clock::time_point begun = std::chrono::steady_clock::now());

/// What a model file holds: the learner's arrays as they are now, and where they come from.
TensorFile model_content(const RunConfig& config, const Trainer& trainer);

/// The model file of a run folder; which is "last" or "best".
std::filesystem::path model_file(const std::filesystem::path& run_folder, const std::string& which);

}  // namespace handgrad::app
