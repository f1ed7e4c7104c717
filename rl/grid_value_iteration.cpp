#include "grid_value_iteration.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "../core/error.h"

namespace handgrad {
namespace {

constexpr std::int64_t kMostSweeps = 1'000'000;

/// Where a point lies: the lower left node of its cell, and how far it is from there, in [0, 1].
struct Place {
  std::uint32_t node;
  double right, up;
};

/// The cell of one coordinate, and the fraction of it.
std::pair<std::size_t, double> cell(double value, double low, double high, std::size_t n) {
  const double nodes = static_cast<double>(n - 1);
  const double position = std::clamp((value - low) / (high - low) * nodes, 0.0, nodes);
  const std::size_t k = std::min(static_cast<std::size_t>(position), n - 2);
  return {k, position - static_cast<double>(k)};
}

Place place(const NodeGrid& grid, double x, double y) {
  const auto [i, right] = cell(x, grid.x_low, grid.x_high, grid.nx);
  const auto [j, up] = cell(y, grid.y_low, grid.y_high, grid.ny);
  return {static_cast<std::uint32_t>(j * grid.nx + i), right, up};
}

double interpolate(const std::vector<double>& values, std::size_t nx, const Place& p) {
  const double* v = &values[p.node];
  const double low = v[0] + p.right * (v[1] - v[0]), high = v[nx] + p.right * (v[nx + 1] - v[nx]);
  return low + p.up * (high - low);
}

/// A step from a node, worked out once for all sweeps.
struct Successor {
  Place place;
  double reward;
  double discount;  // 0 where the step terminates
};

std::vector<Successor> successors(const PlaneSystem& system, const NodeGrid& grid, double gamma) {
  std::vector<Successor> all;
  all.reserve(grid.size() * static_cast<std::size_t>(system.actions));
  for (std::size_t j = 0; j < grid.ny; ++j) {
    for (std::size_t i = 0; i < grid.nx; ++i) {
      for (std::int64_t a = 0; a < system.actions; ++a) {
        const PlaneSystem::Step step = system.step(grid.x(i), grid.y(j), a);
        all.push_back({place(grid, step.x, step.y), step.reward, step.terminated ? 0.0 : gamma});
      }
    }
  }
  return all;
}

void check(const PlaneSystem& system, const NodeGrid& grid, double gamma, double tolerance) {
  require(system.actions >= 1 && system.step && system.ended, "a system needs actions, a step and a condition for its end");
  require(grid.nx >= 2 && grid.ny >= 2, "a grid needs at least 2 x 2 nodes, found ", grid.nx, " x ", grid.ny);
  require(grid.ny < std::numeric_limits<std::uint32_t>::max() / grid.nx, "a grid of ", grid.nx, " x ", grid.ny,
          " nodes is too large");
  require(grid.x_low < grid.x_high && grid.y_low < grid.y_high, "a grid needs an area, found [", grid.x_low, ", ", grid.x_high,
          "] x [", grid.y_low, ", ", grid.y_high, "]");
  require(gamma >= 0.0 && gamma <= 1.0, "the discount must be in [0, 1], found ", gamma);
  require(tolerance > 0.0, "the tolerance must be above 0, found ", tolerance);
}

}  // namespace

double GridValues::at(double x, double y) const { return interpolate(values, grid.nx, place(grid, x, y)); }

GridValues grid_value_iteration(const PlaneSystem& system, const NodeGrid& grid, double gamma, double tolerance) {
  check(system, grid, gamma, tolerance);
  const std::vector<Successor> next = successors(system, grid, gamma);
  std::vector<bool> ended;
  for (std::size_t j = 0; j < grid.ny; ++j) {
    for (std::size_t i = 0; i < grid.nx; ++i) ended.push_back(system.ended(grid.x(i), grid.y(j)));
  }

  GridValues result{grid, std::vector<double>(grid.size()), 0};
  const auto A = static_cast<std::size_t>(system.actions);
  double change = 0.0;
  do {
    require(result.sweeps < kMostSweeps, "value iteration: after ", kMostSweeps, " sweeps values still change by ", change,
            ". Use a discount below 1 or a larger tolerance");
    change = 0.0;
    for (std::size_t node = 0; node < grid.size(); ++node) {
      if (ended[node]) continue;
      double best = -std::numeric_limits<double>::infinity();
      for (std::size_t a = 0; a < A; ++a) {
        const Successor& s = next[node * A + a];
        best = std::max(best, s.reward + s.discount * interpolate(result.values, grid.nx, s.place));
      }
      change = std::max(change, std::abs(best - result.values[node]));
      result.values[node] = best;
    }
    ++result.sweeps;
  } while (change >= tolerance);
  return result;
}

std::int64_t look_ahead(const PlaneSystem& system, const GridValues& values, double x, double y, double gamma) {
  std::int64_t chosen = 0;
  double best = -std::numeric_limits<double>::infinity();
  for (std::int64_t a = 0; a < system.actions; ++a) {
    const PlaneSystem::Step step = system.step(x, y, a);
    const double q = step.reward + (step.terminated ? 0.0 : gamma * values.at(step.x, step.y));
    if (q > best) {
      best = q;
      chosen = a;
    }
  }
  return chosen;
}

}  // namespace handgrad
