#pragma once

#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>

namespace handgrad {

/// Any words as what can be shown to people: one line of valid UTF-8, line ends and tabs as blanks, control characters and what
/// is no UTF-8 as \x1b, the middle of what is too long left out: at most 1,505 bytes.
std::string one_line(std::string_view words);

/// The one exception type of the library. Its message says what was expected, what was found and what to do about it. It is
/// one_line, whatever was found: a file of a stranger, quoted in a message, gives no orders to a terminal.
class Error : public std::runtime_error {
 public:
  explicit Error(const std::string& words) : std::runtime_error(one_line(words)) {}
};

/// Joins anything that can be printed into one string: text("got ", 3, " columns").
template <class... Parts>
std::string text(const Parts&... parts) {
  std::ostringstream out;
  (out << ... << parts);
  return out.str();
}

/// Throws Error with the joined parts as its message. Never inlined: what leads here stays as quick as if it were not there.
template <class... Parts>
[[noreturn, gnu::cold, gnu::noinline]] void fail(const Parts&... parts) {
  throw Error(text(parts...));
}

/// Throws Error with the joined parts unless `condition` holds. The message is only put together on failure.
/// For the border of the library (public functions, files, command line); inside, use assert.
template <class... Parts>
void require(bool condition, const Parts&... parts) {
  if (!condition) [[unlikely]]
    fail(parts...);
}

}  // namespace handgrad
