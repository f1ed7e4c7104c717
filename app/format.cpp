#include "app/format.h"

#include <charconv>
#include <cmath>
#include <cstdio>

#include "app/usage_error.h"

namespace handgrad::app {

namespace {

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

}  // namespace

std::string exact(double value) {
  if (std::isnan(value)) return "nan";
  char digits[32];
  const auto [end, error] = std::to_chars(digits, digits + sizeof digits, value);
  return error == std::errc{} ? std::string(digits, end) : std::string("nan");
}

std::string hex_float(double value) {
  if (!std::isfinite(value)) return exact(value);
  if (value == 0.0) return std::signbit(value) ? "-0x0.0p+0" : "0x0.0p+0";
  char digits[40];
  if (std::fpclassify(value) == FP_SUBNORMAL) {
    // Python keeps the exponent at the smallest normal one; printf normalises. Adding one leading bit makes it normal.
    const double shifted = std::fabs(value) + 0x1p-1022;
    std::snprintf(digits, sizeof digits, "%.13a", shifted);
    std::string result = digits;
    result[2] = '0';
    return (value < 0 ? "-" : "") + result;
  }
  std::snprintf(digits, sizeof digits, "%.13a", value);
  return digits;
}

std::string fixed(double value, int digits) {
  char buffer[64];
  std::snprintf(buffer, sizeof buffer, "%.*f", digits, value);
  return buffer;
}

std::string brief(double value, int digits) {
  char buffer[64];
  std::snprintf(buffer, sizeof buffer, "%.*g", digits, value);
  return buffer;
}

std::string grouped(std::int64_t value) {
  std::string digits = std::to_string(value);
  const std::size_t first = value < 0 ? 1 : 0;
  for (std::size_t from_right = 3; from_right + first < digits.size(); from_right += 4) {
    digits.insert(digits.size() - from_right, ",");
  }
  return digits;
}

std::string clock_time(double seconds) {
  if (!std::isfinite(seconds) || seconds < 0 || seconds > 1e7) return "-";
  const auto whole = std::lround(seconds);
  char buffer[64];
  if (whole >= 3600) {
    std::snprintf(buffer, sizeof buffer, "%ld:%02ld:%02ld", whole / 3600, whole / 60 % 60, whole % 60);
  } else {
    std::snprintf(buffer, sizeof buffer, "%ld:%02ld", whole / 60, whole % 60);
  }
  return buffer;
}

std::size_t display_width(std::string_view text) {
  std::size_t columns = 0;
  for (const char c : text) columns += is_continuation(c) ? 0 : 1;
  return columns;
}

std::string shell_word(const std::string& argument) {
  constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789=._-/+:";
  if (!argument.empty() && argument.find_first_not_of(kPlain) == std::string::npos) return argument;
  std::string word = "'";
  for (const char c : argument) {
    if (c == '\'') {
      word += "'\\''";
    } else {
      word += c;
    }
  }
  return word + "'";
}

std::uint64_t parse_seed(const std::string& text, std::string_view what) {
  constexpr std::uint64_t kLargest = (std::uint64_t{1} << 63) - 1;
  std::uint64_t seed = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, seed);
  const bool too_large = error == std::errc::result_out_of_range && stop == end;
  if (too_large || (error == std::errc{} && stop == end && seed > kLargest)) {
    wrong_use(what, " ", text, ": the largest seed is ", kLargest);
  }
  if (error != std::errc{} || stop != end) wrong_use(what, " '", text, "': expected a whole number from 0 to ", kLargest);
  return seed;
}

std::int64_t parse_count(const std::string& text, std::string_view what, std::int64_t least, std::int64_t most) {
  std::int64_t count = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, count);
  const bool is_whole = error == std::errc{} && stop == end;
  if (is_whole && count > most) wrong_use(what, " ", text, ": at most ", most);
  if (!is_whole || count < least) wrong_use(what, " '", text, "': expected a whole number of at least ", least);
  return count;
}

}  // namespace handgrad::app
