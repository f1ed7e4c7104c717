#pragma once

#include <algorithm>
#include <cmath>
#include <utility>

#include "app/config/settings.h"
#include "app/format.h"
#include "core/error.h"
#include "core/suggest.h"

// The kinds of settings there are. Each takes an accessor, `[](auto& c) -> auto& { return c.dqn.gamma; }`, which serves
// reading and writing alike.

namespace handgrad::app {

/// The text that a setting carries besides its key and value.
struct SettingText {
  std::string unit;
  std::string meaning;
  std::string source;
};

/// A range of numbers: an interval whose ends are in it or not.
struct Range {
  double low = -HUGE_VAL, high = HUGE_VAL;
  bool low_open = false, high_open = false;

  bool contains(double x) const { return (low_open ? x > low : x >= low) && (high_open ? x < high : x <= high); }
  std::string to_string() const {
    const bool has_low = low > -HUGE_VAL, has_high = high < HUGE_VAL;
    if (has_low && has_high) {
      return std::string(" in ") + (low_open ? "(" : "[") + exact(low) + ", " + exact(high) + (high_open ? ")" : "]");
    }
    if (has_low) return std::string(low_open ? " > " : " >= ") + exact(low);
    return "";
  }
};

inline Range at_least(double low) { return {.low = low}; }
inline Range above(double low) { return {.low = low, .low_open = true}; }
inline Range within(double low, double high) { return {.low = low, .high = high}; }

[[noreturn]] inline void unexpected(const std::string& allowed, const SettingValue& found) {
  fail("expected ", allowed, ", found ", describe(found));
}

template <class Access>
Setting real_setting(std::string key, Access access, const Range& range, SettingText words) {
  const std::string allowed = "a number" + range.to_string();
  return {std::move(key),
          allowed,
          words.unit,
          words.meaning,
          words.source,
          [access](const RunConfig& c) -> SettingValue { return access(c); },
          [access, range, allowed](RunConfig& c, const SettingValue& value) {
            const auto* whole = std::get_if<std::int64_t>(&value);
            const auto* real = std::get_if<double>(&value);
            if (whole == nullptr && real == nullptr) unexpected(allowed, value);
            const double number = whole != nullptr ? static_cast<double>(*whole) : *real;
            if (!std::isfinite(number) || !range.contains(number)) unexpected(allowed, value);
            access(c) = number;
          }};
}

/// A number, or "none".
template <class Access>
Setting optional_real_setting(std::string key, Access access, SettingText words) {
  const std::string allowed = "a number or \"none\"";
  return {std::move(key),
          allowed,
          words.unit,
          words.meaning,
          words.source,
          [access](const RunConfig& c) -> SettingValue {
            if (access(c)) return *access(c);
            return std::string("none");
          },
          [access, allowed](RunConfig& c, const SettingValue& value) {
            if (value == SettingValue("none")) {
              access(c) = std::nullopt;
              return;
            }
            const auto* whole = std::get_if<std::int64_t>(&value);
            const auto* real = std::get_if<double>(&value);
            if (whole == nullptr && (real == nullptr || !std::isfinite(*real))) unexpected(allowed, value);
            access(c) = whole != nullptr ? static_cast<double>(*whole) : *real;
          }};
}

/// The floor of a schedule, a number in [0, 1] or "none", which is -∞.
template <class Access>
Setting floor_setting(std::string key, Access access, SettingText words) {
  const std::string allowed = "a number in [0, 1] or \"none\"";
  return {std::move(key),
          allowed,
          words.unit,
          words.meaning,
          words.source,
          [access](const RunConfig& c) -> SettingValue {
            if (std::isfinite(access(c))) return access(c);
            return std::string("none");
          },
          [access, allowed](RunConfig& c, const SettingValue& value) {
            const auto* whole = std::get_if<std::int64_t>(&value);
            const auto* real = std::get_if<double>(&value);
            const bool none = value == SettingValue("none");
            if (!none && whole == nullptr && real == nullptr) unexpected(allowed, value);
            const double number = none ? -HUGE_VAL : whole != nullptr ? static_cast<double>(*whole) : *real;
            if (!none && !(number >= 0 && number <= 1)) unexpected(allowed, value);
            access(c) = number;
          }};
}

template <class Access>
Setting whole_setting(std::string key, Access access, std::int64_t least, std::int64_t most, SettingText words) {
  const std::string allowed =
      most == INT64_MAX ? text("a whole number >= ", least) : text("a whole number from ", least, " to ", most);
  return {std::move(key),
          allowed,
          words.unit,
          words.meaning,
          words.source,
          [access](const RunConfig& c) -> SettingValue { return static_cast<std::int64_t>(access(c)); },
          [access, least, most, allowed](RunConfig& c, const SettingValue& value) {
            const auto* number = std::get_if<std::int64_t>(&value);
            if (number == nullptr || *number < least || *number > most) unexpected(allowed, value);
            auto& field = access(c);
            field = static_cast<std::remove_reference_t<decltype(field)>>(*number);
          }};
}

template <class Access>
Setting flag_setting(std::string key, Access access, SettingText words) {
  return {std::move(key),
          "true or false",
          words.unit,
          words.meaning,
          words.source,
          [access](const RunConfig& c) -> SettingValue { return access(c); },
          [access](RunConfig& c, const SettingValue& value) {
            const auto* flag = std::get_if<bool>(&value);
            if (flag == nullptr) unexpected("true or false", value);
            access(c) = *flag;
          }};
}

template <class Access>
Setting text_setting(std::string key, Access access, SettingText words) {
  return {std::move(key),
          "a string",
          words.unit,
          words.meaning,
          words.source,
          [access](const RunConfig& c) -> SettingValue { return access(c); },
          [access](RunConfig& c, const SettingValue& value) {
            const auto* string = std::get_if<std::string>(&value);
            if (string == nullptr) unexpected("a string", value);
            access(c) = *string;
          }};
}

/// "one of a, b, c".
inline std::string one_of(const std::vector<std::string>& names) {
  std::string list = names.size() == 1 ? "" : "one of ";
  for (const auto& name : names) list += (&name == &names.front() ? "" : ", ") + name;
  return list;
}

/// The value as a string that is among `names`; throws Error otherwise, with the nearest of them.
inline const std::string& name_among(const std::vector<std::string>& names, const SettingValue& value) {
  const auto* name = std::get_if<std::string>(&value);
  if (name == nullptr) unexpected(one_of(names), value);
  if (std::find(names.begin(), names.end(), *name) == names.end()) {
    fail("expected ", one_of(names), ", found ", describe(value), ".", did_you_mean(*name, names));
  }
  return *name;
}

/// A string that must be one of `names`.
template <class Access>
Setting name_setting(std::string key, Access access, const std::vector<std::string>& names, SettingText words) {
  return {std::move(key),
          one_of(names),
          words.unit,
          words.meaning,
          words.source,
          [access](const RunConfig& c) -> SettingValue { return access(c); },
          [access, names](RunConfig& c, const SettingValue& value) { access(c) = name_among(names, value); }};
}

/// The names of an enumeration's values.
template <class Enumeration>
using Names = std::vector<std::pair<std::string, Enumeration>>;

template <class Access, class Enumeration>
Setting choice_setting(std::string key, Access access, const Names<Enumeration>& choices, SettingText words) {
  std::vector<std::string> names;
  for (const auto& choice : choices) names.push_back(choice.first);
  return {std::move(key),
          one_of(names),
          words.unit,
          words.meaning,
          words.source,
          [access, choices](const RunConfig& c) -> SettingValue {
            const auto is_current = [&](const auto& choice) { return choice.second == access(c); };
            const auto found = std::find_if(choices.begin(), choices.end(), is_current);
            require(found != choices.end(), "a choice without a name");
            return found->first;
          },
          [access, choices, names](RunConfig& c, const SettingValue& value) {
            const auto place = std::find(names.begin(), names.end(), name_among(names, value)) - names.begin();
            access(c) = choices[static_cast<std::size_t>(place)].second;
          }};
}

}  // namespace handgrad::app
