#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace handgrad::app {

/// Seconds that a call takes: the median of 101 batches of calls, after warming up. A batch is long enough to be timed, and
/// short enough that on a busy machine most of them go undisturbed. Takes about a third of a second.
double median_seconds(const std::function<void()>& call);

/// A network and batch whose train step is timed. CartPole's: 4 values in, 2 actions out.
struct TrainStepConfiguration {
  std::string name;
  std::vector<std::int64_t> hidden;
  std::int64_t batch;

  /// Multiply-adds of the linear layers of one train step, times two: both forward passes, dW of every layer, dX of every
  /// layer but the first. What else there is (activations, loss, optimiser) is small beside it.
  double flops() const;
};

/// The sizes that well-known programs use: PyTorch's DQN tutorial, RL Baselines3 Zoo, CleanRL, and three from lecture notes.
std::vector<TrainStepConfiguration> train_step_configurations();

/// One train step of DQN, the batch lying ready: forward online and target, TD target, SmoothL1 loss, backward, clip by value,
/// Adam, soft target update.
double train_step_seconds(const TrainStepConfiguration& configuration, const std::string& backend);

/// Environment steps a second with actions drawn beforehand, resets of ended episodes included.
struct EnvironmentSpeed {
  double single;        ///< one environment behind its interface
  double vector_exact;  ///< many behind the vector interface, with the single environment's numbers; counted over all
};
EnvironmentSpeed environment_speed(const std::string& id);

}  // namespace handgrad::app
