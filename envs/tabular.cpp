#include "tabular.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "../core/error.h"
#include "checks.h"

namespace handgrad {
namespace {

constexpr std::size_t kMostStates = std::size_t{1} << 24;

constexpr double kRounding = 1e-9;

bool sums_to_one(double sum) { return std::abs(sum - 1.0) <= kRounding; }
bool sums_to_at_most_one(double sum) { return sum <= 1.0 + kRounding; }

}  // namespace

TabularEnvironment::TabularEnvironment(TransitionTable table, std::vector<double> initial_distribution, std::string name,
                                       std::vector<std::uint8_t> legal)
    : table_(std::move(table)),
      initial_distribution_(std::move(initial_distribution)),
      name_(std::move(name)),
      legal_(std::move(legal)),
      observation_space_(Discrete{static_cast<std::int64_t>(table_.size())}),
      action_space_{table_.empty() ? 0 : static_cast<std::int64_t>(table_[0].size())} {
  check_table();
  flatten();
}

void TabularEnvironment::check_table() const {
  const std::size_t S = table_.size();
  const auto A = static_cast<std::size_t>(action_space_.n);
  require(S > 0 && A > 0, name_, ": a transition table needs at least one state and one action");
  require(S <= kMostStates, name_, ": ", S, " states are more than a float can number exactly (", kMostStates, ")");
  require(legal_.empty() || legal_.size() == S * A, name_, ": ", S, " states with ", A, " actions, but ", legal_.size(),
          " entries say which are allowed");
  check_initial_distribution();
  for (std::size_t s = 0; s < S; ++s) {
    require(table_[s].size() == A, name_, ": state ", s, " has ", table_[s].size(), " actions, state 0 has ", A);
    bool any = false;
    for (std::size_t a = 0; a < A; ++a) {
      check_pair(s, a);
      any = any || !table_[s][a].empty();
    }
    require(any, name_, ": state ", s, " allows no action");
  }
}

void TabularEnvironment::check_initial_distribution() const {
  require(initial_distribution_.size() == table_.size(), name_, ": ", table_.size(),
          " states, but an initial distribution over ", initial_distribution_.size());
  double sum = 0.0;
  for (const double p : initial_distribution_) {
    require(p >= 0.0, name_, ": the initial distribution holds ", p, ", expected 0 or more");
    sum += p;
  }
  require(sums_to_one(sum), name_, ": the initial distribution sums to ", sum, ", expected 1");
}

void TabularEnvironment::check_pair(std::size_t s, std::size_t a) const {
  const std::vector<Transition>& transitions = table_[s][a];
  if (!legal_.empty() && legal_[s * table_[s].size() + a] == 0) {
    require(transitions.empty(), name_, ": action ", a, " is not allowed in state ", s, ", but there are ", transitions.size(),
            " ways in which it goes");
    return;
  }
  double sum = 0.0;
  for (const Transition& t : transitions) {
    require(t.next_state >= 0 && static_cast<std::size_t>(t.next_state) < table_.size(), name_, ": state ", s, ", action ", a,
            " leads to state ", t.next_state, " of ", table_.size());
    require(t.probability >= 0.0, name_, ": state ", s, ", action ", a, " has probability ", t.probability);
    sum += t.probability;
  }
  require(sums_to_one(sum), name_, ": the probabilities of state ", s, ", action ", a, " sum to ", sum, ", expected 1");
}

void TabularEnvironment::flatten() {
  // Sums in double and in this order, as categorical_sample adds.
  first_.push_back(0);
  for (const auto& actions : table_) {
    for (const auto& transitions : actions) {
      double sum = 0.0;
      for (const Transition& t : transitions) {
        sum += t.probability;
        outcomes_.push_back({sum, t.probability, t.reward, static_cast<std::int32_t>(t.next_state), t.terminated});
      }
      first_.push_back(outcomes_.size());
    }
  }
  initial_sums_.resize(initial_distribution_.size());
  std::partial_sum(initial_distribution_.begin(), initial_distribution_.end(), initial_sums_.begin());
}

void TabularEnvironment::reset(std::optional<std::uint64_t> seed, std::span<float> observation) {
  require_observation(observation, 1, name_);
  set_state(start_for(seeded(stream_, seed, name_).random()), observation);
  last_action_.reset();
  probability_ = 1.0;
}

std::int64_t TabularEnvironment::start_for(double drawn) const {
  // The first running sum above the draw; where rounding leaves the last one below it, the first state.
  const auto above = std::upper_bound(initial_sums_.begin(), initial_sums_.end(), drawn);
  return above == initial_sums_.end() ? 0 : above - initial_sums_.begin();
}

void TabularEnvironment::refuse(std::int64_t state, std::int64_t action) const {
  std::string allowed;
  for (std::int64_t a = 0; a < action_space_.n; ++a) {
    if (legal_[static_cast<std::size_t>(state * action_space_.n + a)] == 0) continue;
    allowed += (allowed.empty() ? "" : ", ") + std::to_string(a);
  }
  fail(name_, ": action ", action, " is not allowed in state ", state, ", where there is ", allowed);
}

StepResult TabularEnvironment::step(std::int64_t action, std::span<float> observation) {
  require_action(action, action_space_, name_);
  require_started(stream_, name_);
  require_observation(observation, 1, name_);

  require_legal(state_, action);
  const Outcome& chosen = outcome_for(state_, action, stream_->random());
  set_state(chosen.next_state, observation);
  last_action_ = action;
  probability_ = chosen.probability;
  return {chosen.reward, chosen.terminated, false};
}

Snapshot TabularEnvironment::save() const {
  Snapshot snapshot;
  if (stream_) snapshot.stream = stream_->state();
  snapshot.values = {static_cast<double>(state_), static_cast<double>(last_action_.value_or(-1)), probability_};
  return snapshot;
}

void TabularEnvironment::load(const Snapshot& snapshot) {
  const std::vector<double>& values = snapshot.values;
  require(values.size() == 3 && is_whole(values[0], 0, static_cast<double>(table_.size()) - 1) &&
              is_whole(values[1], -1, static_cast<double>(action_space_.n) - 1) && values[2] >= 0.0 &&
              sums_to_at_most_one(values[2]),
          name_, ": this snapshot was not saved by such an environment");
  stream_ = stream_of(snapshot);
  state_ = static_cast<std::int64_t>(values[0]);
  last_action_ = values[1] < 0.0 ? std::nullopt : std::optional(static_cast<std::int64_t>(values[1]));
  probability_ = values[2];
}

}  // namespace handgrad
