#pragma once

#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "app/config/run_config.h"
#include "core/safetensors.h"
#include "envs/tabular.h"
#include "rl/evaluation.h"
#include "rl/policy.h"

namespace handgrad::app {

/// What came of a run, to be examined: the model acting greedily, and where the environment is a table of transitions, its
/// action values beside the best there are. Everything is worked out when it is first asked for.
class TrainedAgent {
 public:
  /// S states, A actions, arrays [S·A]. Throughout, a state that a terminating transition leads to counts as an end and
  /// says nothing: neither are its values learned nor is anything ever done there.
  struct Table {
    const TabularEnvironment* environment;
    std::size_t states, actions;
    std::vector<double> q;             ///< of the model
    std::vector<double> best;          ///< the exact values at the run's discount; NaN: not allowed
    std::vector<std::int32_t> greedy;  ///< [S] what the model does
    std::vector<bool> ends;            ///< [S]
    double value = 0;                  ///< return to expect of what the model does, undiscounted, within the step limit
    double best_value = 0;             ///< the best return within that limit
  };

  TrainedAgent(const RunConfig& config, const TensorFile& model);

  /// Greedy episodes on the seeds of the run's final evaluation; the same as `handgrad eval` plays.
  const EvaluationResult& play(std::int64_t episodes);
  /// max_a Q(s, a) of the first observation, on average over the initial distribution where it is known.
  double start_value();
  /// Throws Error if the environment is no table.
  const Table& table();

 private:
  std::vector<double> values(std::span<const float> observation);
  std::vector<float> observation_of(std::size_t state) const;
  Table make_table();

  RunConfig config_;
  std::int64_t limit_;  // steps an episode
  Policy policy_;
  std::unique_ptr<Environment> environment_;
  const TabularEnvironment* table_of_environment_;  // inside environment_; null: it is none
  std::map<std::int64_t, EvaluationResult> played_;
  std::optional<Table> table_;
};

}  // namespace handgrad::app
