#include <algorithm>
#include <cmath>

#include "app/study/measures.h"
#include "app/study/trained_agent.h"

namespace handgrad::app {

namespace {

using Table = TrainedAgent::Table;
using Parameters = MeasureKind::Parameters;

constexpr double kSameValue = 1e-9;  // relative: what planning leaves of equal values

// A state's largest value among the actions that are allowed there.
double state_value(const Table& t, const std::vector<double>& q, std::size_t s) {
  double result = -std::numeric_limits<double>::infinity();
  for (std::size_t a = 0; a < t.actions; ++a) {
    if (!std::isnan(t.best[s * t.actions + a])) result = std::max(result, q[s * t.actions + a]);
  }
  return result;
}

MeasureValue exact_value(const RunRecord&, TrainedAgent& agent, const Parameters&) { return {agent.table().value}; }
MeasureValue optimal_value(const RunRecord&, TrainedAgent& agent, const Parameters&) { return {agent.table().best_value}; }
MeasureValue value_gap(const RunRecord&, TrainedAgent& agent, const Parameters&) {
  return {agent.table().best_value - agent.table().value};
}
MeasureValue value_share(const RunRecord&, TrainedAgent& agent, const Parameters&) {
  return {agent.table().value / agent.table().best_value};
}

MeasureValue largest_excess(const RunRecord&, TrainedAgent& agent, const Parameters&) {
  const Table& t = agent.table();
  MeasureValue result;
  for (std::size_t i = 0; i < t.q.size(); ++i) {
    if (t.ends[i / t.actions] || std::isnan(t.best[i])) continue;
    if (const double excess = t.q[i] - t.best[i]; !(excess <= result.value)) result.value = excess;
  }
  return result;
}

MeasureValue largest_state_error(const RunRecord&, TrainedAgent& agent, const Parameters&) {
  const Table& t = agent.table();
  double result = 0;
  for (std::size_t s = 0; s < t.states; ++s) {
    if (!t.ends[s]) result = std::max(result, std::abs(state_value(t, t.q, s) - state_value(t, t.best, s)));
  }
  return {result};
}

MeasureValue largest_end_value(const RunRecord&, TrainedAgent& agent, const Parameters&) {
  const Table& t = agent.table();
  double result = 0;
  for (std::size_t i = 0; i < t.q.size(); ++i) {
    if (t.ends[i / t.actions] && !std::isnan(t.best[i])) result = std::max(result, std::abs(t.q[i]));
  }
  return {result};
}

MeasureValue optimal_states(const RunRecord&, TrainedAgent& agent, const Parameters&) {
  const Table& t = agent.table();
  double optimal = 0, count = 0;
  for (std::size_t s = 0; s < t.states; ++s) {
    if (t.ends[s]) continue;
    const double best = state_value(t, t.best, s);
    const double chosen = t.best[s * t.actions + static_cast<std::size_t>(t.greedy[s])];
    optimal += chosen >= best - kSameValue * std::max(1.0, std::abs(best)) ? 1 : 0;  // false for NaN
    count += 1;
  }
  return {optimal / count};
}

}  // namespace

std::vector<MeasureKind> table_measures() {
  std::vector<MeasureKind> kinds = {
      {"exact_value",
       "return",
       "return to expect of the greedy policy, undiscounted, within the step limit, by planning",
       {},
       exact_value},
      {"optimal_value", "return", "the best return anybody can expect within the step limit", {}, optimal_value},
      {"value_gap", "return", "optimal_value - exact_value", {}, value_gap},
      {"value_share", "", "exact_value / optimal_value; says something where returns are positive", {}, value_share},
      {"largest_excess",
       "return",
       "by how much a learned value exceeds the exact one at most (negative: none does)",
       {},
       largest_excess},
      {"largest_state_error",
       "return",
       "largest distance of max_a Q(s, a) from the exact one over all states but ends",
       {},
       largest_state_error},
      {"largest_end_value",
       "return",
       "largest absolute value in the rows of states where episodes end",
       {},
       largest_end_value},
      {"optimal_states",
       "",
       "share of the states, but ends, in which the greedy action is an optimal one",
       {},
       optimal_states},
  };
  for (MeasureKind& kind : kinds) kind.needs_table = true;
  return kinds;
}

}  // namespace handgrad::app
