#pragma once

#include <sstream>
#include <stdexcept>
#include <string>

namespace handgrad {

/// The one exception type of the library. Its message says what was expected, what was found and what to do about it.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
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
