#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "app/bench/train_step.h"

namespace handgrad::app {

/// Seconds that a call takes: the median of 101 batches of calls, after warming up. A batch is long enough to be timed, and
/// short enough that on a busy machine most of them go undisturbed. Takes about a third of a second.
double median_seconds(const std::function<void()>& call);

/// Seconds that one train step takes on a backend.
double train_step_seconds(const TrainStepConfiguration& configuration, const std::string& backend);

/// Environment steps a second with actions drawn beforehand, resets of ended episodes included.
struct EnvironmentSpeed {
  double single;        ///< one environment behind its interface
  double vector_exact;  ///< many behind the vector interface, with the single environment's numbers; counted over all
};
EnvironmentSpeed environment_speed(const std::string& id);

}  // namespace handgrad::app
