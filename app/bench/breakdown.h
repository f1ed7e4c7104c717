#pragma once

#include <string>
#include <vector>

#include "app/bench/bandwidth.h"
#include "app/bench/recording_backend.h"
#include "app/bench/stopwatch.h"
#include "app/bench/train_step.h"

namespace handgrad::app {

/// What a machine can do at most: floors are made of it.
struct MachineLimits {
  double peak_gflops;
  std::vector<MemoryLevel> memory;
};

/// One operation of a train step, measured in a loop of its own on the step's own arrays.
struct OperationTime {
  std::string operation;  ///< as the compute contract calls it
  std::string network;    ///< "online" or "target" if it works with that one's parameters, else ""
  std::string shape;
  double per_step;  ///< how often a train step has it: 1, or 1/every of a hard target update
  Times seconds;    ///< a call
  double flops;     ///< a call, see Operation
  Traffic traffic;  ///< a call
  double zeros;     ///< of a product's left factor, see Operation
  /// Seconds a call: the larger of its arithmetic at the peak, and what it reads or writes at the bandwidth of the nearest
  /// level of memory that holds all it touches. It is dense: products with zeros count, even if a backend leaves them out.
  double floor = 0;
  std::string bound = {};  ///< which of the two that is: "arithmetic", or the level's name
};

/// Where the time of a train step goes.
///
/// The sum of the operations is not the whole: in its own loop an operation finds all it needs in the nearest cache, which in
/// the step has seen everything else since; and between operations there is what the step does on the host.
struct Breakdown {
  std::vector<OperationTime> operations;  ///< in the step's order
  Times whole;                            ///< seconds a train step

  double sum_seconds() const;  ///< of the operations' medians, a train step
  double sum_floor() const;    ///< of their floors, a train step
};

/// Whole step and operations take turns, `rounds` times.
Breakdown break_down(const TrainStepConfiguration& configuration, const std::string& backend, const MachineLimits& limits,
                     std::int64_t rounds);

}  // namespace handgrad::app
