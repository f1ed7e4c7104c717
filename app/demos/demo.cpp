#include "app/demos/demo.h"

#include <algorithm>
#include <cmath>

#include "app/config/toml_input.h"
#include "app/usage_error.h"
#include "core/suggest.h"

namespace handgrad::app {

namespace {

using Wholes = std::vector<std::int64_t>;
using Numbers = std::vector<double>;

bool within_range(const DemoSetting& setting, double value) { return std::isfinite(value) && setting.range.contains(value); }

// The value as the setting's own type: 1 is a number too, and a list of nothing is of any kind.
SettingValue converted(const DemoSetting& setting, const SettingValue& value) {
  if (std::holds_alternative<double>(setting.standard)) {
    if (const auto* whole = std::get_if<std::int64_t>(&value)) return static_cast<double>(*whole);
  }
  if (std::holds_alternative<Numbers>(setting.standard)) {
    if (const auto* wholes = std::get_if<Wholes>(&value)) return Numbers(wholes->begin(), wholes->end());
  }
  return value;
}

bool acceptable(const DemoSetting& setting, const SettingValue& value) {
  if (value.index() != setting.standard.index()) return false;
  const auto fits = [&](auto x) { return within_range(setting, static_cast<double>(x)); };
  if (const auto* whole = std::get_if<std::int64_t>(&value)) return fits(*whole);
  if (const auto* number = std::get_if<double>(&value)) return fits(*number);
  if (const auto* wholes = std::get_if<Wholes>(&value))
    return !wholes->empty() && std::all_of(wholes->begin(), wholes->end(), fits);
  if (const auto* numbers = std::get_if<Numbers>(&value)) {
    return !numbers->empty() && std::all_of(numbers->begin(), numbers->end(), fits);
  }
  return true;
}

SettingValue checked(const DemoSetting& setting, const Assignment& assignment) {
  const SettingValue value = converted(setting, assignment.value);
  if (!setting.names.empty()) {
    try {
      name_among(setting.names, value);
    } catch (const Error& error) {
      wrong_use(assignment.where, ": ", error.what());
    }
  }
  if (!acceptable(setting, value)) {
    wrong_use(assignment.where, ": expected ", allowed(setting), ", found ", describe(assignment.value));
  }
  return value;
}

}  // namespace

std::string allowed(const DemoSetting& setting) {
  const bool whole =
      std::holds_alternative<std::int64_t>(setting.standard) || std::holds_alternative<Wholes>(setting.standard);
  std::string range = setting.range.to_string();
  if (whole && setting.range.high < HUGE_VAL) {
    range = text(" from ", grouped(static_cast<std::int64_t>(setting.range.low)), " to ",
                 grouped(static_cast<std::int64_t>(setting.range.high)));
  }
  if (std::holds_alternative<bool>(setting.standard)) return "true or false";
  if (std::holds_alternative<std::int64_t>(setting.standard)) return "a whole number" + range;
  if (std::holds_alternative<double>(setting.standard)) return "a number" + range;
  if (std::holds_alternative<Wholes>(setting.standard)) return "whole numbers" + range;
  if (std::holds_alternative<Numbers>(setting.standard)) return "numbers" + range;
  return setting.names.empty() ? "a string" : one_of(setting.names);
}

DemoValues::DemoValues(const std::vector<DemoSetting>& settings, const std::vector<std::string>& set_arguments) {
  std::vector<std::string> keys;
  for (const DemoSetting& setting : settings) {
    keys.push_back(setting.key);
    values_[setting.key] = standard_[setting.key] = setting.standard;
  }
  for (const std::string& argument : set_arguments) {
    const Assignment assignment = parse_set(argument);
    const auto setting =
        std::find_if(settings.begin(), settings.end(), [&](const auto& s) { return s.key == assignment.key; });
    if (setting == settings.end()) {
      const std::string there_are = keys.empty() ? " This demo has none." : " There are: ";
      std::string list;
      for (const std::string& key : keys) list += (list.empty() ? "" : ", ") + key;
      wrong_use(assignment.where, ": no setting '", assignment.key, "'.", did_you_mean(assignment.key, keys), there_are, list);
    }
    values_[assignment.key] = checked(*setting, assignment);
  }
}

bool DemoValues::standard(const std::vector<std::string>& keys) const {
  return std::all_of(keys.begin(), keys.end(), [&](const auto& key) { return values_.at(key) == standard_.at(key); });
}

DemoBar close_to(const std::string& text, double measured, double expected, double margin, int digits) {
  return {text, fixed(measured, digits), std::abs(measured - expected) <= margin};
}

const Demo* find_demo(const std::string& id) {
  const auto& demos = all_demos();
  const auto found = std::find_if(demos.begin(), demos.end(), [&](const Demo& demo) { return demo.id == id; });
  return found == demos.end() ? nullptr : &*found;
}

const Demo& known_demo(const std::string& id) {
  if (const Demo* demo = find_demo(id)) return *demo;
  std::vector<std::string> ids;
  for (const Demo& demo : all_demos()) ids.push_back(demo.id);
  wrong_use("there is no demo '", id, "'.", did_you_mean(id, ids), " handgrad list demos shows them all");
}

}  // namespace handgrad::app
