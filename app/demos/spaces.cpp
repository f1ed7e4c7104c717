// What an environment takes and gives: spaces, bounds, limits.

#include <algorithm>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

#include "app/demos/demos.h"
#include "app/format.h"
#include "app/text_table.h"
#include "app/usage_error.h"
#include "envs/registry.h"
#include "envs/tabular.h"

namespace handgrad::app {

namespace {

using Json = nlohmann::ordered_json;

// The shortest digits that are this float.
std::string bound(float value) {
  char digits[32];
  return {digits, std::to_chars(digits, digits + sizeof digits, value).ptr};
}

// JSON has no infinity.
Json bounds_json(const std::vector<float>& values) {
  Json list = Json::array();
  for (const float value : values) list.push_back(std::isfinite(value) ? Json(value) : Json(bound(value)));
  return list;
}

std::string bounds_table(const Box& box) {
  TextTable table({"observation", "from", "to"}, "rrr");
  for (std::size_t i = 0; i < box.low.size(); ++i) table.add({std::to_string(i), bound(box.low[i]), bound(box.high[i])});
  return '\n' + table.to_string();
}

DemoReport run(const DemoRequest& request) {
  const Registry registry = Registry::gymnasium();
  std::unique_ptr<Environment> environment;
  try {
    environment = registry.make(request.values.name("env"));
  } catch (const Error& error) {
    wrong_use(error.what());
  }
  const EnvironmentSpec& spec = registry.find(request.values.name("env"));
  const Space& observations = environment->observation_space();
  const std::string actions = to_string(Space(environment->action_space()));

  TextTable table({"", spec.id}, "ll");
  table.add({"what it is", spec.description});
  table.add({"observation space", to_string(observations)});
  table.add({"action space", actions});
  table.add({"step limit", spec.max_episode_steps ? grouped(*spec.max_episode_steps) : "none"});
  table.add({"solved at", spec.reward_threshold ? "a mean return of " + brief(*spec.reward_threshold) : "-"});
  Json json = {{"env", spec.id},
               {"observation_space", to_string(observations)},
               {"action_space", actions},
               {"max_episode_steps", spec.max_episode_steps ? Json(*spec.max_episode_steps) : Json(nullptr)},
               {"reward_threshold", spec.reward_threshold ? Json(*spec.reward_threshold) : Json(nullptr)}};

  if (const auto* tabular = dynamic_cast<const TabularEnvironment*>(&environment->unwrapped())) {
    const auto& starts = tabular->initial_distribution();
    const auto possible = std::count_if(starts.begin(), starts.end(), [](double p) { return p > 0; });
    table.add({"transition table", text(starts.size(), " states, ", environment->action_space().n, " actions, ", possible,
                                        possible == 1 ? " start" : " starts")});
    json["states"] = starts.size();
    json["starts"] = possible;
  }

  std::vector<float> first(static_cast<std::size_t>(environment->observation_size()));
  environment->reset(request.seed, first);
  std::string observation;
  for (const float value : first) observation += (observation.empty() ? "" : ", ") + bound(value);
  table.add({"first observation", "(" + observation + ") with seed " + std::to_string(request.seed)});
  json["first_observation"] = bounds_json(first);

  std::string bounds;
  if (const auto* box = std::get_if<Box>(&observations)) {
    bounds = bounds_table(*box);
    json["low"] = bounds_json(box->low);
    json["high"] = bounds_json(box->high);
  }
  return {table.to_string() + bounds, json.dump()};
}

}  // namespace

Demo spaces_demo() {
  return {"spaces",
          "an environment's observations and actions: spaces, bounds, limits",
          {{"env", std::string("CartPole-v1"), "its id: handgrad list envs", {}, {}}},
          run};
}

}  // namespace handgrad::app
