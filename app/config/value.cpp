#include "app/config/value.h"

#include <cstdio>

#include "app/format.h"

namespace handgrad::app {

namespace {

template <class... Functions>
struct Overloaded : Functions... {
  using Functions::operator()...;
};
template <class... Functions>
Overloaded(Functions...) -> Overloaded<Functions...>;

// A whole number needs a point or an exponent, or TOML reads it back as an integer.
std::string toml_number(double value) {
  const std::string digits = exact(value);
  return digits.find_first_of(".en") == std::string::npos ? digits + ".0" : digits;
}

std::string toml_string(const std::string& value) {
  std::string result = "\"";
  for (const char c : value) {
    if (c == '"' || c == '\\') {
      result += {'\\', c};
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
      char escape[8];
      std::snprintf(escape, sizeof escape, "\\u%04X", static_cast<unsigned>(static_cast<unsigned char>(c)));
      result += escape;
    } else {
      result += c;
    }
  }
  return result + "\"";
}

template <class T, class Write>
std::string toml_array(const std::vector<T>& values, Write write) {
  std::string result = "[";
  for (std::size_t i = 0; i < values.size(); ++i) result += (i > 0 ? ", " : "") + write(values[i]);
  return result + "]";
}

}  // namespace

std::string to_toml(const SettingValue& value) {
  return std::visit(
      Overloaded{
          [](bool v) -> std::string { return v ? "true" : "false"; },
          [](std::int64_t v) { return std::to_string(v); },
          [](double v) { return toml_number(v); },
          [](const std::string& v) { return toml_string(v); },
          [](const std::vector<std::int64_t>& v) { return toml_array(v, [](std::int64_t n) { return std::to_string(n); }); },
          [](const std::vector<double>& v) { return toml_array(v, toml_number); },
          [](const std::vector<std::string>& v) { return toml_array(v, toml_string); },
      },
      value);
}

std::string describe(const SettingValue& value) {
  const char* kind = std::visit(Overloaded{
                                    [](bool) { return "the truth value "; },
                                    [](std::int64_t) { return "the whole number "; },
                                    [](double) { return "the number "; },
                                    [](const std::string&) { return "the string "; },
                                    [](const auto&) { return "the array "; },
                                },
                                value);
  return kind + to_toml(value);
}

OptionValue to_option(const SettingValue& value) {
  return std::visit(
      Overloaded{
          [](const std::vector<std::int64_t>& v) -> OptionValue { return std::vector<double>(v.begin(), v.end()); },
          [](const auto& v) -> OptionValue { return v; },
      },
      value);
}

SettingValue from_option(const OptionValue& value) {
  return std::visit([](const auto& v) -> SettingValue { return v; }, value);
}

}  // namespace handgrad::app
