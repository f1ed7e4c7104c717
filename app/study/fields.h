#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/config/toml_input.h"

namespace handgrad::app {

/// The keys of one TOML table, taken out one by one; what is left at the end is a mistake. Every getter throws UsageError,
/// with file, line and key, for a value of the wrong type.
class Fields {
 public:
  /// `what` names the table in messages: "[[arm]]"; `where` the place of a key that is missing.
  Fields(std::vector<Assignment> fields, std::string what, std::string where);

  /// The elements of an array of tables: each takes its keys "name[i].key" out of this table, as "key".
  std::vector<Fields> take_each(const std::string& name);
  /// The assignments below a table: "set.dqn.gamma" as "dqn.gamma".
  std::vector<Assignment> take_table(const std::string& name);

  std::optional<SettingValue> take(const std::string& key);
  std::string take_text(const std::string& key, const std::string& otherwise = "");
  std::string take_required_text(const std::string& key);
  std::string take_choice(const std::string& key, const std::vector<std::string>& allowed, const std::string& otherwise);
  std::optional<double> take_number(const std::string& key);
  std::optional<std::int64_t> take_whole(const std::string& key, std::int64_t least);
  std::vector<std::string> take_texts(const std::string& key);

  /// Throws for the first key that nobody has taken, with the nearest of those that could have been.
  void finish() const;
  [[noreturn]] void problem(const std::string& key, const std::string& what) const;
  const std::string& where() const { return where_; }

 private:
  std::vector<Assignment> fields_;
  std::string what_, where_;
  std::vector<std::string> known_;
  std::vector<std::pair<std::string, std::string>> places_;  // of all keys, taken or not
};

/// A list of values as it is given to a sweep: each element of an array; texts are read as --set reads them, so that
/// "[32, 32]" and "true" are an array and a truth value.
std::vector<SettingValue> list_of_values(const SettingValue& value, const std::string& key);

}  // namespace handgrad::app
