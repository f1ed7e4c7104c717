#pragma once

#include <string>

#include "app/config/run_config.h"

namespace handgrad::app {

/// What this run does, as formulas with its own numbers in them: action, target, loss, clipping, optimiser, target network.
/// For a learner who reads it beside the sources.
std::string update_formulas(const RunConfig& config);

}  // namespace handgrad::app
