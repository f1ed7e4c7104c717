#pragma once

#include <string>
#include <vector>

#include "app/run/run_state.h"
#include "core/safetensors.h"

namespace handgrad::app {

/// 16 hexadecimal digits that differ if anything in what a run did differs: every row of metrics.csv and evaluations.csv, and
/// every bit, name and shape of its last model's parameters. Times and versions have no part in it.
std::string fingerprint(const RunState& record, const std::vector<Tensor>& model);

}  // namespace handgrad::app
