// A first walk over the lake: frames, states, rewards, spaces.

#include <algorithm>
#include <nlohmann/json.hpp>

#include "app/demos/demos.h"
#include "app/demos/frozen_lake_tables.h"
#include "app/usage_error.h"
#include "envs/registry.h"

namespace handgrad::app {

namespace {

using Json = nlohmann::ordered_json;

/// Which numbers an action may be, and one drawn at random.
std::string describe_spaces(const Environment& environment, std::uint64_t seed, Json& json) {
  const Space actions = environment.action_space();
  std::string lines = text("action space       ", to_string(actions), "\n");
  json["action_space"] = to_string(actions);
  for (std::int64_t a = 0; a <= environment.action_space().n; ++a) {
    const bool inside = contains(actions, {static_cast<float>(a)});
    lines += text("  ", a, " is in it          ", inside ? "true" : "false", "\n");
    json["contains"].push_back(inside);
  }
  Generator random = Generator::stream(seed, kExploration);
  const std::int64_t sample = random.integers(0, environment.action_space().n);
  json["sample"] = sample;
  json["observation_space"] = to_string(environment.observation_space());
  return lines +
         text("  drawn at random    ", sample, "\nobservation space  ", to_string(environment.observation_space()), "\n");
}

char letter(const FrozenLake& lake, std::int64_t state) {
  const auto s = static_cast<std::size_t>(state), columns = lake.map()[0].size();
  return lake.map()[s / columns][s % columns];
}

std::string joined(const std::vector<std::int64_t>& states) {
  std::string list;
  for (const std::int64_t s : states) list += (list.empty() ? "" : ", ") + std::to_string(s);
  return list;
}

/// A map a moment, with the way so far and where the agent stands.
Picture walk_picture(const FrozenLake& lake, const std::vector<std::int64_t>& states, const std::vector<std::string>& titles) {
  Picture picture;
  for (std::size_t k = 0; k < states.size(); ++k) {
    ValueMap map;
    map.title = titles[k];
    map.cells.rows = lake.map();
    if (k > 0) map.paths.push_back({"", {states.begin(), states.begin() + static_cast<std::ptrdiff_t>(k + 1)}});
    map.paths.push_back({"", {states[k]}});
    picture.panels.emplace_back(std::move(map));
  }
  picture.columns = std::min<std::size_t>(3, states.size());
  picture.width = 4.0 * static_cast<double>(picture.columns);
  const std::size_t rows = (states.size() + picture.columns - 1) / picture.columns;
  picture.height = 4.0 * static_cast<double>(rows);
  return picture;
}

DemoReport run(const DemoRequest& request) {
  const auto environment = Registry::gymnasium().make(
      "FrozenLake-v1", {{"map_name", request.values.name("map")}, {"is_slippery", request.values.flag("slippery")}});
  const auto& lake = dynamic_cast<const FrozenLake&>(environment->unwrapped());
  std::vector<float> observation(1);
  environment->reset(request.seed, observation);

  std::vector<std::int64_t> states{static_cast<std::int64_t>(observation[0])};
  std::vector<std::string> titles{"start"};
  std::vector<Scene> scenes{scene_of(*environment).value()};
  std::string frames = text("start: state ", states[0], "\n", lake_frame(lake, states[0], "  "));
  Json json = {{"states", states}, {"rewards", Json::array()}, {"terminated", false}};
  bool over = false;
  for (const std::int64_t action : request.values.wholes("actions")) {
    if (over) {
      frames += text("the episode is over: ", request.values.wholes("actions").size() + 1 - states.size(),
                     " actions are left out\n");
      break;
    }
    const StepResult step = environment->step(action, observation);
    states.push_back(static_cast<std::int64_t>(observation[0]));
    over = step.terminated || step.truncated;
    const char cell = letter(lake, states.back());
    const std::string what = cell == 'H'      ? ": through the ice"
                             : cell == 'G'    ? ": the goal"
                             : step.truncated ? ": out of time"
                                              : "";
    const std::string& name = kLakeActionNames[static_cast<std::size_t>(action)];
    frames += text("action ", action, " (", name, "): state ", states.back(), ", reward ", step.reward, what, "\n",
                   lake_frame(lake, states.back(), "  "));
    titles.push_back(name + what);
    scenes.push_back(scene_of(*environment, scenes.back()).value());
    json["rewards"].push_back(step.reward);
    json["terminated"] = step.terminated;
  }
  json["states"] = states;

  const std::string spaces = describe_spaces(*environment, request.seed, json);
  DemoReport report{frames + '\n' + spaces, json.dump(), {{"tour", walk_picture(lake, states, titles)}}, scenes};
  if (request.values.all_standard()) {
    report.bars = {
        {"down and right lead through the states 0, 4 and 5", joined(states), states == std::vector<std::int64_t>{0, 4, 5}},
        {"0 to 3 are actions, 4 is none", json["contains"].dump(), json["contains"] == Json{true, true, true, true, false}}};
  }
  return report;
}

}  // namespace

Demo frozenlake_tour_demo() {
  return {"frozenlake-tour",
          "a first walk over the lake: frames, states, rewards, spaces",
          {{"actions", std::vector<std::int64_t>{1, 2}, "what to do: 0 left, 1 down, 2 right, 3 up", within(0, 3), {}},
           {"map", std::string("4x4"), "the lake", {}, {"4x4", "8x8"}},
           {"slippery", false, "whether a step may slip sideways", {}, {}}},
          run};
}

}  // namespace handgrad::app
