#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "../core/random.h"
#include "../core/state.h"
#include "evaluation.h"
#include "learner.h"
#include "recent_returns.h"

namespace handgrad {

/// Where the evaluations during a run are played: in environments and random streams of their own, or in a copy of training
/// environment 0 with its stream, so that they begin where the next training episodes will.
enum class EvaluationEnvironment { own, clone };

/// When a run ends, and how it is watched.
struct TrainerConfig {
  std::int64_t max_episodes = 0;              ///< 0: no limit
  std::int64_t max_env_steps = 0;             ///< 0: no limit; one of the two must be set
  std::int64_t evaluate_every_episodes = 0;   ///< 0: never by episodes
  std::int64_t evaluate_every_env_steps = 0;  ///< 0: never by steps
  std::int64_t evaluation_episodes = 100;     ///< episodes an evaluation, >= 1
  std::int64_t evaluation_max_steps = 0;      ///< an evaluation episode is cut off after so many steps; 0: never
  EvaluationEnvironment evaluation_environment = EvaluationEnvironment::own;
  std::optional<double> solved_threshold = {};  ///< mean return at which an evaluation of >= 100 episodes counts as solved
  std::optional<double> stop_threshold = {};    ///< evaluation mean that ends the run
};

/// A row of metrics.csv.
struct EpisodeRecord {
  std::int64_t episode;     ///< from 1
  std::int64_t env_step;    ///< transitions seen when it ended
  std::int64_t train_step;  ///< train steps made when it ended
  double episode_return;
  std::int64_t length;
  bool terminated, truncated;
  double epsilon;                   ///< exploration rate when it ended
  std::optional<double> loss_mean;  ///< over the train steps since the episode that ended before; none if there were none
};

/// A row of evaluations.csv.
struct EvaluationRecord {
  std::int64_t evaluation;  ///< from 1
  std::int64_t episode, env_step, train_step;
  ReturnStatistics returns;
  bool best;  ///< the highest mean so far (the earliest on ties)
};

/// What a program may hook into a run. on_step calls it off by returning false, and may save the run: everything that belongs to
/// the step has been done by then. Anything thrown from one of them ends the run and reaches the caller.
struct TrainerCallbacks {
  std::function<void(const EpisodeRecord&)> on_episode = {};
  std::function<void(const EvaluationRecord&)> on_evaluation = {};
  std::function<bool(const Progress&)> on_step = {};  ///< after every vector step
};

enum class StopReason { episodes, env_steps, threshold, callback };

/// The one training loop: act, step, observe, count, evaluate, stop.
///
/// Owns environments and learner: everything a run consists of is reachable from here. Environment i is seeded with
/// seed + i; each evaluation takes its seed from the run's evaluation stream.
class Trainer {
 public:
  /// `environments` must reset in the same step (AutoresetMode::same_step); `make_evaluation_environment` makes one
  /// environment, with its time limit. Throws Error for a configuration that does not validate.
  Trainer(const TrainerConfig& config, std::unique_ptr<VectorEnvironment> environments, std::unique_ptr<Learner> learner,
          std::function<std::unique_ptr<Environment>()> make_evaluation_environment, std::uint64_t seed);

  /// Goes on until something ends the run. A call after a stop goes on from there.
  StopReason run(const TrainerCallbacks& callbacks = {});

  /// Evaluates the learner as it is now, outside the run's statistics.
  EvaluationResult evaluate_now(std::int64_t episodes, std::uint64_t seed);

  Learner& learner() { return *learner_; }
  const Learner& learner() const { return *learner_; }
  const VectorEnvironment& environments() const { return *environments_; }
  const Progress& progress() const { return progress_; }
  std::optional<double> best_evaluation_mean() const { return best_mean_; }
  /// The learner's model at its best evaluation; empty if there was none.
  const std::vector<NamedArray>& best_model() const { return best_model_; }
  std::optional<std::int64_t> solved_at_env_step() const { return solved_at_env_step_; }
  /// The mean return of the last 100 finished episodes (fewer if there are fewer); none if there is none.
  std::optional<double> recent_return_mean() const { return recent_returns_.mean(); }

  /// Everything the run consists of, between two steps (before the first one too): when no run is under way, or from on_step.
  /// Throws Error where environments cannot be saved.
  State save();
  /// Goes on where another Trainer was when it was saved, bit for bit: one made with the same configuration, whose backend may
  /// be another one. Limits may differ, and when evaluations are due (which come at the multiples of the new numbers from here
  /// on), and whatever of the learner does not decide the shape of what it keeps: learning rates, schedules, gamma. Throws Error
  /// for a state that is not of such a run or not of any; then the only thing this object is good for is another load.
  void load(const State& state);
  /// What both do, for a State that holds more than a run.
  void serialize(StateArchive& state);

 private:
  void begin();
  void serialize_progress(StateArchive& state);
  void serialize_environments(StateArchive& state);
  void serialize_evaluations(StateArchive& state);
  void serialize_best_model(StateArchive& state);
  void finish_episodes(const VectorStep& step, const TrainerCallbacks& callbacks);
  EvaluationResult evaluate_for_the_record();
  void evaluate_if_due(const TrainerCallbacks& callbacks);
  void plan_evaluation();
  std::optional<StopReason> stop_reason() const;

  TrainerConfig config_;
  std::unique_ptr<VectorEnvironment> environments_;
  std::unique_ptr<Learner> learner_;
  std::function<std::unique_ptr<Environment>()> make_evaluation_environment_;
  std::uint64_t seed_;
  Generator evaluation_seeds_;

  bool begun_ = false;
  Progress progress_;
  std::span<const float> observations_;  // [E, D] where the next actions are chosen; the environments' own
  std::vector<std::int32_t> actions_;    // [E]
  std::vector<double> returns_;          // [E] of the episodes that go on
  std::vector<std::int64_t> lengths_;    // [E]
  RecentReturns recent_returns_;
  std::int64_t evaluations_ = 0;
  Progress evaluation_due_;  // by steps or by episodes
  std::optional<double> last_mean_, best_mean_;
  std::vector<NamedArray> best_model_;
  std::optional<std::int64_t> solved_at_env_step_;
};

}  // namespace handgrad
