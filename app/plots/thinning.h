#pragma once

#include <cstddef>
#include <vector>

namespace handgrad::app::plots {

struct Point {
  double x, y;
  std::size_t index;  ///< where it was
};

/// The points of a curve that can be seen as a line drawn through all of them: in each of `columns` equal parts of the range
/// of x the first, the lowest, the highest and the last. Few points stay as they are.
std::vector<Point> thin_line(const std::vector<Point>& points, std::size_t columns);

/// One of the points that would fall onto the same spot, where the ranges of x and y are cut into columns · rows spots.
std::vector<Point> thin_points(const std::vector<Point>& points, std::size_t columns, std::size_t rows);

}  // namespace handgrad::app::plots
