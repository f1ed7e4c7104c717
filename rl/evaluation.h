#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "../envs/environment.h"

namespace handgrad {

struct ReturnStatistics {
  std::int64_t episodes = 0;
  double mean = 0.0;
  double std = 0.0;  ///< of the sample, divided by n (as numpy.std)
  double min = 0.0;
  double max = 0.0;
};
/// Summed in double. Throws Error if there are no returns: nothing has no mean.
ReturnStatistics statistics(std::span<const double> returns);

struct EvaluationResult {
  std::vector<double> returns;  ///< an entry an episode
  std::vector<std::int64_t> lengths;
  ReturnStatistics statistics;
};

/// Chooses actions [n] for observations [n, D], each by its own row alone. n varies from call to call.
using GreedyPolicy = std::function<void(std::span<const float> observations, std::span<std::int32_t> actions)>;

/// Plays `episodes` whole episodes without exploring or learning, up to `side_by_side` at a time so that the policy sees
/// batches. Episode i is played in an environment reset with seed + i, and the policy looks at each row alone, so the result
/// does not depend on how many are played side by side. An episode ends on either flag, and after max_steps if that is not 0;
/// one that never ends is played for ever, so environments without a time limit need that.
///
/// Throws Error for numbers below 1, missing functions, an observation or reward that is infinite or NaN, and whatever policy
/// or environment throw.
EvaluationResult evaluate(const GreedyPolicy& policy, const std::function<std::unique_ptr<Environment>()>& make_environment,
                          std::int64_t episodes, std::uint64_t seed, std::int64_t side_by_side = 128,
                          std::int64_t max_steps = 0);

/// Plays `episodes` whole episodes one after the other in one environment, which has its random stream. The first one goes on
/// from where the environment stands if its observation is given, without counting what came before; every other one begins
/// with a reset without a seed. The rest as above.
EvaluationResult evaluate_in(const GreedyPolicy& policy, Environment& environment, std::span<const float> observation,
                             std::int64_t episodes, std::int64_t max_steps = 0);

}  // namespace handgrad
