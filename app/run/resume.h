#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "app/config/run_config.h"
#include "app/config/toml_input.h"
#include "app/run/run_lock.h"
#include "app/run/run_state.h"
#include "core/checkpoint.h"

namespace handgrad::app {

/// A run folder that is about to be gone on with.
struct ResumePoint {
  std::filesystem::path folder;
  RunLock lock;
  RunConfig config;                      ///< the checkpoint's settings, and what was changed in them
  std::optional<Checkpoint> checkpoint;  ///< none: the run was stopped before its first one, and begins again
  std::vector<std::string> changes;      ///< made now, as RunState has them
  bool ended = false;                    ///< there is nothing to go on with: the run has reached its end, and has no new one
  std::vector<std::string> notes;        ///< what somebody should know, a line each: checkpoints that cannot be read, and why
};

/// Finds the newest checkpoint of a run folder and puts `over_it` over its settings. The checkpoint's settings count, not those
/// of config.toml. Throws UsageError for what is no run folder, and for a setting that may not be changed on the way; Error if
/// another program has the folder, or no checkpoint can be read.
ResumePoint find_resume_point(const std::filesystem::path& folder, const std::vector<Assignment>& over_it);

/// Whether a run can go on with another value of that setting. What the run is made of (environment, network, memory, seed)
/// stays; how it goes on from here (step sizes, schedules, limits, evaluations) may change.
bool may_change_on_the_way(const std::string& key);
/// Throws UsageError for the first that cannot.
void check_may_change(const std::vector<Assignment>& over_it);

/// What a checkpoint says besides the trainer's state. Throws Error.
RunState read_run_state(const Checkpoint& checkpoint);

/// Where the checkpoints of a run are.
std::filesystem::path checkpoint_folder(const std::filesystem::path& run_folder);

}  // namespace handgrad::app
