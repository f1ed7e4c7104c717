#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

namespace handgrad {

/// Nodes over a rectangle of two continuous quantities, both ends among them: nx · ny, node (i, j) at
///   x = x_low + i (x_high - x_low)/(nx - 1),   y likewise;   index j · nx + i.
struct NodeGrid {
  double x_low, x_high, y_low, y_high;
  std::size_t nx, ny;

  double x(std::size_t i) const { return x_low + static_cast<double>(i) * ((x_high - x_low) / static_cast<double>(nx - 1)); }
  double y(std::size_t j) const { return y_low + static_cast<double>(j) * ((y_high - y_low) / static_cast<double>(ny - 1)); }
  std::size_t size() const { return nx * ny; }
};

/// A deterministic system with two quantities and A actions.
struct PlaneSystem {
  struct Step {
    double x, y, reward;
    bool terminated;
  };
  std::int64_t actions;
  std::function<Step(double x, double y, std::int64_t action)> step;
  /// Whether the state is one where an episode has ended: worth 0.
  std::function<bool(double x, double y)> ended;
};

/// Values at the nodes of a grid, bilinear between them.
struct GridValues {
  NodeGrid grid;
  std::vector<double> values;  ///< [ny, nx]
  std::int64_t sweeps = 0;

  /// At a point; outside the rectangle, that of the nearest point of its edge.
  double at(double x, double y) const;
};

/// Value iteration on a grid (Bellman 1957; Munos & Moore 2002, section 2.4, with multilinear interpolation):
///   v(node) ← max_a (r + γ v(x', y')),   v bilinear at (x', y'), 0 where the step terminates; v = 0 at nodes that have ended
/// in place, each sweep over the nodes in order of their index, until no value changes by as much as `tolerance`. The system
/// is asked once a node and action. Interpolation smears values, so the result is that of a slightly blurred system, and
/// better on finer grids. Throws Error for a grid without an area or with fewer than two nodes a side, numbers out of range,
/// or more than a million sweeps (γ = 1, and nodes from where nothing ends).
GridValues grid_value_iteration(const PlaneSystem& system, const NodeGrid& grid, double gamma, double tolerance = 1e-6);

/// The action of the best one-step look-ahead, r + γ v(x', y'): the lowest number among equals.
std::int64_t look_ahead(const PlaneSystem& system, const GridValues& values, double x, double y, double gamma);

}  // namespace handgrad
