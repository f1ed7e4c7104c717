#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "environment.h"

namespace handgrad {

/// One way in which a step can go.
struct Transition {
  double probability;
  std::int64_t next_state;
  double reward;
  bool terminated;
  bool operator==(const Transition&) const = default;
};

/// Gymnasium's P: table[s][a] lists how action a can go in state s. Entries with the same next state stay apart.
using TransitionTable = std::vector<std::vector<std::vector<Transition>>>;

/// An environment that is nothing but a table: a finite Markov decision process, S states, A actions.
///
///   reset  state drawn from the initial distribution, one random()
///   step   entry drawn from table[s][a], one random() even where there is only one entry
///
/// The observation is the state's number. info().probability is that of the drawn entry alone, 1 after a reset. Nothing
/// guards steps after the end: they follow the table.
///
/// Not every action has to be allowed in every state: where `legal` says that it is not, its list is empty, and taking it is
/// an error. Whoever plans or learns leaves such pairs out of every choice and every maximum.
class TabularEnvironment : public Environment {
 public:
  /// table [S][A], every list with at least one entry; initial_distribution [S]; `name` begins error messages.
  /// legal [S·A], row by row: 1 where the action is allowed, 0 where not; empty: all are.
  /// Throws Error unless the shapes fit, next states exist, probabilities are not negative and each list sums to 1
  /// (within 1e-9), or is empty where the action is not allowed; and unless each state allows some action. S is at most 2^24:
  /// a float holds such an integer exactly.
  TabularEnvironment(TransitionTable table, std::vector<double> initial_distribution, std::string name = "TabularEnvironment",
                     std::vector<std::uint8_t> legal = {});

  const Space& observation_space() const override { return observation_space_; }
  const Discrete& action_space() const override { return action_space_; }
  void reset(std::optional<std::uint64_t> seed, std::span<float> observation) override;
  StepResult step(std::int64_t action, std::span<float> observation) override;
  Info info() const override { return {probability_, {}}; }
  Snapshot save() const override;
  void load(const Snapshot& snapshot) override;

  /// One way in which a step can go, as a step needs it: the table once more, flat and with running sums.
  struct Outcome {
    double running_sum;
    double probability;
    double reward;
    std::int32_t next_state;
    bool terminated;
  };
  /// What a number drawn from [0, 1) makes of a reset, and of an action that is allowed. No state changes: environments that
  /// share this table (TabularWorld) draw from it too.
  std::int64_t start_for(double drawn) const;
  const Outcome& outcome_for(std::int64_t state, std::int64_t action, double drawn) const;
  /// Throws Error for an action that is not allowed in the state.
  void require_legal(std::int64_t state, std::int64_t action) const;

  /// What planning needs: everything that reset and step draw from.
  const TransitionTable& transitions() const { return table_; }
  const std::vector<double>& initial_distribution() const { return initial_distribution_; }
  /// [S·A], 1 where the action is allowed; empty where all are.
  const std::vector<std::uint8_t>& legal_actions() const { return legal_; }

  /// Where the states are the cells of a grid, numbered row by row: how many a row has. Else 0.
  virtual std::int64_t grid_columns() const { return 0; }

  std::int64_t current_state() const { return state_; }
  /// Empty before the first step of an episode.
  std::optional<std::int64_t> last_action() const { return last_action_; }

 protected:
  // For environments that draw more than the table says (Taxi).
  const std::string& name() const { return name_; }
  Generator& stream() { return *stream_; }  ///< there is one after the first reset
  /// Overrules where the last reset or step has led.
  void set_state(std::int64_t state, std::span<float> observation) {
    state_ = state;
    observation[0] = static_cast<float>(state);
  }

 private:
  void check_table() const;
  void check_initial_distribution() const;
  void check_pair(std::size_t s, std::size_t a) const;
  void flatten();
  [[noreturn]] void refuse(std::int64_t state, std::int64_t action) const;

  TransitionTable table_;
  std::vector<double> initial_distribution_;
  std::string name_;
  std::vector<std::uint8_t> legal_;
  Space observation_space_;
  Discrete action_space_;
  std::vector<Outcome> outcomes_;
  std::vector<std::size_t> first_;    // [S·A + 1]: outcomes of (s, a) are first_[s·A + a] up to first_[s·A + a + 1]
  std::vector<double> initial_sums_;  // [S] running sums of the initial distribution

  std::optional<Generator> stream_;
  std::int64_t state_ = 0;
  std::optional<std::int64_t> last_action_;
  double probability_ = 1.0;
};

inline const TabularEnvironment::Outcome& TabularEnvironment::outcome_for(std::int64_t state, std::int64_t action,
                                                                          double drawn) const {
  const auto pair = static_cast<std::size_t>(state * action_space_.n + action);
  const Outcome* const outcomes = outcomes_.data() + first_[pair];
  const std::size_t n = first_[pair + 1] - first_[pair];
  if (n == 1) return outcomes[0];
  // The first running sum above the draw; where rounding leaves the last one below it, the first entry. Counting the sums
  // that are not above finds the same entry without a branch that nobody could predict.
  std::size_t chosen = 0;
  for (std::size_t k = 0; k < n; ++k) chosen += outcomes[k].running_sum <= drawn ? 1 : 0;
  return outcomes[chosen == n ? 0 : chosen];
}

inline void TabularEnvironment::require_legal(std::int64_t state, std::int64_t action) const {
  const auto pair = static_cast<std::size_t>(state * action_space_.n + action);
  if (first_[pair] == first_[pair + 1]) [[unlikely]]
    refuse(state, action);
}

}  // namespace handgrad
