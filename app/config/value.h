#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "envs/registry.h"

namespace handgrad::app {

/// What a setting can hold, as TOML has it. An array of numbers is integers if all of them are; an empty array is integers.
using SettingValue = std::variant<bool, std::int64_t, double, std::string, std::vector<std::int64_t>, std::vector<double>,
                                  std::vector<std::string>>;

/// As it is written in a TOML file: true, 64, 1e-08, "text", [64, 64]. Reading it gives the same value back.
std::string to_toml(const SettingValue& value);

/// What kind of value this is, with the value, for error messages: "the string \"abc\"", "the number 0.5".
std::string describe(const SettingValue& value);

/// Environment options know no arrays of integers: those become arrays of numbers.
OptionValue to_option(const SettingValue& value);
SettingValue from_option(const OptionValue& value);

}  // namespace handgrad::app
