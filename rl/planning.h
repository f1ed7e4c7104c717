#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "../envs/tabular.h"

namespace handgrad {

// Planning: what can be computed where the transition table is known, without a single step in the world. The yardstick for
// everything that learns from experience. (Bellman 1957; Puterman 1994, chapters 4, 6 and 7.)
//
// S states, A actions, arrays row-major [S·A]. A transition that terminates has nothing behind it:
//   q(s, a) = Σ p (r + γ v(s') (1 - terminated))
// An action with no transitions is not allowed in that state: q is NaN there, and nobody chooses it. γ is in [0, 1]. With
// γ = 1 a return is a plain sum and must have an end: where a policy goes on for ever it must be paid nothing, and the value
// is 0.
//
// All functions throw Error for arrays of the wrong size and numbers out of range.

/// q [S·A] of state values v [S].
std::vector<double> action_values(const TransitionTable& table, std::span<const double> values, double gamma);

/// v [S] of a policy [S·A] of probabilities, or of actions [S]: the solution of v = r + γ P v by Gaussian elimination. Exact
/// up to rounding, and cubic in S: throws Error for more than 4,096 states. Throws Error also if γ = 1 and the policy is paid
/// for ever in a state from where it never ends.
std::vector<double> evaluate_policy(const TransitionTable& table, std::span<const double> policy, double gamma);
std::vector<double> evaluate_policy(const TransitionTable& table, std::span<const std::int32_t> actions, double gamma);

/// The return that actions [S] can expect from the initial distribution [S] within `steps` steps: backward over time.
double expected_return(const TransitionTable& table, std::span<const double> initial_distribution,
                       std::span<const std::int32_t> actions, double gamma, std::int64_t steps);

/// The best return anybody can expect within `steps` steps, also by looking at the clock.
double optimal_return(const TransitionTable& table, std::span<const double> initial_distribution, double gamma,
                      std::int64_t steps);

/// The action [S] with the highest of the values q [S·A], the lowest number among equals (to 1e-12 of the largest value of
/// all). NaN is never chosen. Throws Error for a state without a number.
std::vector<std::int32_t> greedy_actions(std::span<const double> q, std::size_t actions);

struct Plan {
  std::vector<double> values;         ///< [S]
  std::vector<std::int32_t> actions;  ///< [S]
  std::int64_t sweeps = 0;            ///< over all states; of policy iteration, policies evaluated
};

/// v ← max_a q(s, a) for all states at once, from 0, until no value changes by more than tolerance · max(1, largest |v|); the
/// actions are greedy_actions. Throws Error if that takes more than a million sweeps: with γ = 1 there may be no limit.
///
/// Trap: with γ = 1 and ties, greedy actions may go round in circles for ever at the best value. Those of policy_iteration
/// do not.
Plan value_iteration(const TransitionTable& table, double gamma, double tolerance = 1e-12);

/// Howard (1960): evaluates a policy exactly and changes its actions where another one is better, until none is. Starts with
/// the way to the nearest end and keeps an action that is as good as the best, so that ties neither keep it from finishing
/// nor lead round in circles. Throws Error as evaluate_policy does.
Plan policy_iteration(const TransitionTable& table, double gamma);

}  // namespace handgrad
