#pragma once

#include "../core/random.h"
#include "learner.h"
#include "state_encoder.h"
#include "tabular_update.h"

namespace handgrad {

/// Tabular learning (Q-learning, SARSA and relatives): acts ε-greedily by a table of values, which every step moves. What a
/// step does to the table is in TabularUpdate; this decides how to act.
///
/// sarsa, nstep_sarsa and q_lambda choose the next action when they observe where a step has led, and return it from the next
/// act: that choice is a part of what they learn from. act takes the observations that start or observe was shown last to be
/// the ones it is given.
///
/// α is taken at the number of environment steps made before the step it is for. A step allocates nothing.
class Tabular : public Learner {
 public:
  /// environments: E. legal [S·A]: 1 where an action is legal, empty where all are. Throws Error for a configuration that does
  /// not validate.
  Tabular(const TabularConfig& config, StateEncoder encoder, std::int64_t actions, std::int64_t environments,
          std::uint64_t seed, std::vector<std::uint8_t> legal = {});

  void start(std::span<const float> observations) override;
  void act(std::span<const float> observations, const Progress& progress, std::span<std::int32_t> actions) override;
  void observe(std::span<const std::int32_t> actions, const VectorStep& step, const Progress& progress) override;
  /// Of equally good actions the lowest, whatever config().tie says.
  void act_greedily(std::span<const float> observations, std::span<std::int32_t> actions) override;
  std::int64_t evaluation_rows() const override { return 1; }
  double epsilon(const Progress& progress) const override { return config_.epsilon.at(progress.env_steps, progress.episodes); }
  std::int64_t train_steps() const override { return update_.updates(); }
  /// The mean of (G - Q(s, a))².
  std::optional<double> take_mean_loss() override;

  /// `q` [F, A] in double, or `q_a` and `q_b`; and `legal` [F, A], 1 or 0, where not every action is.
  std::vector<NamedArray> model() const override;
  void load_model(const std::vector<NamedArray>& arrays) override;
  std::map<std::string, std::string> model_metadata() const override { return encoder_.metadata(); }
  /// Streams, tables, windows and traces, where each environment is and the actions chosen ahead.
  void serialize(StateArchive& state) override;

  const TabularConfig& config() const { return config_; }
  const StateEncoder& encoder() const { return encoder_; }
  QTables& tables() { return update_.tables(); }
  const QTables& tables() const { return update_.tables(); }

 private:
  static constexpr std::int32_t kNone = -1;

  std::span<std::int32_t> state(std::size_t environment) { return std::span(states_).subspan(environment * active_, active_); }
  void encode(std::span<const float> observations, std::size_t row, std::span<std::int32_t> rows) const {
    encoder_.encode(observations.subspan(row * width_, width_), rows);
  }
  void observe_one(std::size_t environment, std::int32_t action, const VectorStep& step, const TabularStep& numbers);
  std::int32_t choose(StateRows rows, double epsilon);
  std::int32_t explore(StateRows rows);
  std::int32_t exploit(StateRows rows);

  TabularConfig config_;
  StateEncoder encoder_;
  std::size_t width_, active_;  // D, rows of a state
  std::int64_t actions_, environments_;
  bool chooses_ahead_;  // whether a' is a part of what is learned from
  Generator exploration_, coin_;
  RunningSchedule alpha_, epsilon_;
  TabularUpdate update_;
  std::vector<std::int32_t> states_;   // [E, active_] where the next actions are chosen
  std::vector<std::int32_t> next_;     // [active_]
  std::vector<std::int32_t> pending_;  // [E] actions chosen ahead, or kNone
};

/// The tables of a model as Tabular writes them, for who plays them. Throws Error, naming what is wrong, for arrays that are
/// none, are not finite, or do not have `rows` rows.
QTables tables_of_model(const std::vector<NamedArray>& arrays, std::int64_t rows);

}  // namespace handgrad
