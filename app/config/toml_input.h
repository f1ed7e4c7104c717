#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "app/config/value.h"

namespace handgrad::app {

/// One `key = value`, with the place that says so.
struct Assignment {
  std::string key;  ///< dotted path: "optimizer.lr"
  SettingValue value;
  std::string where;  ///< "cartpole.toml:12", "--set optimizer.lr=1e-3", for errors and for `explain`
};

/// Every assignment of a TOML text, tables flattened into dotted keys, in the order of lines; `name` is what it goes by.
/// Elements of an array of tables are counted: [[arm]] gives "arm[0].label".
/// Throws UsageError naming it and the line for what is not TOML, or holds names or values no setting can have (names in
/// quotation marks with more than letters, digits, '-' and '_'; dates, nested or mixed arrays).
std::vector<Assignment> parse_toml(std::string_view content, const std::string& name);
/// The same of a file.
std::vector<Assignment> read_toml(const std::filesystem::path& file, const std::string& name);
inline std::vector<Assignment> read_toml(const std::filesystem::path& file) { return read_toml(file, file.string()); }

/// `key=value` as it is given to --set: the value in TOML syntax; a bare word is a string. Throws UsageError saying what is
/// wrong with it.
Assignment parse_set(const std::string& argument);

}  // namespace handgrad::app
