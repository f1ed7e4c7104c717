#include "app/config/toml_depth.h"

#include <algorithm>

namespace handgrad::app {

namespace {

// Behind the string that begins at `begin`, in any of TOML's four kinds; the end of the text if it has no end.
std::size_t skip_string(std::string_view toml, std::size_t begin) {
  const char quote = toml[begin];
  const std::string_view three = toml.substr(begin, 3);
  const bool on_many_lines = three.size() == 3 && three[1] == quote && three[2] == quote;
  const std::size_t marks = on_many_lines ? 3 : 1;
  for (std::size_t i = begin + marks; i < toml.size(); ++i) {
    if (toml[i] == '\\' && quote == '"') {
      ++i;
    } else if (toml[i] == '\n' && !on_many_lines) {
      return i;  // not TOML: the parser says so
    } else if (toml[i] == quote && (!on_many_lines || toml.substr(i, 3) == three)) {
      i += marks;
      // Up to two marks may stand right before the three that end it.
      while (on_many_lines && i < toml.size() && toml[i] == quote) ++i;
      return i;
    }
  }
  return toml.size();
}

}  // namespace

std::size_t too_deep_line(std::string_view toml) {
  std::size_t dots = 0, line = 1;
  for (std::size_t i = 0; i < toml.size();) {
    const char c = toml[i];
    std::size_t next = i + 1;
    if (c == '#') next = std::min(toml.find('\n', i), toml.size());
    if (c == '"' || c == '\'') next = skip_string(toml, i);
    if (c == '.' && ++dots == kMostKeyParts) return line;
    if (c == '\n' || c == '=' || c == ',' || c == '{' || c == '[') dots = 0;
    line += static_cast<std::size_t>(
        std::count(toml.begin() + static_cast<std::ptrdiff_t>(i), toml.begin() + static_cast<std::ptrdiff_t>(next), '\n'));
    i = next;
  }
  return 0;
}

}  // namespace handgrad::app
