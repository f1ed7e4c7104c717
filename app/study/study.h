#pragma once

#include "app/config/run_config.h"
#include "app/study/definition.h"

namespace handgrad::app {

/// One way of running, resolved.
struct Arm {
  std::string label;
  std::string base;                        ///< the label without what the sweeps add
  std::string folder;                      ///< a name for its folder, unique in the study
  RunConfig config;                        ///< of every seed; the seed in it is the study's first
  std::map<std::string, SettingValue> at;  ///< the values of the swept keys
};

/// A study, ready to run: arms times the grid of the sweeps, each with complete settings.
struct Study {
  StudyDefinition definition;
  std::vector<Arm> arms;

  std::size_t runs() const { return arms.size() * static_cast<std::size_t>(definition.seeds); }
  std::uint64_t last_seed() const { return definition.first_seed + static_cast<std::uint64_t>(definition.seeds) - 1; }
};

/// Resolves every arm. Throws UsageError that names the arm for settings that do not resolve, for a measure that its
/// environment cannot give, and for figures and bars that speak of arms that are not there.
Study resolve_study(StudyDefinition definition);

/// The settings in which the arms of a study differ, in the order of config.toml.
std::vector<std::string> differing_keys(const Study& study);

/// The value of a setting of an arm, "" if it has none; a string without its quotation marks.
std::string value_in(const Arm& arm, const std::string& key);
std::string plain(const SettingValue& value);

/// Whether two settings are the same value: 1 and 1.0 are.
bool same_value(const SettingValue& a, const SettingValue& b);

/// Whether the runs of an arm play an environment that is a table of transitions.
bool plays_a_table(const RunConfig& config);

}  // namespace handgrad::app
