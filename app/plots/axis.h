#pragma once

#include <limits>
#include <span>
#include <string>
#include <vector>

namespace handgrad::app::plots {

/// The smallest and the largest of what it was given; what is not finite does not count.
struct Extent {
  double low = std::numeric_limits<double>::infinity(), high = -std::numeric_limits<double>::infinity();

  void include(double value);
  void include(std::span<const double> values);
  bool empty() const { return low > high; }
};

/// A range of numbers with round places on it.
struct Axis {
  double low, high;
  bool logarithmic = false;
  std::vector<double> ticks;
  std::vector<std::string> labels;       ///< of the ticks
  std::vector<double> minor_ticks = {};  ///< without labels
  double fraction(double value) const;   ///< of the way from low to high
  std::size_t longest_label() const;     ///< in characters
};

/// `room`: the part of the extent that is left free at both ends. An empty extent gives 0 to 1, one of a single number is
/// widened. At most `most_ticks` ticks, at least two of them.
Axis linear_axis(Extent extent, double room, std::size_t most_ticks);
/// The extent has positive numbers only; one that has none gives 1 to 10.
Axis log_axis(Extent extent, double room, std::size_t most_ticks);

/// As numbers are written on axes: thousands with commas, 10⁻⁵ where digits would be too many; `step` says how many digits
/// after the point tell neighbours apart.
std::string axis_number(double value, double step);

}  // namespace handgrad::app::plots
