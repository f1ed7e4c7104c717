#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace handgrad::app {

/// The shortest digits that read back as exactly this number: "0.1", "1e-08", "500". "inf", "-inf" or "nan" otherwise.
std::string exact(double value);

/// As Python's float.hex() writes it: "0x1.c0d97e0000000p-6", "0x0.0p+0", "-inf".
std::string hex_float(double value);

/// With a fixed number of digits after the point.
std::string fixed(double value, int digits);

/// About `digits` significant digits, in whichever notation is shorter: for eyes, not for files.
std::string brief(double value, int digits = 4);

/// With commas between thousands: "1,234,567".
std::string grouped(std::int64_t value);

/// "0:07", "12:34", "1:02:03".
std::string clock_time(double seconds);

/// How many columns a terminal needs for UTF-8 text: one a code point.
std::size_t display_width(std::string_view text);

/// As a shell reads it back: as it is where it has none but plain characters, in single quotes otherwise.
std::string shell_word(const std::string& argument);

/// A whole non-negative number below 2^63, nothing else in the text. Throws UsageError naming `what` otherwise.
std::uint64_t parse_seed(const std::string& text, std::string_view what = "--seed");

/// A whole number from `least` to `most`. Throws UsageError naming `what` otherwise.
std::int64_t parse_count(const std::string& text, std::string_view what, std::int64_t least = 1,
                         std::int64_t most = INT64_MAX);

}  // namespace handgrad::app
