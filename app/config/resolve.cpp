#include "app/config/resolve.h"

#include <algorithm>
#include <set>
#include <string>

#include "app/config/build_run.h"
#include "app/config/settings.h"
#include "app/usage_error.h"
#include "core/backends.h"
#include "core/suggest.h"

namespace handgrad::app {

namespace {

const Setting* find_setting(const std::vector<Setting>& table, const std::string& key) {
  const auto found = std::find_if(table.begin(), table.end(), [&](const Setting& s) { return s.key == key; });
  return found == table.end() ? nullptr : &*found;
}

// Every key of [env] that the table does not know is for the environment itself.
bool is_environment_option(const std::vector<Setting>& table, const std::string& key) {
  return section_of(key) == "env" && find_setting(table, key) == nullptr;
}

[[noreturn]] void unknown_option(const std::vector<Setting>& table, const Assignment& assignment,
                                 const EnvironmentSpec& spec) {
  std::vector<std::string> known;
  for (const auto& setting : table) known.push_back(setting.key);
  std::string options;
  for (const auto& option : spec.option_names) {
    known.push_back("env." + option);
    options += (options.empty() ? "" : ", ") + option;
  }
  wrong_use(assignment.where, ": ", spec.id, " has no option '", name_of(assignment.key), "'.",
            did_you_mean(assignment.key, known), options.empty() ? " It has none" : " It has " + options);
}

[[noreturn]] void unknown_key(const std::vector<Setting>& table, const Assignment& assignment, const RunConfig& config) {
  std::vector<std::string> known;
  for (const auto& setting : table) {
    if (belongs_to(setting.key, config.algorithm)) known.push_back(setting.key);
  }
  std::string hint = did_you_mean(assignment.key, known);
  if (hint.empty()) {
    // A right name in the wrong place, or without its section: "gamma" for "dqn.gamma".
    for (const auto& key : known) {
      if (name_of(key) == name_of(assignment.key)) hint = " Did you mean '" + key + "'?";
    }
  }
  wrong_use(assignment.where, ": there is no setting '", assignment.key, "'.",
            hint.empty() ? " handgrad explain PRESET shows all" : hint);
}

// A setting that would change nothing is a mistake in the file, or in the choice of the algorithm.
void check_belongs(const Assignment& assignment, const RunConfig& config) {
  if (belongs_to(assignment.key, config.algorithm)) return;
  wrong_use(assignment.where, ": ", assignment.key, " is no setting of algorithm = \"", config.algorithm,
            "\": leave it out, or choose another algorithm (handgrad list algorithms)");
}

void apply(const Setting& setting, RunConfig& config, const Assignment& assignment) {
  try {
    setting.set(config, assignment.value);
  } catch (const Error& error) {
    wrong_use(assignment.where, ": ", assignment.key, ": ", error.what());
  }
}

// The last assignment to a key wins; in the order of the keys' last assignments.
std::vector<Assignment> last_of_each(const std::vector<Assignment>& assignments) {
  std::vector<Assignment> result(assignments.rbegin(), assignments.rend());
  std::set<std::string> seen;
  std::erase_if(result, [&](const Assignment& assignment) { return !seen.insert(assignment.key).second; });
  std::ranges::reverse(result);
  return result;
}

std::string where_is(const std::vector<Assignment>& assignments, const std::string& key) {
  for (const auto& assignment : assignments) {
    if (assignment.key == key) return assignment.where + ": ";
  }
  return "";
}

// The registry's options, and the run's over them.
EnvironmentOptions environment_options(const std::vector<Setting>& table, const std::vector<Assignment>& assignments,
                                       const EnvironmentSpec& spec) {
  EnvironmentOptions options = spec.defaults;
  for (const auto& assignment : assignments) {
    if (!is_environment_option(table, assignment.key)) continue;
    const std::string option = name_of(assignment.key);
    if (std::find(spec.option_names.begin(), spec.option_names.end(), option) == spec.option_names.end()) {
      unknown_option(table, assignment, spec);
    }
    options[option] = to_option(assignment.value);
  }
  return options;
}

// Where the fault lies that an environment complains of: the option that it names, else the environment itself.
std::string place_of_fault(const std::vector<Assignment>& assignments, const std::string& complaint) {
  for (const auto& assignment : assignments) {
    if (section_of(assignment.key) != "env" || complaint.find(name_of(assignment.key)) == std::string::npos) continue;
    return assignment.where + ": ";
  }
  return where_is(assignments, "env.id");
}

// What evaluations have by default hangs on other settings.
void complete_evaluation(RunConfig& config) {
  constexpr std::int64_t kLimitWhereThereIsNone = 1000;
  const std::int64_t limit = config.environment.max_episode_steps.value_or(-1);
  if (config.trainer.evaluation_max_steps == 0) {
    config.trainer.evaluation_max_steps = limit > 0 ? limit : kLimitWhereThereIsNone;
  }
  if (config.final_evaluation_episodes == 0) config.final_evaluation_episodes = config.trainer.evaluation_episodes;
}

void resolve_environment(const std::vector<Setting>& table, const std::vector<Assignment>& assignments, RunConfig& config) {
  if (config.environment.id.empty()) wrong_use("env.id is not set: which environment? handgrad list envs shows them all");
  const Registry registry = Registry::gymnasium();
  try {
    const EnvironmentSpec& spec = registry.find(config.environment.id);
    config.environment.id = spec.id;
    config.environment.options = environment_options(table, assignments, spec);
    if (!config.environment.max_episode_steps) config.environment.max_episode_steps = spec.max_episode_steps.value_or(-1);
    config.trainer.solved_threshold = spec.reward_threshold;
    complete_evaluation(config);
    training_environment_maker(config.environment)();
  } catch (const UsageError&) {
    throw;
  } catch (const Error& error) {
    wrong_use(place_of_fault(assignments, error.what()), error.what());
  }
}

void check_preset_name(const std::vector<Assignment>& assignments, const RunConfig& config) {
  const auto is_allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
  };
  const std::string& name = config.preset;
  if (name.empty() || name.front() == '.' || name.size() > 100 || !std::all_of(name.begin(), name.end(), is_allowed)) {
    wrong_use(where_is(assignments, "preset"), "preset: '", name,
              "' cannot name a folder: use letters, digits, '-', '_' and '.'");
  }
}

void check_combinations(const std::vector<Assignment>& assignments, RunConfig& config) {
  check_preset_name(assignments, config);
  if (config.trainer.max_episodes == 0 && config.trainer.max_env_steps == 0) {
    wrong_use("nothing would end this run: set train.episodes or train.env_steps");
  }
  if (config.trainer.evaluation_environment == EvaluationEnvironment::clone && config.environment.block_steps > 0) {
    wrong_use(where_is(assignments, "eval.environment"), "eval.environment = \"clone\" copies a training environment, whose ",
              "blocks (env.block_steps) an evaluation does not have: use \"own\", or no blocks");
  }
  try {
    if (config.environment.fast) {
      EnvironmentConfig one = config.environment;
      one.count = 1;
      make_training_environments(one);
    }
  } catch (const Error& error) {
    wrong_use(where_is(assignments, "env.fast"), error.what());
  }
  try {
    if (uses_table(config)) {
      validate(config.tabular);
      const auto environment = environment_maker(config.environment)();
      StateEncoder(config.features, environment->observation_space());
    } else {
      validate(config.dqn);
    }
  } catch (const Error& error) {
    wrong_use(error.what());
  }
  try {
    make_backend(config.backend);
  } catch (const Error& error) {
    wrong_use(where_is(assignments, "backend"), error.what());
  }
}

}  // namespace

ResolvedConfig resolve(std::vector<Assignment> of_file, const std::vector<Assignment>& over_it) {
  const std::vector<Setting> table = all_settings();
  ResolvedConfig result;
  result.variants = take_variants(of_file);
  const std::vector<Assignment> assignments = last_of_each(choose_variants(std::move(of_file), result.variants, over_it));
  RunConfig& config = result.config;
  config.preset = "run";
  config.backend = default_backend();
  for (const auto& assignment : assignments) {
    if (assignment.key != "optimizer.name" && assignment.key != "algorithm") continue;
    apply(*find_setting(table, assignment.key), config, assignment);
  }
  if (uses_table(config)) config.tabular.method = parse_tabular_method(config.algorithm);
  config.dqn.optimizer = default_spec(config.dqn.optimizer.kind);
  for (const auto& assignment : assignments) {
    result.origins[assignment.key] = assignment.where;
    if (const Setting* setting = find_setting(table, assignment.key)) {
      check_belongs(assignment, config);
      apply(*setting, config, assignment);
    } else if (!is_environment_option(table, assignment.key)) {
      unknown_key(table, assignment, config);
    }
  }
  resolve_environment(table, assignments, config);
  check_combinations(assignments, config);
  return result;
}

std::vector<std::pair<std::string, SettingValue>> all_values(const RunConfig& config) {
  std::vector<std::pair<std::string, SettingValue>> values;
  bool in_environment = false;
  for (const Setting& setting : all_settings()) {
    const bool left_environment = in_environment && section_of(setting.key) != "env";
    in_environment = section_of(setting.key) == "env";
    if (left_environment) {
      for (const auto& [name, value] : config.environment.options) values.emplace_back("env." + name, from_option(value));
    }
    if (belongs_to(setting.key, config.algorithm)) values.emplace_back(setting.key, setting.get(config));
  }
  return values;
}

std::string to_toml(const RunConfig& config) {
  const std::vector<Setting> table = all_settings();
  std::string result = "# Every setting of a run of handgrad. The same file gives the same run: handgrad train FILE\n";
  std::string section;
  for (const auto& [key, value] : all_values(config)) {
    if (section_of(key) != section) {
      section = section_of(key);
      result += "\n[" + section + "]\n";
    }
    std::string line = name_of(key) + " = " + to_toml(value);
    const Setting* setting = find_setting(table, key);
    const std::string meaning = setting == nullptr ? "option of the environment" : setting->meaning;
    const std::string unit = setting == nullptr || setting->unit.empty() ? "" : " [" + setting->unit + "]";
    if (line.size() < 34) line.resize(34, ' ');
    result += line + "  # " + meaning + unit + "\n";
  }
  for (const std::string& variant : config.variants) {
    result += "\n[variants." + variant + "]\ndescription = \"what it chose stands above\"\n";
  }
  return result;
}

}  // namespace handgrad::app
