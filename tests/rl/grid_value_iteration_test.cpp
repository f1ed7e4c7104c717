#include "rl/grid_value_iteration.h"

#include <algorithm>
#include <cmath>

#include "tests/support/catch.h"
#include "tests/support/error_message.h"

using namespace handgrad;

namespace {

/// A point that moves `stride` to the right (action 0) or to the left (action 1), at a cost of 1, until x >= 1.
PlaneSystem line(double stride) {
  return {2,
          [stride](double x, double y, std::int64_t action) -> PlaneSystem::Step {
            const double next = std::max(0.0, x + (action == 0 ? stride : -stride));
            return {next, y, -1.0, next >= 1.0};
          },
          [](double x, double) { return x >= 1.0; }};
}

/// MountainCar by its two equations, at a cost of 1 a step.
PlaneSystem mountain_car() {
  return {3,
          [](double position, double velocity, std::int64_t action) -> PlaneSystem::Step {
            double v = velocity + static_cast<double>(action - 1) * 0.001 - 0.0025 * std::cos(3 * position);
            v = std::clamp(v, -0.07, 0.07);
            const double p = std::clamp(position + v, -1.2, 0.6);
            if (p == -1.2 && v < 0) v = 0;
            return {p, v, -1.0, p >= 0.5 && v >= 0};
          },
          [](double position, double) { return position >= 0.5; }};
}

}  // namespace

TEST_CASE("Where steps go from node to node, value iteration on a grid counts the steps", "[planning]") {
  const NodeGrid grid{0, 1, -1, 1, 9, 3};
  const GridValues v = grid_value_iteration(line(0.125), grid, 1.0);
  for (std::size_t j = 0; j < grid.ny; ++j) {
    for (std::size_t i = 0; i < grid.nx; ++i) CHECK(v.values[j * grid.nx + i] == -static_cast<double>(grid.nx - 1 - i));
  }
  CHECK(v.at(0.3125, 0.2) == -5.5);  // half-way between nodes
  CHECK(v.at(-7, 9) == -8);          // outside: the corner
  CHECK(v.at(1, 1) == 0);
  CHECK(look_ahead(line(0.125), v, 0.4, 0, 1.0) == 0);
}

TEST_CASE("A discount shrinks what is far", "[planning]") {
  const GridValues v = grid_value_iteration(line(0.25), {0, 1, 0, 1, 5, 2}, 0.5, 1e-12);
  CHECK(v.values[0] == Approx(-(1 + 0.5 + 0.25 + 0.125)).margin(1e-11));
}

TEST_CASE("The last nodes are the ends of the grid to the bit, or a hair beside", "[planning]") {
  const NodeGrid grid{-1.2, 0.6, -0.07, 0.07, 201, 201};
  CHECK(grid.x(0) == -1.2);
  CHECK(grid.x(200) == Approx(0.6).margin(1e-15));
  CHECK(grid.y(200) == Approx(0.07).margin(1e-16));
}

TEST_CASE("Value iteration on MountainCar gives the known value at rest in the valley", "[planning]") {
  const GridValues v = grid_value_iteration(mountain_car(), {-1.2, 0.6, -0.07, 0.07, 101, 101}, 1.0);
  CHECK(v.at(-0.5, 0) == Approx(-104.86).margin(0.01));
  // Its look-ahead policy gets out, in about as many steps.
  double x = -0.5, y = 0;
  int steps = 0;
  for (bool over = false; !over && steps < 200; ++steps) {
    const PlaneSystem::Step step = mountain_car().step(x, y, look_ahead(mountain_car(), v, x, y, 1.0));
    x = step.x, y = step.y, over = step.terminated;
  }
  CHECK(steps < 110);
}

TEST_CASE("Value iteration on a grid refuses what does not fit, with the reason", "[planning]") {
  const auto message = [](const NodeGrid& grid, double gamma, double tolerance) {
    return error_message([&] { grid_value_iteration(line(0.1), grid, gamma, tolerance); });
  };
  CHECK(contains(message({0, 1, 0, 1, 1, 5}, 1, 1e-6), "at least 2 x 2 nodes, found 1 x 5"));
  CHECK(contains(message({0, 0, 0, 1, 5, 5}, 1, 1e-6), "needs an area"));
  CHECK(contains(message({0, 1, 0, 1, 5, 5}, 2, 1e-6), "the discount must be in [0, 1], found 2"));
  CHECK(contains(message({0, 1, 0, 1, 5, 5}, 1, 0), "the tolerance must be above 0"));
}
