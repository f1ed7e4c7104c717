#pragma once

#include "app/progress.h"
#include "app/study/results.h"

namespace handgrad::app {

/// One run of an arm, reduced to its measures. Everything it does comes from the arm's settings and the seed. A run that goes
/// wrong (its loss is not finite) is a result as well, with the error in it. None if it was interrupted.
std::optional<RunResult> run_once(const Study& study, const Arm& arm, std::uint64_t seed, ProgressDisplay& progress,
                                  std::size_t index);

/// Makes every result of the study that is not in its folder yet, `threads` runs at a time, and reads the others. What is
/// missing afterwards was interrupted. Neither threads nor interruptions change a byte of any result.
StudyResults run_study(const Study& study, const std::filesystem::path& folder, unsigned threads, ProgressMode mode);

/// Sees to it that the folder is the study's: an empty or missing one becomes it, with study.toml and a config.toml an arm.
/// Throws UsageError if it holds something else, or a study with other settings (saying which).
void claim_folder(const Study& study, const std::filesystem::path& folder);

}  // namespace handgrad::app
