#include "space.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "../core/error.h"

namespace handgrad {
namespace {

/// Shortest digits that read back as the same float32, as NumPy prints it. `whole` ends a number without fraction:
/// "." inside an array, ".0" alone.
std::string number(float x, const char* whole) {
  if (std::isinf(x)) return x > 0 ? "inf" : "-inf";
  if (std::isnan(x)) return "nan";
  const float size = std::abs(x);
  const bool scientific = size != 0.0f && (size < 1e-4f || size >= 1e16f);
  std::array<char, 64> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), x,
                                 scientific ? std::chars_format::scientific : std::chars_format::fixed);
  std::string printed(digits.data(), end.ptr);
  if (printed.find_first_of(".e") == std::string::npos) printed += whole;
  return printed;
}

/// One number where all are equal, else "[a b c]".
std::string bounds(const std::vector<float>& values) {
  const bool uniform = !values.empty() && std::all_of(values.begin(), values.end(), [&](float x) { return x == values[0]; });
  if (uniform) return number(values[0], ".0");
  std::string printed = "[";
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i > 0) printed += ' ';
    printed += number(values[i], ".");
  }
  return printed + "]";
}

std::string print(const Discrete& space) {
  return space.start == 0 ? text("Discrete(", space.n, ")") : text("Discrete(", space.n, ", start=", space.start, ")");
}

std::string print(const Box& space) {
  return text("Box(", bounds(space.low), ", ", bounds(space.high), ", (", space.low.size(), ",), float32)");
}

std::string print(const Tuple& space) {
  std::string printed = "Tuple(";
  for (const Discrete& part : space.parts) printed += (&part == space.parts.data() ? "" : ", ") + print(part);
  return printed + ")";
}

bool holds(const Discrete& space, float value) {
  const double x = value;
  return std::trunc(x) == x && x >= static_cast<double>(space.start) && x < static_cast<double>(space.start + space.n);
}

bool holds(const Discrete& space, const std::vector<float>& value) { return value.size() == 1 && holds(space, value[0]); }

bool holds(const Tuple& space, const std::vector<float>& value) {
  return std::equal(space.parts.begin(), space.parts.end(), value.begin(), value.end(),
                    [](const Discrete& part, float x) { return holds(part, x); });
}

bool holds(const Box& space, const std::vector<float>& value) {
  if (value.size() != space.low.size()) return false;
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (!(space.low[i] <= value[i] && value[i] <= space.high[i])) return false;  // written so that NaN is outside
  }
  return true;
}

}  // namespace

std::string to_string(const Space& space) {
  return std::visit([](const auto& s) { return print(s); }, space);
}

std::int64_t flat_size(const Space& space) {
  if (const Box* box = std::get_if<Box>(&space)) return static_cast<std::int64_t>(box->low.size());
  if (const Tuple* tuple = std::get_if<Tuple>(&space)) return static_cast<std::int64_t>(tuple->parts.size());
  return 1;
}

bool contains(const Space& space, const std::vector<float>& value) {
  return std::visit([&](const auto& s) { return holds(s, value); }, space);
}

}  // namespace handgrad
