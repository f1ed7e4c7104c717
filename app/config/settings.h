#pragma once

#include <functional>
#include <string>
#include <vector>

#include "app/config/run_config.h"
#include "app/config/value.h"

namespace handgrad::app {

/// One setting of a run: everything there is to know of it, once. Reading preset files, `--set`, writing config.toml and
/// `handgrad explain` all go by this table.
struct Setting {
  std::string key;      ///< dotted TOML path: "optimizer.lr"
  std::string allowed;  ///< "a number > 0", "one of adam, sgd"
  std::string unit;     ///< "environment steps", or "" for pure numbers and names
  std::string meaning;  ///< one line
  std::string source;   ///< where the default comes from
  std::function<SettingValue(const RunConfig&)> get;
  /// Throws Error "expected ..., found ..." for a value of the wrong type or outside the allowed range.
  std::function<void(RunConfig&, const SettingValue&)> set;
};

/// All of them, in the order in which config.toml lists them: top level first, then section by section.
/// (Beside them, every other key of section [env] is an option of the environment: see resolve.h.)
std::vector<Setting> all_settings();

/// Whether a setting has a meaning for the algorithm: [net], [optimizer] and their like are dqn's, [tabular], [alpha] and
/// [features] the others'; the rest is everybody's.
bool belongs_to(const std::string& key, const std::string& algorithm);

/// The section of a key: "optimizer" of "optimizer.lr", "" at top level; and the rest of it.
std::string section_of(const std::string& key);
std::string name_of(const std::string& key);

}  // namespace handgrad::app
