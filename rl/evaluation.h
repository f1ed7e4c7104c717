#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "learner.h"

namespace handgrad {

struct ReturnStatistics {
  std::int64_t episodes = 0;
  double mean = 0.0;
  double std = 0.0;  ///< of the sample, divided by n (as numpy.std)
  double min = 0.0;
  double max = 0.0;
};
ReturnStatistics statistics(std::span<const double> returns);

struct EvaluationResult {
  std::vector<double> returns;          ///< an entry an episode
  std::vector<std::int64_t> lengths;
  ReturnStatistics statistics;
};

/// Chooses actions [n] for observations [n, D].
using GreedyPolicy = std::function<void(std::span<const float> observations, std::span<std::int32_t> actions)>;

/// Plays `episodes` whole episodes without exploring or learning. Episode i is played in an environment reset with seed + i,
/// so the result does not depend on how many are played side by side. Episodes end on either flag.
EvaluationResult evaluate(const GreedyPolicy& policy, const std::function<std::unique_ptr<Environment>()>& make_environment,
                          std::int64_t episodes, std::uint64_t seed);

}  // namespace handgrad
