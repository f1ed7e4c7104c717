#include "app/config/toml_input.h"

#include <algorithm>
#include <cctype>

#include "app/config/toml_depth.h"
#include "app/usage_error.h"
#include "core/atomic_file.h"

// The rest of the program sees settings only: the TOML library stays in this file, and in the header that makes it safe.
#include "app/config/toml_library.h"

namespace handgrad::app {

namespace {

SettingValue read_array(const toml::array& array, const std::string& where) {
  if (array.empty()) return std::vector<std::int64_t>{};
  if (array.is_homogeneous<std::int64_t>()) {
    std::vector<std::int64_t> values;
    for (const auto& element : array) values.push_back(**element.as_integer());
    return values;
  }
  if (array.is_homogeneous<std::string>()) {
    std::vector<std::string> values;
    for (const auto& element : array) values.push_back(**element.as_string());
    return values;
  }
  std::vector<double> values;
  for (const auto& element : array) {
    if (!element.is_number()) wrong_use(where, ": expected an array of numbers or of strings, found a mixed or nested array");
    values.push_back(*element.value<double>());
  }
  return values;
}

SettingValue read_value(const toml::node& node, const std::string& where) {
  if (const auto* v = node.as_boolean()) return v->get();
  if (const auto* v = node.as_integer()) return v->get();
  if (const auto* v = node.as_floating_point()) return v->get();
  if (const auto* v = node.as_string()) return v->get();
  if (const auto* v = node.as_array()) return read_array(*v, where);
  wrong_use(where, ": expected a truth value, number, string or array; dates and times mean nothing here");
}

void flatten_each(const toml::array& tables, const std::string& key, const std::string& file, std::vector<Assignment>& result);

// Dots and brackets have a meaning in a flattened key, so a quoted name must not bring its own.
void check_name(std::string_view name, const std::string& where) {
  const auto is_allowed = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_'; };
  if (!name.empty() && name.size() <= 100 && std::all_of(name.begin(), name.end(), is_allowed)) return;
  wrong_use(where, ": '", name, "' is no name of a setting: they have letters, digits, '-' and '_'");
}

void flatten(const toml::table& table, const std::string& prefix, const std::string& file, std::vector<Assignment>& result) {
  for (const auto& [name, node] : table) {
    const std::string where = text(file, ":", node.source().begin.line);
    check_name(name.str(), where);
    const std::string key = prefix + std::string(name.str());
    if (const auto* inner = node.as_table()) {
      flatten(*inner, key + ".", file, result);
    } else if (node.is_array_of_tables()) {
      flatten_each(*node.as_array(), key, file, result);
    } else {
      result.push_back({key, read_value(node, where + ": " + key), where});
    }
  }
}

// [[arm]] has its elements counted: arm[0].label, arm[1].label ...
void flatten_each(const toml::array& tables, const std::string& key, const std::string& file,
                  std::vector<Assignment>& result) {
  for (std::size_t i = 0; i < tables.size(); ++i) {
    const toml::table& table = *tables[i].as_table();
    if (table.empty()) wrong_use(file, ":", tables[i].source().begin.line, ": [[", key, "]] is empty");
    flatten(table, text(key, "[", i, "]."), file, result);
  }
}

// The library's own words, in one line and without a full stop.
std::string reason(const toml::parse_error& error) {
  std::string words(error.description());
  std::replace(words.begin(), words.end(), '\n', ' ');
  return words;
}

std::string trimmed(const std::string& words) {
  const auto first = words.find_first_not_of(" \t");
  if (first == std::string::npos) return "";
  return words.substr(first, words.find_last_not_of(" \t") - first + 1);
}

// Words such as cartpole, CartPole-v1, 8x8: what needs no quotes to be understood.
bool is_bare_word(const std::string& words) {
  return std::all_of(words.begin(), words.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || std::string_view("_-+./:@").find(c) != std::string_view::npos;
  });
}

}  // namespace

std::vector<Assignment> read_toml(const std::filesystem::path& file, const std::string& name) {
  return parse_toml(read_file(file), name);
}

std::vector<Assignment> parse_toml(std::string_view content, const std::string& name) {
  if (const std::size_t line = too_deep_line(content); line > 0) {
    wrong_use(name, ":", line, ": a key of more than ", kMostKeyParts, " names with dots between them");
  }
  try {
    const toml::table table = toml::parse(content, name);
    std::vector<Assignment> result;
    flatten(table, "", name, result);
    const auto line = [](const Assignment& a) { return std::stol(a.where.substr(a.where.rfind(':') + 1)); };
    std::stable_sort(result.begin(), result.end(), [&](const auto& a, const auto& b) { return line(a) < line(b); });
    return result;
  } catch (const toml::parse_error& error) {
    wrong_use(name, ":", error.source().begin.line, ": not valid TOML: ", reason(error));
  } catch (const TomlAssertion&) {
    wrong_use(name, ": not valid TOML: a name or a value is missing, or begins with what none begins with");
  }
}

Assignment parse_set(const std::string& argument) {
  const std::string where = "--set " + argument;
  const auto equals = argument.find('=');
  if (equals == std::string::npos) wrong_use(where, ": expected key=value");
  const std::string key = trimmed(argument.substr(0, equals));
  const std::string words = trimmed(argument.substr(equals + 1));
  if (key.empty()) wrong_use(where, ": there is no key before '='");
  if (words.empty()) wrong_use(where, ": there is no value after '='");
  if (words.find_first_of("\r\n") != std::string::npos) wrong_use(where, ": the value must be on one line");
  if (too_deep_line(words) > 0) wrong_use(where, ": a key of more than ", kMostKeyParts, " names with dots between them");
  try {
    const toml::table table = toml::parse("value = " + words);
    if (table.get("value")->is_table()) wrong_use(where, ": a table cannot be set as a whole; set its keys one by one");
    return {key, read_value(*table.get("value"), where), where};
  } catch (const toml::parse_error& error) {
    if (is_bare_word(words)) return {key, words, where};
    wrong_use(where, ": the value is not valid TOML: ", reason(error));
  } catch (const TomlAssertion&) {
    wrong_use(where, ": the value is not valid TOML");
  }
}

}  // namespace handgrad::app
