// Golden cases of planning, which computes in double whatever Real is.

#include <algorithm>
#include <numeric>

#include "golden_groups.h"
#include "rl/planning.h"

namespace handgrad::golden {
namespace {

/// P [S,A,S] and R [S,A] as a table whose transitions are all paid the expected reward; nothing terminates.
TransitionTable transition_table(const Case& c, std::size_t S, std::size_t A) {
  const auto s = static_cast<std::int64_t>(S), a = static_cast<std::int64_t>(A);
  const std::vector<double>& P = c.input("P", Shape{s, a, s}).data;
  const std::vector<double>& R = c.input("R", Shape{s, a}).data;
  TransitionTable table(S, std::vector<std::vector<Transition>>(A));
  for (std::size_t pair = 0; pair < S * A; ++pair) {
    for (std::size_t next = 0; next < S; ++next) {
      table[pair / A][pair % A].push_back({P[pair * S + next], static_cast<std::int64_t>(next), R[pair], false});
    }
  }
  return table;
}

/// v_0 = 0, v_k+1(s) = Σ_a π(a|s) q_k(s, a), or max_a q_k(s, a) without a policy: the values after each of `sweeps`.
std::vector<double> values_after(const TransitionTable& table, std::span<const double> policy, double gamma,
                                 const std::vector<std::int64_t>& sweeps) {
  const std::size_t S = table.size(), A = table[0].size();
  std::vector<double> v(S), all;
  std::int64_t done = 0;
  for (const std::int64_t wanted : sweeps) {
    for (; done < wanted; ++done) {
      const std::vector<double> q = action_values(table, v, gamma);
      for (std::size_t s = 0; s < S; ++s) {
        const std::span<const double> row(&q[s * A], A);
        v[s] = policy.empty() ? *std::max_element(row.begin(), row.end())
                              : std::inner_product(row.begin(), row.end(), &policy[s * A], 0.0);
      }
    }
    all.insert(all.end(), v.begin(), v.end());
  }
  return all;
}

}  // namespace

void compare_planning(const Case& c, Backend&, Comparison& comparison) {
  const Shape shape = c.input("R", 2).shape;
  const std::int64_t S = shape[0], A = shape[1];
  const TransitionTable table = transition_table(c, static_cast<std::size_t>(S), static_cast<std::size_t>(A));
  const std::vector<double>& policy = c.input("pi", shape).data;
  const double gamma = c.config.number("gamma");
  const std::vector<std::int64_t> sweeps = c.config.integers("sweeps");

  const Plan best = policy_iteration(table, gamma), iterated = value_iteration(table, gamma);
  comparison.close("v_star", {S}, best.values);
  comparison.close("v_star", {S}, iterated.values);
  comparison.close("q_star", shape, action_values(table, best.values, gamma));
  comparison.equal("policy_star", {S}, best.actions);
  comparison.equal("policy_star", {S}, iterated.actions);
  const std::vector<double> v_pi = evaluate_policy(table, policy, gamma);
  comparison.close("v_pi", {S}, v_pi);
  comparison.close("q_pi", shape, action_values(table, v_pi, gamma));
  const Shape swept{static_cast<std::int64_t>(sweeps.size()), S};
  comparison.close("v_sweeps", swept, values_after(table, {}, gamma, sweeps));
  comparison.close("v_pi_sweeps", swept, values_after(table, policy, gamma, sweeps));
}

}  // namespace handgrad::golden
