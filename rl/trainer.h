#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "evaluation.h"
#include "learner.h"

namespace handgrad {

/// When a run ends, and how it is watched.
struct TrainerConfig {
  std::int64_t max_episodes = 0;                 ///< 0: no limit
  std::int64_t max_env_steps = 0;                ///< 0: no limit; one of the two must be set
  std::int64_t evaluate_every_episodes = 0;      ///< 0: never by episodes
  std::int64_t evaluate_every_env_steps = 0;     ///< 0: never by steps
  std::int64_t evaluation_episodes = 100;        ///< episodes an evaluation, >= 1
  std::optional<double> solved_threshold;        ///< mean return at which an evaluation of >= 100 episodes counts as solved
  std::optional<double> stop_threshold;          ///< evaluation mean that ends the run
};

/// A row of metrics.csv.
struct EpisodeRecord {
  std::int64_t episode;     ///< from 1
  std::int64_t env_step;    ///< transitions seen when it ended
  std::int64_t train_step;  ///< train steps made when it ended
  double episode_return;
  std::int64_t length;
  bool terminated, truncated;
  double epsilon;                    ///< exploration rate when it ended
  std::optional<double> loss_mean;   ///< over the train steps since the episode that ended before; none if there were none
};

/// A row of evaluations.csv.
struct EvaluationRecord {
  std::int64_t evaluation;  ///< from 1
  std::int64_t episode, env_step, train_step;
  ReturnStatistics returns;
  bool best;                ///< the highest mean so far (the earliest on ties)
};

enum class StopReason { none, episodes, env_steps, threshold, callback };

/// What a program may hook into a run. Anything thrown from here ends the run and reaches the caller.
struct TrainerCallbacks {
  std::function<void(const EpisodeRecord&)> on_episode;
  std::function<void(const EvaluationRecord&)> on_evaluation;
  /// After every vector step; return false to stop.
  std::function<bool(const Progress&)> on_step;
};

/// The one training loop: act, step, observe, count, evaluate, stop.
///
/// Owns environments and learner, so that everything a run consists of is reachable from here.
class Trainer {
 public:
  /// Takes ownership. `environments` must reset in the same step. `evaluation_environment` makes one environment.
  Trainer(const TrainerConfig& config, std::unique_ptr<VectorEnvironment> environments, std::unique_ptr<Learner> learner,
          std::function<std::unique_ptr<Environment>()> evaluation_environment, std::uint64_t seed);

  /// Goes on until something ends the run. Calling it again goes on from there.
  StopReason run(const TrainerCallbacks& callbacks = {});

  const Learner& learner() const;
  Learner& learner();
  const VectorEnvironment& environments() const;
  const Progress& progress() const;
  std::optional<double> best_evaluation_mean() const;
  std::optional<std::int64_t> solved_at_env_step() const;
  const std::vector<NamedArray>& best_model() const;  ///< of the best evaluation; empty if there was none
};

}  // namespace handgrad
