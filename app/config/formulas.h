#pragma once

#include <string>

#include "app/config/run_config.h"

namespace handgrad::app {

/// What this run does, as formulas with its own numbers in them: action, target, loss, clipping, optimiser, target network.
/// For a learner who reads it beside the sources.
std::string update_formulas(const RunConfig& config);

// Their parts, for the sources named formulas*.

/// A line: "    ε(n) = 0.05 + (1 - 0.05) · max(0, 1 - n/3000),  n environment steps made so far".
std::string schedule_formula(const std::string& symbol, const Schedule& schedule);
/// Of a table: action, states, target, update.
std::string tabular_formulas(const RunConfig& config);

}  // namespace handgrad::app
