#include "planning.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "../core/error.h"

namespace handgrad {
namespace {

constexpr std::size_t kMostStatesToSolve = 4096;
constexpr std::int64_t kMostSweeps = 1'000'000;
constexpr double kTie = 1e-12;         // of the largest value: closer values are one value, rounded differently
constexpr double kImprovement = 1e-9;  // of the largest value: less is what solving linear equations gets wrong

std::size_t count_actions(const TransitionTable& table) {
  require(!table.empty() && !table[0].empty(), "planning needs a transition table with at least one state and one action");
  return table[0].size();
}

void check_discount(double gamma) { require(gamma >= 0.0 && gamma <= 1.0, "the discount must be in [0, 1], found ", gamma); }

void check_size(std::size_t found, std::size_t expected, const char* what) {
  require(found == expected, what, " has ", found, " entries, expected ", expected);
}

/// Every state has to allow something.
void check_states(const TransitionTable& table) {
  count_actions(table);
  for (std::size_t s = 0; s < table.size(); ++s) {
    const auto allowed = [](const std::vector<Transition>& outcomes) { return !outcomes.empty(); };
    require(std::any_of(table[s].begin(), table[s].end(), allowed), "state ", s, " allows no action");
  }
}

double action_value(const std::vector<Transition>& outcomes, std::span<const double> values, double gamma) {
  if (outcomes.empty()) return std::numeric_limits<double>::quiet_NaN();  // not allowed
  double q = 0.0;
  for (const Transition& t : outcomes) {
    const double next = t.terminated ? 0.0 : values[static_cast<std::size_t>(t.next_state)];
    q += t.probability * (t.reward + gamma * next);
  }
  return q;
}

/// max_a q(s, a) over the actions of one state. Trap: max(NaN, x) would be NaN, max(x, NaN) is x.
double best_value(const std::vector<std::vector<Transition>>& state, std::span<const double> values, double gamma) {
  double best = -std::numeric_limits<double>::infinity();
  for (const auto& outcomes : state) best = std::max(best, action_value(outcomes, values, gamma));
  return best;
}

double largest_magnitude(std::span<const double> values) {
  double largest = 1.0;
  for (const double v : values) largest = std::max(largest, std::abs(v));  // passes over NaN
  return largest;
}

double sum_of(const std::vector<double>& values) { return std::accumulate(values.begin(), values.end(), 0.0); }

/// Σ_s p0(s) v(s).
double from_start(std::span<const double> initial_distribution, std::span<const double> values) {
  return std::inner_product(values.begin(), values.end(), initial_distribution.begin(), 0.0);
}

void check_action(std::int32_t action, std::size_t s, std::size_t A) {
  require(action >= 0 && static_cast<std::size_t>(action) < A, "state ", s, " is given action ", action, ", expected 0 to ",
          A - 1);
}

void check_allowed(const TransitionTable& table, std::size_t s, std::size_t a) {
  require(!table[s][a].empty(), "action ", a, " is not allowed in state ", s);
}

/// A Markov chain with rewards: what is left of a table once a policy has chosen.
struct Chain {
  std::vector<double> next;    // [S, S]: probability of going on to s'
  std::vector<double> reward;  // [S]: expected
  std::vector<bool> may_end;   // [S]: whether a step from here may terminate
};

Chain chain_of(const TransitionTable& table, std::span<const double> policy) {
  const std::size_t S = table.size(), A = table[0].size();
  Chain chain{std::vector<double>(S * S), std::vector<double>(S), std::vector<bool>(S)};
  for (std::size_t s = 0; s < S; ++s) {
    for (std::size_t a = 0; a < A; ++a) {
      if (policy[s * A + a] == 0.0) continue;
      check_allowed(table, s, a);
      for (const Transition& t : table[s][a]) {
        const double p = policy[s * A + a] * t.probability;
        chain.reward[s] += p * t.reward;
        if (t.terminated) {
          if (p > 0.0) chain.may_end[s] = true;
        } else {
          chain.next[s * S + static_cast<std::size_t>(t.next_state)] += p;
        }
      }
    }
  }
  return chain;
}

/// The states from which an end can be reached.
std::vector<bool> reaches_end(const Chain& chain) {
  const std::size_t S = chain.reward.size();
  std::vector<bool> reaches = chain.may_end;
  std::vector<std::size_t> to_visit;
  for (std::size_t s = 0; s < S; ++s) {
    if (reaches[s]) to_visit.push_back(s);
  }
  while (!to_visit.empty()) {
    const std::size_t later = to_visit.back();
    to_visit.pop_back();
    for (std::size_t s = 0; s < S; ++s) {
      if (reaches[s] || chain.next[s * S + later] == 0.0) continue;
      reaches[s] = true;
      to_visit.push_back(s);
    }
  }
  return reaches;
}

/// Overwrites b [n] with the solution of M x = b, M [n, n] being consumed: Gaussian elimination with partial pivoting.
void solve(std::vector<double>& M, std::vector<double>& b) {
  const std::size_t n = b.size();
  for (std::size_t k = 0; k < n; ++k) {
    std::size_t pivot = k;
    for (std::size_t i = k + 1; i < n; ++i) {
      if (std::abs(M[i * n + k]) > std::abs(M[pivot * n + k])) pivot = i;
    }
    require(M[pivot * n + k] != 0.0, "the values of this policy have no unique solution; use a discount below 1");
    if (pivot != k) {
      std::swap_ranges(&M[k * n], &M[k * n] + n, &M[pivot * n]);
      std::swap(b[k], b[pivot]);
    }
    for (std::size_t i = k + 1; i < n; ++i) {
      const double factor = M[i * n + k] / M[k * n + k];
      if (factor == 0.0) continue;
      for (std::size_t j = k; j < n; ++j) M[i * n + j] -= factor * M[k * n + j];
      b[i] -= factor * b[k];
    }
  }
  for (std::size_t k = n; k-- > 0;) {
    for (std::size_t j = k + 1; j < n; ++j) b[k] -= M[k * n + j] * b[j];
    b[k] /= M[k * n + k];
  }
}

/// The policy [S·A] that takes these actions [S].
std::vector<double> as_policy(std::span<const std::int32_t> actions, std::size_t A) {
  std::vector<double> policy(actions.size() * A);
  for (std::size_t s = 0; s < actions.size(); ++s) {
    check_action(actions[s], s, A);
    policy[s * A + static_cast<std::size_t>(actions[s])] = 1.0;
  }
  return policy;
}

/// Actions [S] by which the end can be reached from wherever it can be reached at all: each has a chance of getting nearer.
std::vector<std::int32_t> way_to_the_end(const TransitionTable& table) {
  const std::size_t S = table.size(), A = table[0].size();
  std::vector<std::int32_t> actions(S, -1);
  std::vector<bool> known(S), nearer(S);
  for (bool found = true; found; nearer = known) {
    found = false;
    for (std::size_t s = 0; s < S; ++s) {
      for (std::size_t a = 0; a < A && !known[s]; ++a) {
        const auto leads_on = [&](const Transition& t) {
          return t.probability > 0.0 && (t.terminated || nearer[static_cast<std::size_t>(t.next_state)]);
        };
        if (std::none_of(table[s][a].begin(), table[s][a].end(), leads_on)) continue;
        known[s] = found = true;
        actions[s] = static_cast<std::int32_t>(a);
      }
    }
  }
  for (std::size_t s = 0; s < S; ++s) {
    for (std::size_t a = A; a-- > 0 && !known[s];) {
      if (!table[s][a].empty()) actions[s] = static_cast<std::int32_t>(a);
    }
  }
  return actions;
}

}  // namespace

std::vector<double> action_values(const TransitionTable& table, std::span<const double> values, double gamma) {
  count_actions(table);
  check_discount(gamma);
  check_size(values.size(), table.size(), "the array of state values");
  std::vector<double> q;
  for (const auto& state : table) {
    for (const auto& outcomes : state) q.push_back(action_value(outcomes, values, gamma));
  }
  return q;
}

std::vector<double> evaluate_policy(const TransitionTable& table, std::span<const double> policy, double gamma) {
  const std::size_t S = table.size(), A = count_actions(table);
  check_discount(gamma);
  check_size(policy.size(), S * A, "the policy");
  require(S <= kMostStatesToSolve, "solving for the values of ", S, " states takes too long (at most ", kMostStatesToSolve,
          "): use value_iteration or expected_return");
  for (std::size_t s = 0; s < S; ++s) {
    double sum = 0.0;
    for (std::size_t a = 0; a < A; ++a) {
      require(policy[s * A + a] >= 0.0, "the policy has the probability ", policy[s * A + a], " in state ", s);
      sum += policy[s * A + a];
    }
    require(std::abs(sum - 1.0) <= 1e-9, "the policy's probabilities in state ", s, " sum to ", sum, ", expected 1");
  }

  // (1 - γP) v = r
  Chain chain = chain_of(table, policy);
  const std::vector<bool> ends = gamma == 1.0 ? reaches_end(chain) : std::vector<bool>(S, true);
  for (std::size_t s = 0; s < S; ++s) {
    require(ends[s] || chain.reward[s] == 0.0, "with a discount of 1 the return from state ", s,
            " has no bound: this policy never ends there and gets ", chain.reward[s], " a step. Use a discount below 1");
    for (std::size_t next = 0; next < S; ++next) {
      double& m = chain.next[s * S + next];
      m = (s == next ? 1.0 : 0.0) - (ends[s] ? gamma * m : 0.0);  // Trap: 1 - P has no inverse where nothing ends
    }
  }
  solve(chain.next, chain.reward);
  return chain.reward;
}

std::vector<double> evaluate_policy(const TransitionTable& table, std::span<const std::int32_t> actions, double gamma) {
  check_size(actions.size(), table.size(), "the array of actions");
  return evaluate_policy(table, as_policy(actions, count_actions(table)), gamma);
}

double expected_return(const TransitionTable& table, std::span<const double> initial_distribution,
                       std::span<const std::int32_t> actions, double gamma, std::int64_t steps) {
  const std::size_t S = table.size();
  const std::size_t A = count_actions(table);
  check_discount(gamma);
  check_size(initial_distribution.size(), S, "the initial distribution");
  check_size(actions.size(), S, "the array of actions");
  for (std::size_t s = 0; s < S; ++s) {
    check_action(actions[s], s, A);
    check_allowed(table, s, static_cast<std::size_t>(actions[s]));
  }
  require(steps >= 0, "expected a number of steps of at least 0, found ", steps);

  std::vector<double> values(S), next(S);
  for (std::int64_t left = 1; left <= steps; ++left) {
    next.swap(values);
    for (std::size_t s = 0; s < S; ++s) {
      values[s] = action_value(table[s][static_cast<std::size_t>(actions[s])], next, gamma);
    }
  }
  return from_start(initial_distribution, values);
}

double optimal_return(const TransitionTable& table, std::span<const double> initial_distribution, double gamma,
                      std::int64_t steps) {
  const std::size_t S = table.size();
  check_states(table);
  check_discount(gamma);
  check_size(initial_distribution.size(), S, "the initial distribution");
  require(steps >= 0, "expected a number of steps of at least 0, found ", steps);

  std::vector<double> values(S), next(S);
  for (std::int64_t left = 1; left <= steps; ++left) {
    next.swap(values);
    for (std::size_t s = 0; s < S; ++s) values[s] = best_value(table[s], next, gamma);
  }
  return from_start(initial_distribution, values);
}

std::vector<std::int32_t> greedy_actions(std::span<const double> q, std::size_t actions) {
  require(actions > 0 && q.size() % actions == 0, q.size(), " action values are no rows of ", actions);
  const double tie = kTie * largest_magnitude(q);
  std::vector<std::int32_t> greedy;
  for (std::size_t row = 0; row < q.size(); row += actions) {
    double best = -std::numeric_limits<double>::infinity();
    for (std::size_t a = 0; a < actions; ++a) best = std::max(best, q[row + a]);
    std::size_t chosen = 0;
    while (chosen < actions && !(q[row + chosen] >= best - tie)) ++chosen;
    require(chosen < actions, "state ", row / actions, " has no action with a value");
    greedy.push_back(static_cast<std::int32_t>(chosen));
  }
  return greedy;
}

Plan value_iteration(const TransitionTable& table, double gamma, double tolerance) {
  const std::size_t S = table.size(), A = count_actions(table);
  check_states(table);
  check_discount(gamma);
  require(tolerance > 0.0, "the tolerance must be above 0, found ", tolerance);

  Plan plan{std::vector<double>(S), {}, 0};
  std::vector<double> before(S);
  double change = 0.0;
  do {
    require(plan.sweeps < kMostSweeps, "value iteration: after ", kMostSweeps, " sweeps values still change by ", change,
            ". Use a discount below 1, a larger tolerance, or policy_iteration");
    before.swap(plan.values);
    change = 0.0;
    for (std::size_t s = 0; s < S; ++s) {
      plan.values[s] = best_value(table[s], before, gamma);
      change = std::max(change, std::abs(plan.values[s] - before[s]));
    }
    ++plan.sweeps;
  } while (!(change <= tolerance * largest_magnitude(plan.values)));
  plan.actions = greedy_actions(action_values(table, plan.values, gamma), A);
  return plan;
}

Plan policy_iteration(const TransitionTable& table, double gamma) {
  const std::size_t S = table.size(), A = count_actions(table);
  check_states(table);
  check_discount(gamma);

  Plan plan{{}, way_to_the_end(table), 1};
  plan.values = evaluate_policy(table, plan.actions, gamma);
  for (;;) {
    const std::vector<double> q = action_values(table, plan.values, gamma);
    const std::vector<std::int32_t> greedy = greedy_actions(q, A);
    const double margin = kImprovement * largest_magnitude(q);
    std::vector<std::int32_t> better = plan.actions;
    for (std::size_t s = 0; s < S; ++s) {
      const auto value = [&](std::int32_t action) { return q[s * A + static_cast<std::size_t>(action)]; };
      if (value(greedy[s]) > value(better[s]) + margin) better[s] = greedy[s];
    }
    if (better == plan.actions) return plan;
    std::vector<double> values = evaluate_policy(table, better, gamma);
    // Every change raises values and lowers none. Where the sum does not grow, rounding is all that is left.
    if (!(sum_of(values) > sum_of(plan.values))) return plan;
    plan = {std::move(values), std::move(better), plan.sweeps + 1};
  }
}

}  // namespace handgrad
