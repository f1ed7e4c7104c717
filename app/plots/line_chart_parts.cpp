#include "app/plots/line_chart_parts.h"

#include <cmath>

namespace handgrad::app::plots {

namespace {

constexpr double kRoom = 0.04;  // above and below the curves

Axis make_axis(const Extent& extent, bool logarithmic, double room, std::size_t most_ticks) {
  return logarithmic ? log_axis(extent, room, most_ticks) : linear_axis(extent, room, most_ticks);
}

void include(Extent& extent, double value, bool logarithmic) {
  if (drawable(value, logarithmic)) extent.include(value);
}

}  // namespace

bool drawable(double value, bool logarithmic) { return std::isfinite(value) && (!logarithmic || value > 0); }

std::vector<std::vector<Point>> pieces(const LineChart& chart, const Curve& curve) {
  std::vector<std::vector<Point>> result;
  bool open = false;
  for (std::size_t i = 0; i < curve.x.size(); ++i) {
    const bool there = drawable(curve.x[i], chart.log_x) && drawable(curve.y[i], chart.log_y);
    if (there && !open) result.emplace_back();
    if (there) result.back().push_back({curve.x[i], curve.y[i], i});
    open = there;
  }
  return result;
}

Curve band_middle(const LineChart& chart, const Curve& curve) {
  Curve middle = curve;
  for (std::size_t i = 0; i < curve.x.size(); ++i) {
    const bool there = drawable(curve.low[i], chart.log_y) && drawable(curve.high[i], chart.log_y);
    middle.y[i] = there ? (curve.low[i] + curve.high[i]) / 2 : NAN;
  }
  return middle;
}

Axis x_axis(const LineChart& chart, std::size_t most_ticks) {
  Extent extent;
  // Where there is no y there may still be a place on this axis: a gap at the beginning is to be seen.
  for (const Curve& curve : chart.curves) {
    for (const double x : curve.x) include(extent, x, chart.log_x);
  }
  // A range that begins near zero begins at zero.
  if (!chart.log_x && extent.low > 0 && extent.low <= 0.05 * extent.high) extent.low = 0;
  return make_axis(extent, chart.log_x, 0, most_ticks);
}

Axis y_axis(const LineChart& chart, std::size_t most_ticks) {
  Extent extent;
  for (const Curve& curve : chart.curves) {
    for (const auto* values : {&curve.y, &curve.low, &curve.high}) {
      for (const double y : *values) include(extent, y, chart.log_y);
    }
  }
  if (chart.threshold) include(extent, *chart.threshold, chart.log_y);
  return make_axis(extent, chart.log_y, kRoom, most_ticks);
}

}  // namespace handgrad::app::plots
