#include <iostream>

#include <nlohmann/json.hpp>

#include "app/action_list.h"
#include "app/commands/commands.h"
#include "app/config/make_environment.h"
#include "app/format.h"

namespace handgrad::app {

namespace {

using Json = nlohmann::ordered_json;

// Integers as such; a box's float32 values, widened to double, as hex floats: exact, and the same text on every machine.
Json observation_json(const Space& space, const std::vector<float>& observation) {
  if (std::holds_alternative<Discrete>(space)) return static_cast<std::int64_t>(observation.front());
  Json values = Json::array();
  for (const float value : observation) {
    if (std::holds_alternative<Box>(space)) {
      values.push_back(hex_float(static_cast<double>(value)));
    } else {
      values.push_back(static_cast<std::int64_t>(value));
    }
  }
  return values;
}

Json reward_json(const Space& space, double reward) {
  return std::holds_alternative<Box>(space) ? Json(hex_float(reward)) : Json(reward);
}

}  // namespace

int trace_command(const TraceOptions& options) {
  const std::uint64_t seed = parse_seed(options.seed);
  const auto environment = make_environment(options.environment, options.set);
  const auto actions = read_action_list(options.actions, environment->action_space());
  const Space& space = environment->observation_space();
  std::vector<float> observation(static_cast<std::size_t>(environment->observation_size()));

  environment->reset(seed, observation);
  std::cout << Json{{"t", 0}, {"obs", observation_json(space, observation)}}.dump() << '\n';
  for (std::size_t t = 1; t <= actions.size(); ++t) {
    const StepResult step = environment->step(actions[t - 1], observation);
    Json line = {{"t", t},
                 {"action", actions[t - 1]},
                 {"obs", observation_json(space, observation)},
                 {"reward", reward_json(space, step.reward)},
                 {"terminated", step.terminated},
                 {"truncated", step.truncated}};
    if (step.terminated || step.truncated) {
      environment->reset(std::nullopt, observation);
      line["reset_obs"] = observation_json(space, observation);
    }
    std::cout << line.dump() << '\n';
  }
  return 0;
}

}  // namespace handgrad::app
