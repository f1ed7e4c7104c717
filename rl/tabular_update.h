#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "q_tables.h"
#include "tabular_config.h"

namespace handgrad {

/// One step of one environment, as a table learns from it.
struct TabularTransition {
  StateRows state;
  std::int32_t action;
  double reward;
  StateRows next_state;      ///< where the step led, also at an episode's end
  std::int32_t next_action;  ///< taken there next; -1: none, or of no interest to the method
  bool terminated, truncated;
};

/// The numbers that change from step to step.
struct TabularStep {
  double alpha;          ///< step size
  double epsilon = 0.0;  ///< expected_sarsa: of the policy whose expectation is taken
  bool coin = false;     ///< double_q_learning: whether the second table learns
};

/// The learning half of tabular methods: tables, and what one transition does to them. Knows no environments, draws no
/// random numbers and chooses no actions.
///
///   Q(s, a) += α (G - Q(s, a))        with d = γ, or 0 if the episode terminated with this step
///
///   q_learning         G = r + d max_b Q(s', b)
///   sarsa              G = r + d Q(s', a')
///   expected_sarsa     G = r + d Σ_b π(b|s') Q(s', b)         π: ε-greedy, the best actions share the greedy part
///   double_q_learning  G = r + d Q₂(s', argmax_b Q₁(s', b))   for the table that learns, Q₁, chosen by a coin; Q₂ the other
///   nstep_sarsa        G = r₀ + γ r₁ + ... + γⁿ⁻¹ rₙ₋₁ + γⁿ Q(sₙ, aₙ), applied when the n-th reward is there. At an episode's
///                      end the windows still open are closed, oldest first, with what rewards there are (and d for the last γ)
///   q_lambda           δ = r + d max_b Q(s', b) - Q(s, a);  e(s, a) += 1;  Q += α δ e, everywhere;  then e *= γλ if a' is a
///                      best action at s' (by the table before this update) and the episode goes on, else e = 0
///
/// With several active rows a state, Q is a sum over them, each of which moves by its share, α/rows (Sutton & Barto 2018,
/// section 9.5.4). Windows and traces are kept for each environment. Nothing is allocated after construction.
class TabularUpdate {
 public:
  /// active: rows a state has; environments: E. legal: see QTables. Throws Error for a configuration that does not validate.
  TabularUpdate(const TabularConfig& config, std::int64_t rows, std::int64_t active, std::int64_t actions,
                std::int64_t environments = 1, std::vector<std::uint8_t> legal = {});

  /// Takes in one step of environment e.
  void run(std::int64_t environment, const TabularTransition& t, const TabularStep& step);

  /// Forgets windows and traces, as before a first step.
  void forget();

  QTables& tables() { return tables_; }
  const QTables& tables() const { return tables_; }
  std::int64_t updates() const { return updates_; }  ///< of an entry's value by the formula above

  /// Σ (G - Q(s, a))² over the updates since the last call, and how many they were.
  struct Errors {
    double squares = 0.0;
    std::int64_t count = 0;
  };
  Errors take_errors();

  /// π(·|s) [A] of the ε-greedy policy of the tables as they are; the best actions share the greedy part.
  void policy(StateRows state, double epsilon, std::span<double> probabilities);
  /// Whether no action is better.
  bool is_greedy(StateRows state, std::int32_t action);
  /// e [F·A] of one environment. Throws Error for another method than q_lambda.
  std::span<const double> traces(std::int64_t environment) const;

  /// Tables, open windows and traces, and what has been counted. Throws Error for what cannot be of such a method and table.
  void serialize(StateArchive& state);

 private:
  /// What nstep_sarsa and q_lambda remember of the steps before, for one environment.
  struct Memory {
    std::vector<std::int32_t> states;  // [n, active] ring: states, actions and rewards of open windows
    std::vector<std::int32_t> actions;
    std::vector<double> rewards;
    std::int64_t first = 0, open = 0;
    std::vector<double> traces;         // [F·A]
    std::vector<std::int32_t> visited;  // where traces are not 0
  };

  void serialize_windows(StateArchive& state);
  void serialize_traces(StateArchive& state);
  double discount(const TabularTransition& t) const;
  double best(StateRows state);
  double expectation(StateRows state, double epsilon);
  double next_value(const TabularTransition& t) const;
  void move(StateRows state, std::int32_t action, double target, double alpha, std::int64_t table = 0);
  void note(double error);
  void double_q(const TabularTransition& t, const TabularStep& step);
  void nstep(Memory& memory, const TabularTransition& t, double alpha);
  void close_window(Memory& memory, double bootstrap, double alpha);
  void q_lambda(Memory& memory, const TabularTransition& t, double alpha);

  TabularConfig config_;
  std::int64_t active_;
  double share_;  // of an update that each active row takes
  QTables tables_;
  std::vector<Memory> memories_;       // [E], empty for methods that need none
  std::vector<double> probabilities_;  // [A]
  std::int64_t updates_ = 0;
  Errors errors_;
};

}  // namespace handgrad
