#include "options.h"

#include <algorithm>
#include <charconv>
#include <string_view>

#include "../core/error.h"

namespace handgrad {
namespace {

std::string print(bool value) { return value ? "true" : "false"; }
std::string print(std::int64_t value) { return std::to_string(value); }

std::string print(double value) {
  std::array<char, 32> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value);
  return {digits.data(), end.ptr};
}

std::string print(const std::string& value) { return text('"', value, '"'); }

template <class Element>
std::string print(const std::vector<Element>& list) {
  std::string printed = "[";
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (i > 0) printed += ", ";
    printed += print(list[i]);
  }
  return printed + "]";
}

const OptionValue* find(const EnvironmentOptions& options, const std::string& name) {
  const auto found = options.find(name);
  return found == options.end() ? nullptr : &found->second;
}

[[noreturn]] void wrong_type(const std::string& name, const OptionValue& found, std::string_view expected) {
  // In the order of OptionValue.
  constexpr std::array<std::string_view, 6> kTypes{"a truth value", "an integer",        "a number",
                                                   "a string",      "a list of strings", "a list of numbers"};
  fail("option '", name, "' is ", to_string(found), ", ", kTypes.at(found.index()), "; expected ", expected);
}

}  // namespace

std::string to_string(const OptionValue& value) {
  return std::visit([](const auto& v) { return print(v); }, value);
}

void read_option(const EnvironmentOptions& options, const std::string& name, bool& value) {
  const OptionValue* found = find(options, name);
  if (found == nullptr) return;
  const bool* given = std::get_if<bool>(found);
  if (given == nullptr) wrong_type(name, *found, "true or false");
  value = *given;
}

void read_option(const EnvironmentOptions& options, const std::string& name, double& value) {
  const OptionValue* found = find(options, name);
  if (found == nullptr) return;
  if (const auto* whole = std::get_if<std::int64_t>(found)) {
    value = static_cast<double>(*whole);
    return;
  }
  const double* given = std::get_if<double>(found);
  if (given == nullptr) wrong_type(name, *found, "a number");
  value = *given;
}

void read_option(const EnvironmentOptions& options, const std::string& name, std::string& value) {
  const OptionValue* found = find(options, name);
  if (found == nullptr) return;
  const std::string* given = std::get_if<std::string>(found);
  if (given == nullptr) wrong_type(name, *found, "a string");
  value = *given;
}

void read_option(const EnvironmentOptions& options, const std::string& name, std::optional<std::vector<std::string>>& value) {
  const OptionValue* found = find(options, name);
  if (found == nullptr) return;
  if (const auto* numbers = std::get_if<std::vector<double>>(found); numbers != nullptr && numbers->empty()) {
    value.emplace();
    return;
  }
  const auto* given = std::get_if<std::vector<std::string>>(found);
  if (given == nullptr) wrong_type(name, *found, "a list of strings");
  value = *given;
}

void read_option(const EnvironmentOptions& options, const std::string& name, std::array<double, 3>& value) {
  const OptionValue* found = find(options, name);
  if (found == nullptr) return;
  const auto* given = std::get_if<std::vector<double>>(found);
  if (given == nullptr || given->size() != value.size()) wrong_type(name, *found, "a list of 3 numbers");
  std::copy(given->begin(), given->end(), value.begin());
}

}  // namespace handgrad
