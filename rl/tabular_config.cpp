#include "tabular_config.h"

#include <cmath>

#include "../core/error.h"

namespace handgrad {
namespace {

struct MethodName {
  TabularMethod method;
  std::string_view name;
};

constexpr MethodName kMethods[] = {
    {TabularMethod::q_learning, "q_learning"},         {TabularMethod::sarsa, "sarsa"},
    {TabularMethod::expected_sarsa, "expected_sarsa"}, {TabularMethod::double_q_learning, "double_q_learning"},
    {TabularMethod::nstep_sarsa, "nstep_sarsa"},       {TabularMethod::q_lambda, "q_lambda"}};

}  // namespace

TabularMethod parse_tabular_method(std::string_view name) {
  for (const MethodName& method : kMethods) {
    if (method.name == name) return method.method;
  }
  fail("there is no tabular method '", name,
       "': expected q_learning, sarsa, expected_sarsa, double_q_learning, nstep_sarsa or q_lambda");
}

std::string_view to_string(TabularMethod method) {
  for (const MethodName& candidate : kMethods) {
    if (candidate.method == method) return candidate.name;
  }
  fail("there is no tabular method number ", static_cast<int>(method));
}

const std::vector<TabularMethod>& all_tabular_methods() {
  static const std::vector<TabularMethod> methods = [] {
    std::vector<TabularMethod> list;
    for (const MethodName& method : kMethods) list.push_back(method.method);
    return list;
  }();
  return methods;
}

void validate(const TabularConfig& config) {
  require(config.gamma >= 0 && config.gamma <= 1, "gamma has to be in [0, 1], got ", config.gamma);
  require(config.lambda >= 0 && config.lambda <= 1, "lambda has to be in [0, 1], got ", config.lambda);
  require(config.n_step >= 1 && config.n_step <= 10'000, "n_step has to be from 1 to 10000, got ", config.n_step);
  require(std::isfinite(config.initial_low) && std::isfinite(config.initial_high) && config.initial_low <= config.initial_high,
          "initial values have to lie between finite numbers, the lower one first, got ", config.initial_low, " and ",
          config.initial_high);
  validate(config.alpha, "alpha", 0, 1);
  validate(config.epsilon, "epsilon", 0, 1);
}

}  // namespace handgrad
