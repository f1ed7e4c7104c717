#include <algorithm>
#include <iostream>

#include <nlohmann/json.hpp>

#include "app/commands/commands.h"
#include "app/config/presets.h"
#include "app/demos/demo.h"
#include "app/format.h"
#include "app/study/measures.h"
#include "app/study/studies.h"
#include "app/study/study.h"
#include "app/text_table.h"
#include "app/usage_error.h"
#include "core/backends.h"
#include "core/suggest.h"
#include "envs/tabular.h"

namespace handgrad::app {

namespace {

using Json = nlohmann::ordered_json;

// A part of the list: its table to read, its rows for programs.
struct Part {
  std::string name;
  TextTable table;
  Json rows = Json::array();
};

Part list_presets() {
  Part part{"presets", TextTable({"preset", "environment", "what it is", "variants", "command"}, "lllll")};
  for (const auto& name : preset_names()) {
    const ResolvedConfig resolved = resolve_preset(name, {});
    const RunConfig& config = resolved.config;
    const std::string command = "handgrad train " + name;
    std::string variants;
    Json variant_rows = Json::object();
    for (const Variant& variant : resolved.variants) {
      variants += (variants.empty() ? "" : ", ") + variant.name;
      variant_rows[variant.name] = variant.description;
    }
    part.table.add({name, config.environment.id, config.description, variants, command});
    part.rows.push_back({{"id", name},
                         {"env", config.environment.id},
                         {"description", config.description},
                         {"variants", variant_rows},
                         {"command", command}});
  }
  return part;
}

// Something that can be done right after a reset.
std::int64_t first_action(Environment& environment) {
  std::vector<float> observation(static_cast<std::size_t>(environment.observation_size()));
  environment.reset(0, observation);
  const Discrete space = environment.action_space();
  const auto* table = dynamic_cast<const TabularEnvironment*>(&environment.unwrapped());
  if (table == nullptr || table->legal_actions().empty()) return space.start;
  const auto legal = table->legal_actions().begin() + table->current_state() * space.n;
  return space.start + (std::find(legal, legal + space.n, 1) - legal);
}

Part list_demos() {
  Part part{"demos", TextTable({"demo", "what it shows", "command"}, "lll")};
  for (const Demo& demo : all_demos()) {
    const std::string command = "handgrad demo " + demo.id;
    part.table.add({demo.id, demo.about, command});
    part.rows.push_back({{"id", demo.id}, {"description", demo.about}, {"command", command}});
  }
  return part;
}

Part list_environments() {
  Part part{"envs", TextTable({"environment", "observations", "actions", "step limit", "solved at", "options"}, "lllrrl")};
  const Registry registry = Registry::gymnasium();
  for (const EnvironmentSpec& spec : registry.list()) {
    const auto environment = registry.make(spec.id);
    const std::string observations = to_string(environment->observation_space());
    const std::string actions = to_string(Space(environment->action_space()));
    std::string options;
    for (const auto& name : spec.option_names) options += (options.empty() ? "" : ", ") + name;
    part.table.add({spec.id, observations, actions, spec.max_episode_steps ? grouped(*spec.max_episode_steps) : "none",
                    spec.reward_threshold ? brief(*spec.reward_threshold) : "-", options});
    part.rows.push_back({{"id", spec.id},
                         {"description", spec.description},
                         {"observation_space", observations},
                         {"action_space", actions},
                         {"options", spec.option_names},
                         {"max_episode_steps", spec.max_episode_steps ? Json(*spec.max_episode_steps) : Json(nullptr)},
                         {"reward_threshold", spec.reward_threshold ? Json(*spec.reward_threshold) : Json(nullptr)},
                         {"command", text("handgrad trace ", spec.id, " --seed 0 --actions ", first_action(*environment))}});
  }
  return part;
}

Part list_algorithms() {
  Part part{"algorithms", TextTable({"algorithm", "what it is"}, "ll")};
  const std::vector<std::pair<std::string, std::string>> algorithms = {
      {"dqn", "deep Q-network (Mnih et al. 2015), with double Q-learning and n-step returns as settings"},
      {"q_learning", "a table towards r + γ max Q(s', b) (Watkins 1989)"},
      {"sarsa", "a table towards r + γ Q(s', a'), a' the action taken next (Rummery & Niranjan 1994)"},
      {"expected_sarsa", "a table towards the mean of Q(s', b) over the policy's actions (van Seijen et al. 2009)"},
      {"double_q_learning", "two tables, one chooses the best action, the other values it (van Hasselt 2010)"},
      {"nstep_sarsa", "a table towards n rewards and what SARSA says then (Sutton & Barto 2018, section 7.2)"},
      {"q_lambda", "Q-learning with eligibility traces that end with an exploring action (Watkins 1989)"}};
  for (const auto& [name, about] : algorithms) {
    part.table.add({name, about});
    part.rows.push_back({{"id", name}, {"description", about}, {"command", "handgrad train PRESET --set algorithm=" + name}});
  }
  return part;
}

Part list_all_backends() {
  Part part{"backends", TextTable({"backend", "available", "what it is"}, "lll")};
  for (const auto& backend : list_backends()) {
    const bool is_default = backend.name == default_backend();
    part.table.add(
        {backend.name, backend.available ? "yes" : "no", backend.description + (is_default ? " (the default)" : "")});
    part.rows.push_back({{"id", backend.name},
                         {"available", backend.available},
                         {"default", is_default},
                         {"description", backend.description},
                         {"command", "handgrad train PRESET --backend " + backend.name}});
  }
  return part;
}

Part list_studies() {
  Part part{"studies", TextTable({"study", "what it compares", "runs", "command"}, "llrl")};
  for (const auto& name : study_names()) {
    const Study study = resolve_study(load_study(name));
    const std::string command = "handgrad study " + name;
    const auto runs = static_cast<std::int64_t>(study.runs());
    part.table.add({name, study.definition.title, grouped(runs), command});
    part.rows.push_back({{"id", name},
                         {"title", study.definition.title},
                         {"question", study.definition.question},
                         {"arms", study.arms.size()},
                         {"seeds", study.definition.seeds},
                         {"runs", runs},
                         {"command", command}});
  }
  return part;
}

Part list_measures() {
  Part part{"measures", TextTable({"measure", "unit", "meaning", "parameters"}, "llll")};
  for (const auto& kind : all_measures()) {
    std::string parameters;
    for (const auto& parameter : kind.parameters) {
      parameters += (parameters.empty() ? "" : ", ") + parameter.name;
      if (parameter.initial) parameters += " (" + brief(*parameter.initial) + ")";
    }
    part.table.add({kind.name, kind.unit, kind.meaning, parameters});
    part.rows.push_back({{"id", kind.name}, {"unit", kind.unit}, {"meaning", kind.meaning}, {"parameters", parameters}});
  }
  return part;
}

Part make_part(const std::string& name) {
  if (name == "presets") return list_presets();
  if (name == "studies") return list_studies();
  if (name == "measures") return list_measures();
  if (name == "demos") return list_demos();
  if (name == "envs") return list_environments();
  if (name == "algorithms") return list_algorithms();
  if (name == "backends") return list_all_backends();
  return {name, TextTable({"(there are none yet)"}, "l")};
}

}  // namespace

int list_command(const ListOptions& options) {
  const std::vector<std::string> known = {"presets", "studies", "demos", "envs", "algorithms", "backends", "measures"};
  if (!options.what.empty() && std::find(known.begin(), known.end(), options.what) == known.end()) {
    wrong_use("there is no list of '", options.what,
              "': expected presets, studies, demos, envs, algorithms, backends or measures.",
              did_you_mean(options.what, known));
  }
  Json all;
  for (const auto& name : known) {
    if (!options.what.empty() && options.what != name) continue;
    const Part part = make_part(name);
    all[name] = part.rows;
    if (options.json) continue;
    std::cout << name << '\n' << (part.rows.empty() ? "  none yet\n" : part.table.to_string(2)) << '\n';
  }
  if (options.json) std::cout << all.dump() << '\n';
  return 0;
}

}  // namespace handgrad::app
