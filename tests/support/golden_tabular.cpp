// Golden cases of tabular learning: twelve steps, the table after each. Tables are in double whatever Real is, and so is the
// tolerance.

#include "golden_groups.h"
#include "rl/tabular_update.h"

namespace handgrad::golden {
namespace {

/// What the cases call their methods, after "tabular.".
TabularMethod method_of(const std::string& id) {
  const std::string name = id.substr(id.find('.') + 1);
  if (name == "double_q") return TabularMethod::double_q_learning;
  if (name == "watkins_q_lambda") return TabularMethod::q_lambda;
  for (const TabularMethod method : all_tabular_methods()) {
    if (to_string(method) == name) return method;
  }
  throw Skip(text("the engine has no tabular method '", name, "'"));
}

TabularConfig tabular_config(const Case& c) {
  TabularConfig config;
  config.method = method_of(c.id);
  config.gamma = c.config.number("gamma");
  config.lambda = c.config.number("lambda", config.lambda);
  if (c.config.has("n")) config.n_step = static_cast<int>(c.config.integer("n"));
  return config;
}

void append(std::vector<double>& to, std::span<const double> values) { to.insert(to.end(), values.begin(), values.end()); }

}  // namespace

void compare_tabular(const Case& c, Backend&, Comparison& comparison) {
  const std::int64_t S = c.config.integer("states"), A = c.config.integer("actions");
  require_file(S >= 1 && A >= 1 && S * A < 1'000'000, c.id, ": a table of that size is not what golden data is for");
  const Shape steps = c.input("state", 1).shape;
  const std::int64_t T = steps[0];
  const auto state = integers(c, "state", steps, 0, S), next_state = integers(c, "next_state", steps, 0, S);
  const auto action = integers(c, "action", steps, 0, A), next_action = integers(c, "next_action", steps, -1, A);
  const auto terminated = flags(c, "terminated", steps), truncated = flags(c, "truncated", steps);
  const std::vector<double>& reward = c.input("reward", steps).data;
  const TabularConfig config = tabular_config(c);
  const bool two = config.method == TabularMethod::double_q_learning;
  const std::vector<std::int32_t> coin = two ? flags(c, "coin", steps) : std::vector<std::int32_t>(state.size());
  const double alpha = c.config.number("alpha"), epsilon = c.config.number("epsilon", 0.0);

  TabularUpdate update(config, S, 1, A);
  const std::vector<std::string> names = two ? std::vector<std::string>{"q_a", "q_b"} : std::vector<std::string>{"q"};
  for (std::size_t k = 0; k < names.size(); ++k) {
    std::ranges::copy(c.input(names[k], Shape{S, A}).data, update.tables().weights(static_cast<std::int64_t>(k)).begin());
  }

  std::vector<double> tables, traces, policies;
  std::vector<std::int32_t> greedy;
  std::vector<double> policy(static_cast<std::size_t>(A));
  for (std::size_t t = 0; t < state.size(); ++t) {
    const StateRows here(&state[t], 1), next(&next_state[t], 1);
    update.policy(next, epsilon, policy);
    append(policies, policy);
    greedy.push_back(next_action[t] >= 0 && update.is_greedy(next, next_action[t]) ? 1 : 0);
    update.run(0, {here, action[t], reward[t], next, next_action[t], terminated[t] != 0, truncated[t] != 0},
               {.alpha = alpha, .epsilon = epsilon, .coin = coin[t] != 0});
    for (std::size_t k = 0; k < names.size(); ++k) append(tables, update.tables().weights(static_cast<std::int64_t>(k)));
    if (config.method == TabularMethod::q_lambda) append(traces, update.traces(0));
  }
  comparison.close_in_double("q_after", two ? Shape{T, 2, S, A} : Shape{T, S, A}, tables);
  if (comparison.wants("policy_at_next")) comparison.close_in_double("policy_at_next", {T, A}, policies);
  if (comparison.wants("trace_after")) comparison.close_in_double("trace_after", {T, S, A}, traces);
  if (comparison.wants("greedy_next")) comparison.equal("greedy_next", {T}, greedy);
}

}  // namespace handgrad::golden
