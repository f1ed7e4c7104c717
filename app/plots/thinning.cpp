#include "app/plots/thinning.h"

#include <algorithm>
#include <cstdint>
#include <set>

#include "app/plots/axis.h"

namespace handgrad::app::plots {

namespace {

std::size_t part(double value, const Extent& range, std::size_t parts) {
  if (range.high <= range.low) return 0;
  const double place = (value - range.low) / (range.high - range.low) * static_cast<double>(parts);
  return std::min(static_cast<std::size_t>(std::max(place, 0.0)), parts - 1);
}

}  // namespace

std::vector<Point> thin_line(const std::vector<Point>& points, std::size_t columns) {
  if (points.size() <= 4 * columns) return points;
  Extent x;
  for (const auto& point : points) x.include(point.x);
  std::vector<Point> kept;
  for (std::size_t begin = 0; begin < points.size();) {
    std::size_t end = begin, lowest = begin, highest = begin;
    while (end < points.size() && part(points[end].x, x, columns) == part(points[begin].x, x, columns)) {
      if (points[end].y < points[lowest].y) lowest = end;
      if (points[end].y > points[highest].y) highest = end;
      ++end;
    }
    for (const std::size_t i : std::set<std::size_t>{begin, lowest, highest, end - 1}) kept.push_back(points[i]);
    begin = end;
  }
  return kept;
}

std::vector<Point> thin_points(const std::vector<Point>& points, std::size_t columns, std::size_t rows) {
  Extent x, y;
  for (const auto& point : points) {
    x.include(point.x);
    y.include(point.y);
  }
  std::set<std::size_t> taken;
  std::vector<Point> kept;
  for (const auto& point : points) {
    if (taken.insert(part(point.x, x, columns) * rows + part(point.y, y, rows)).second) kept.push_back(point);
  }
  return kept;
}

}  // namespace handgrad::app::plots
