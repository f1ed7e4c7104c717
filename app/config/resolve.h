#pragma once

#include <map>
#include <string>
#include <vector>

#include "app/config/run_config.h"
#include "app/config/toml_input.h"
#include "app/config/variants.h"

namespace handgrad::app {

/// A run, complete, and where each of its values comes from.
struct ResolvedConfig {
  RunConfig config;
  /// By dotted key: "presets/cartpole.toml:12", "--set dqn.gamma=0.9", "--seed"; a default has no entry.
  std::map<std::string, std::string> origins;
  std::vector<Variant> variants;  ///< that the file has, chosen or not
};

/// Puts a run together: defaults first, then what a file says, the variants chosen of it, and what is said over it (--set, then
/// options of the command line); later ones over earlier ones. An optimiser's name is taken first of all, because its defaults hang on it; the
/// environment's options begin with the registry's.
///
/// Throws UsageError, naming the place and the key, for a key that does not exist (with the nearest one), a value of the
/// wrong type or out of range, an unknown variant, environment or option, or a combination that makes no sense.
ResolvedConfig resolve(std::vector<Assignment> of_file, const std::vector<Assignment>& over_it = {});

/// The whole run as a TOML file, every value with its meaning as a comment. Reading it gives the identical run.
std::string to_toml(const RunConfig& config);

/// Every dotted key of a resolved run with its value, in the order of config.toml: the table's and the environment's options.
std::vector<std::pair<std::string, SettingValue>> all_values(const RunConfig& config);

}  // namespace handgrad::app
