#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace handgrad {

/// Constructor arguments by Gymnasium's names, such as {"map_name", "8x8"} or {"reward_schedule", {7.0, -3.0, -1.0}}.
using OptionValue = std::variant<bool, std::int64_t, double, std::string, std::vector<std::string>, std::vector<double>>;
using EnvironmentOptions = std::map<std::string, OptionValue>;

// Each read_option overwrites `value` with the option of that name and leaves it alone where there is none.
// They throw Error for a value of another type, saying what was expected and what was found. An integer is a number too,
// and an empty list is a list of anything.

void read_option(const EnvironmentOptions& options, const std::string& name, bool& value);
void read_option(const EnvironmentOptions& options, const std::string& name, double& value);
void read_option(const EnvironmentOptions& options, const std::string& name, std::string& value);
void read_option(const EnvironmentOptions& options, const std::string& name, std::optional<std::vector<std::string>>& value);
void read_option(const EnvironmentOptions& options, const std::string& name, std::array<double, 3>& value);

/// As TOML writes it: true, 3, 0.5, "8x8", ["SF", "FG"], [7, -3, -1].
std::string to_string(const OptionValue& value);

}  // namespace handgrad
