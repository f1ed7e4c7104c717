#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "app/config/value.h"

namespace handgrad::app {

/// One `key = value`, with the place that says so.
struct Assignment {
  std::string key;  ///< dotted path: "optimizer.lr"
  SettingValue value;
  std::string where;  ///< "cartpole.toml:12", "--set optimizer.lr=1e-3", for errors and for `explain`
};

/// Every assignment of a TOML file, tables flattened into dotted keys, in file order; `name` is what the file goes by.
/// Elements of an array of tables are counted: [[arm]] gives "arm[0].label".
/// Throws UsageError naming it and the line for a file that is not TOML, or holds values no setting can have (dates, nested
/// or mixed arrays).
std::vector<Assignment> read_toml(const std::filesystem::path& file, const std::string& name);
inline std::vector<Assignment> read_toml(const std::filesystem::path& file) { return read_toml(file, file.string()); }
/// The same of text that is no file.
std::vector<Assignment> read_toml_text(const std::string& content, const std::string& name);

/// `key=value` as it is given to --set: the value in TOML syntax; a bare word is a string. Throws UsageError saying what is
/// wrong with it.
Assignment parse_set(const std::string& argument);

}  // namespace handgrad::app
