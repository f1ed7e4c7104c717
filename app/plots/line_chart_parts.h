#pragma once

#include "app/plots/axis.h"
#include "app/plots/picture.h"
#include "app/plots/thinning.h"

// What the drawn and the written form of a line chart share.

namespace handgrad::app::plots {

/// Whether a number has a place on an axis.
bool drawable(double value, bool logarithmic);
/// A curve in pieces without gaps.
std::vector<std::vector<Point>> pieces(const LineChart& chart, const Curve& curve);
/// The middle of a curve's band as a curve, for its pieces.
Curve band_middle(const LineChart& chart, const Curve& curve);

Axis x_axis(const LineChart& chart, std::size_t most_ticks);
Axis y_axis(const LineChart& chart, std::size_t most_ticks);

}  // namespace handgrad::app::plots
