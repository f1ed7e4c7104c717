#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace handgrad {

/// {start, ..., start + n - 1}.
struct Discrete {
  std::int64_t n;
  std::int64_t start = 0;
  bool operator==(const Discrete&) const = default;
};

/// low <= x <= high elementwise, float32; bounds may be infinite.
struct Box {
  std::vector<float> low;
  std::vector<float> high;
  bool operator==(const Box&) const = default;
};

/// Some integers, each in its own range.
struct Tuple {
  std::vector<Discrete> parts;
  bool operator==(const Tuple&) const = default;
};

using Space = std::variant<Discrete, Box, Tuple>;

/// As Gymnasium prints it: "Discrete(4)", "Box([-4.8 -inf ...], [4.8 inf ...], (4,), float32)", "Tuple(Discrete(32),
/// Discrete(11))", with one blank between numbers where NumPy aligns columns.
std::string to_string(const Space& space);

/// How many floats an observation of this space takes: the box's size, 1 for a discrete one, whose integer a float holds
/// exactly (up to 2^24), and 1 a part for a tuple.
std::int64_t flat_size(const Space& space);

/// Whether the value is in the space: for a Box NaN is not, for integers only whole numbers are.
bool contains(const Space& space, const std::vector<float>& value);

}  // namespace handgrad
