#include "app/plots/axis.h"

#include <algorithm>
#include <cmath>

#include "app/format.h"

namespace handgrad::app::plots {

namespace {

constexpr double kMostPlainNumber = 1e7, kLeastPlainStep = 1e-5;

std::string superscript(int exponent) {
  static const char* const digits[] = {"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};
  std::string result = exponent < 0 ? "⁻" : "";
  for (const char c : std::to_string(std::abs(exponent))) result += digits[c - '0'];
  return result;
}

std::string power_of_ten(double value) {
  const int exponent = static_cast<int>(std::floor(std::log10(std::abs(value)) + 1e-9));
  const std::string mantissa = brief(value / std::pow(10.0, exponent), 3);
  const std::string power = "10" + superscript(exponent);
  if (mantissa == "1") return power;
  return mantissa == "-1" ? "-" + power : mantissa + "×" + power;
}

// The smallest of 1, 2, 5 times a power of ten that is not below `least`.
double round_step(double least) {
  const double power = std::pow(10.0, std::floor(std::log10(least)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (factor * power >= least * (1 - 1e-9)) return factor * power;
  }
  return 10 * power;
}

void widen_if_needed(Extent& extent) {
  if (extent.empty()) extent = {0, 1};
  if (extent.high - extent.low > 1e-12 * std::max(std::abs(extent.low), std::abs(extent.high))) return;
  const double room = extent.low == 0 ? 1 : 0.1 * std::abs(extent.low);
  extent = {extent.low - room, extent.high + room};
}

}  // namespace

void Extent::include(double value) {
  if (!std::isfinite(value)) return;
  low = std::min(low, value);
  high = std::max(high, value);
}

void Extent::include(std::span<const double> values) {
  for (const double value : values) include(value);
}

double Axis::fraction(double value) const {
  if (logarithmic) return value > 0 ? std::log(value / low) / std::log(high / low) : std::nan("");
  return (value - low) / (high - low);
}

std::size_t Axis::longest_label() const {
  std::size_t longest = 0;
  for (const auto& label : labels) longest = std::max(longest, display_width(label));
  return longest;
}

std::string axis_number(double value, double step) {
  if (value == 0) return "0";
  if (std::abs(value) >= kMostPlainNumber || step < kLeastPlainStep) return power_of_ten(value);
  const int digits = std::max(0, static_cast<int>(-std::floor(std::log10(step) + 1e-9)));
  if (digits > 0) return fixed(value, digits);
  return grouped(std::llround(value));
}

Axis linear_axis(Extent extent, double room, std::size_t most_ticks) {
  widen_if_needed(extent);
  const double margin = room * (extent.high - extent.low);
  Axis axis{.low = extent.low - margin, .high = extent.high + margin, .ticks = {}, .labels = {}};
  const double step = round_step((axis.high - axis.low) / static_cast<double>(std::max<std::size_t>(most_ticks, 2)));
  const double tolerance = 1e-9 * (axis.high - axis.low);
  for (double k = std::ceil((axis.low - tolerance) / step); k * step <= axis.high + tolerance; ++k) {
    axis.ticks.push_back(k == 0 ? 0 : k * step);
    axis.labels.push_back(axis_number(axis.ticks.back(), step));
  }
  return axis;
}

Axis log_axis(Extent extent, double room, std::size_t most_ticks) {
  if (extent.empty()) extent = {1, 10};
  if (extent.low == extent.high) extent = {extent.low / 2, extent.high * 2};
  // A little more, so that gnuplot does not lose a tick at the very end to rounding.
  const double margin = std::pow(extent.high / extent.low, room) * (1 + 1e-4);
  Axis axis{.low = extent.low / margin, .high = extent.high * margin, .logarithmic = true, .ticks = {}, .labels = {}};
  const auto first = static_cast<int>(std::floor(std::log10(axis.low))),
             last = static_cast<int>(std::ceil(std::log10(axis.high)));
  const int every =
      std::max(1, static_cast<int>(std::ceil(static_cast<double>(last - first) / static_cast<double>(most_ticks))));
  // Where there are hardly any powers of ten to be seen, 2 and 5 times them get labels too.
  const bool few = axis.high / axis.low < 100;
  for (int exponent = first; exponent <= last; ++exponent) {
    for (int digit = 1; digit <= 9; ++digit) {
      const double value = digit * std::pow(10.0, exponent);
      if (value < axis.low * (1 - 1e-9) || value > axis.high * (1 + 1e-9)) continue;
      const bool labelled = (digit == 1 && exponent % every == 0) || (few && (digit == 2 || digit == 5));
      if (!labelled) {
        if (every == 1) axis.minor_ticks.push_back(value);
        continue;
      }
      axis.ticks.push_back(value);
      const bool plain = value < 1e6 && value >= 1e-3;
      axis.labels.push_back(plain ? axis_number(value, value) : power_of_ten(value));
    }
  }
  return axis;
}

}  // namespace handgrad::app::plots
