#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "app/config/run_config.h"
#include "rl/policy.h"

namespace handgrad::app {

/// The settings of a run folder, and `set` over them. Throws UsageError for what is no run folder, or is one of several seeds.
RunConfig read_run_folder(const std::filesystem::path& folder, const std::vector<std::string>& set = {});

/// The run's model, "last" or "best"; of many agents that were trained at once, that of the "best" or of the "median". Throws UsageError for another word, Error for a file that is no model or does not fit
/// the run's environment.
Policy load_policy(const std::filesystem::path& folder, const std::string& which, const RunConfig& config);

}  // namespace handgrad::app
