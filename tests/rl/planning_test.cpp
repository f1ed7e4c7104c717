#include "rl/planning.h"

#include <algorithm>
#include <cmath>

#include "envs/cliff_walking.h"
#include "envs/frozen_lake.h"
#include "envs/taxi.h"
#include "tests/support/catch.h"
#include "tests/support/error_message.h"

using namespace handgrad;

namespace {

/// A corridor 0, 1 … n-1, the last one's end: action 0 stays, action 1 goes on; every step pays `reward`, the last one `goal`.
TransitionTable corridor(std::size_t n, double reward, double goal) {
  TransitionTable table;
  for (std::size_t s = 0; s < n; ++s) {
    const auto here = static_cast<std::int64_t>(s);
    const bool last = s + 1 == n;
    table.push_back({{{1.0, here, reward, false}}, {{1.0, last ? here : here + 1, last ? goal : reward, last}}});
  }
  return table;
}

std::vector<double> start(std::size_t n) {
  std::vector<double> distribution(n);
  distribution[0] = 1.0;
  return distribution;
}

double value_of_start(const FrozenLake& lake, double gamma) {
  const Plan plan = policy_iteration(lake.transitions(), gamma);
  return plan.values[0];
}

}  // namespace

TEST_CASE("The optimal values of FrozenLake are the known ones", "[planning]") {
  CHECK(value_of_start(FrozenLake(), 0.99) == Approx(0.5420259).margin(5e-8));
  CHECK(value_of_start(FrozenLake({.map_name = "8x8"}), 0.99) == Approx(0.4146404).margin(5e-8));
  CHECK(value_of_start(FrozenLake({.is_slippery = false}), 0.99) == Approx(std::pow(0.99, 5)).margin(1e-15));
  CHECK(value_of_start(FrozenLake(), 1.0) == Approx(14.0 / 17.0).margin(1e-14));
}

TEST_CASE("The best chances of crossing FrozenLake within its time limit are the known ones", "[planning]") {
  const FrozenLake small, large({.map_name = "8x8"});
  CHECK(optimal_return(small.transitions(), small.initial_distribution(), 1.0, 100) == Approx(0.7441903).margin(5e-8));
  CHECK(optimal_return(large.transitions(), large.initial_distribution(), 1.0, 200) == Approx(0.9132202).margin(5e-8));
}

TEST_CASE("The optimal values of CliffWalking are the known ones, its goal not absorbing anything", "[planning]") {
  const CliffWalking dry, slippery({.is_slippery = true});
  CHECK(policy_iteration(dry.transitions(), 1.0).values[36] == Approx(-13).margin(1e-12));
  CHECK(value_iteration(dry.transitions(), 1.0).values[36] == -13);
  CHECK(policy_iteration(slippery.transitions(), 0.99).values[36] == Approx(-46.35267).margin(5e-6));
  CHECK(value_iteration(slippery.transitions(), 0.99).values[36] == Approx(-46.35267).margin(5e-6));
}

TEST_CASE("The best mean return of Taxi within its time limit is the known one", "[planning]") {
  const Taxi dry, rainy({.is_rainy = true});
  CHECK(optimal_return(dry.transitions(), dry.initial_distribution(), 1.0, 200) == Approx(7.93).margin(1e-9));
  CHECK(optimal_return(rainy.transitions(), rainy.initial_distribution(), 1.0, 200) == Approx(3.95457).margin(5e-6));
  const Plan plan = policy_iteration(dry.transitions(), 1.0);
  CHECK(expected_return(dry.transitions(), dry.initial_distribution(), plan.actions, 1.0, 200) == Approx(7.93).margin(1e-9));
}

TEST_CASE("Value iteration and policy iteration agree, and the policy's own return is what they promise", "[planning]") {
  const std::string map = GENERATE("4x4", "8x8");
  const double gamma = GENERATE(0.5, 0.9, 0.99, 1.0);
  const FrozenLake lake({.map_name = map});
  const TransitionTable& table = lake.transitions();
  const Plan exact = policy_iteration(table, gamma), iterated = value_iteration(table, gamma);
  CAPTURE(map, gamma, exact.sweeps, iterated.sweeps);
  CHECK(exact.sweeps < 30);
  for (std::size_t s = 0; s < table.size(); ++s) CHECK(iterated.values[s] == Approx(exact.values[s]).margin(1e-9));
  CHECK(evaluate_policy(table, exact.actions, gamma) == exact.values);
  CHECK(expected_return(table, lake.initial_distribution(), exact.actions, gamma, 20'000) ==
        Approx(exact.values[0]).margin(1e-9));
}

TEST_CASE("Policy iteration finishes although every action ties", "[planning]") {
  const TransitionTable table(3, {{{1.0, 0, 0.0, false}}, {{1.0, 1, 0.0, false}}, {{1.0, 2, 0.0, false}}});
  for (const double gamma : {0.0, 0.9, 1.0}) {
    const Plan plan = policy_iteration(table, gamma);
    CHECK(plan.sweeps == 1);
    CHECK(plan.values == std::vector<double>(3));
  }
}

TEST_CASE("Without a discount the way is counted in steps, and policy iteration does not stand still", "[planning]") {
  const TransitionTable costs = corridor(5, -1, -1), late = corridor(5, 0, 1);
  CHECK(policy_iteration(costs, 1.0).values == std::vector<double>{-5, -4, -3, -2, -1});
  CHECK(value_iteration(costs, 1.0).values == std::vector<double>{-5, -4, -3, -2, -1});
  // Staying is as good as going on by the values alone; a policy that stays gets nothing.
  const Plan plan = policy_iteration(late, 1.0);
  CHECK(plan.values == std::vector<double>(5, 1.0));
  CHECK(plan.actions == std::vector<std::int32_t>(5, 1));
  CHECK(value_iteration(late, 1.0).actions == std::vector<std::int32_t>(5, 0));
}

TEST_CASE("A policy that never ends is worth nothing if it is paid nothing, and has no value otherwise", "[planning]") {
  const std::vector<std::int32_t> stays_in_1{1, 0, 1}, stays_at_the_end{1, 1, 0};
  CHECK(evaluate_policy(corridor(3, 0, 1), stays_in_1, 1.0) == std::vector<double>{0, 0, 1});
  CHECK(contains(error_message([&] { evaluate_policy(corridor(3, -1, 1), stays_at_the_end, 1.0); }),
                 "the return from state 0 has no bound"));
  CHECK(evaluate_policy(corridor(3, -1, 1), stays_in_1, 0.5) == std::vector<double>{-2, -2, 1});
}

TEST_CASE("A random policy's values solve its equations", "[planning]") {
  const FrozenLake lake;
  const TransitionTable& table = lake.transitions();
  const double gamma = GENERATE(0.9, 1.0);
  std::vector<double> policy;
  Generator random(3);
  for (std::size_t s = 0; s < table.size(); ++s) {
    double row[4], sum = 0;
    for (double& p : row) sum += p = random.random();
    for (const double p : row) policy.push_back(p / sum);
  }
  const std::vector<double> v = evaluate_policy(table, policy, gamma), q = action_values(table, v, gamma);
  CHECK(v[14] > 0.2);
  for (std::size_t s = 0; s < table.size(); ++s) {
    double expected = 0;
    for (std::size_t a = 0; a < 4; ++a) expected += policy[s * 4 + a] * q[s * 4 + a];
    CHECK(v[s] == Approx(expected).margin(1e-14));
  }
}

TEST_CASE("An action without transitions is not allowed, and nobody plans with it", "[planning]") {
  // Doors out of one room: the first one is locked.
  const TransitionTable table{{{}, {{1.0, 0, -3.0, true}}, {{1.0, 0, -4.0, true}}}};
  for (const Plan& plan : {value_iteration(table, 0.9), policy_iteration(table, 0.9)}) {
    CHECK(plan.values == std::vector<double>{-3});
    CHECK(plan.actions == std::vector<std::int32_t>{1});
  }
  CHECK(optimal_return(table, start(1), 1.0, 4) == -3);
  const std::vector<double> q = action_values(table, std::vector<double>{0}, 0.9);
  CHECK(std::isnan(q[0]));
  CHECK(q[2] == -4);
  const std::vector<std::int32_t> locked{0};
  const std::string message = "action 0 is not allowed in state 0";
  CHECK(contains(error_message([&] { evaluate_policy(table, locked, 0.9); }), message));
  CHECK(contains(error_message([&] { expected_return(table, start(1), locked, 0.9, 1); }), message));
  CHECK(contains(error_message([&] { policy_iteration({{{}, {}}}, 0.9); }), "state 0 allows no action"));
}

TEST_CASE("Looking at the clock can be better than any stationary policy", "[planning]") {
  // Action 1 ends with 1; action 0 pays 1 a step and loses everything that is not taken: stay until the last step.
  const TransitionTable table{{{{1.0, 0, 1.0, false}}, {{1.0, 0, 5.0, true}}}};
  CHECK(optimal_return(table, start(1), 1.0, 10) == 14);
  CHECK(expected_return(table, start(1), std::vector<std::int32_t>{0}, 1.0, 10) == 10);
  CHECK(expected_return(table, start(1), std::vector<std::int32_t>{1}, 1.0, 10) == 5);
  CHECK(optimal_return(table, start(1), 0.5, 0) == 0);
}

TEST_CASE("Greedy actions are the lowest among equals", "[planning]") {
  const std::vector<double> q{0.3, 0.1 + 0.2, 0.0, 1.0, 1.0 + 1e-9, 0.0};
  CHECK(greedy_actions(q, 3) == std::vector<std::int32_t>{0, 1});
}

TEST_CASE("Planning refuses what does not fit, with the reason", "[planning]") {
  const TransitionTable table = corridor(3, 0, 1);
  CHECK(contains(error_message([&] { value_iteration(table, 1.5); }), "the discount must be in [0, 1], found 1.5"));
  CHECK(contains(error_message([&] { value_iteration({}, 0.5); }), "at least one state"));
  CHECK(contains(error_message([&] { action_values(table, std::vector<double>(2), 0.5); }), "has 2 entries, expected 3"));
  CHECK(contains(error_message([&] { evaluate_policy(table, std::vector<double>(6, 0.4), 0.5); }), "sum to 0.8"));
  CHECK(contains(error_message([&] {
                   evaluate_policy(table, std::vector<std::int32_t>{0, 2, 0}, 0.5);
                 }),
                 "action 2, expected 0 to 1"));
  CHECK(contains(error_message([&] { value_iteration(corridor(2, 1, 1), 1.0, 1e-12); }), "a discount below 1"));
}

// What tabular learning can reach at best on slippery ice: its policy does not look at the clock.
TEST_CASE("On the slippery 8x8 lake no single change betters the policy of discount 0.995", "[planning]") {
  const FrozenLake lake({.map_name = "8x8"});
  constexpr double kEdge = 1e-9;
  const auto value = [&](const std::vector<std::int32_t>& actions) {
    return expected_return(lake.transitions(), lake.initial_distribution(), actions, 1.0, 200);
  };
  const std::vector<std::int32_t> best = policy_iteration(lake.transitions(), 0.995).actions;
  CHECK(value(best) == Approx(0.893568).margin(5e-7));
  double best_neighbour = 0;
  for (std::size_t s = 0; s < best.size(); ++s) {
    for (std::int32_t a = 0; a < 4; ++a) {
      auto changed = best;
      changed[s] = a;
      best_neighbour = std::max(best_neighbour, value(changed));
    }
  }
  CHECK(best_neighbour <= value(best) + kEdge);
}
