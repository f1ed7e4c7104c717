// The best way out of the valley, wherever the car is: value iteration on a grid of positions and velocities.

#include <algorithm>
#include <array>
#include <limits>
#include <memory>
#include <nlohmann/json.hpp>

#include "app/demos/demos.h"
#include "app/format.h"
#include "app/text_table.h"
#include "envs/mountain_car.h"
#include "envs/registry.h"
#include "rl/evaluation.h"
#include "rl/grid_value_iteration.h"

namespace handgrad::app {

namespace {

constexpr double kLeft = -1.2, kRight = 0.6, kGoal = 0.5, kTopSpeed = 0.07;
const std::vector<std::string> kNames = {"left", "none", "right"};

/// MountainCar as a system to plan with: the environment itself, put into whatever state is asked for.
PlaneSystem system_of() {
  struct World {
    MountainCar car;
    Snapshot snapshot;
    std::array<float, 2> observation{};
  };
  auto world = std::make_shared<World>();
  world->car.reset(0, world->observation);
  world->snapshot = world->car.save();
  return {3,
          [world](double position, double velocity, std::int64_t action) -> PlaneSystem::Step {
            world->snapshot.values = {position, velocity};
            world->car.load(world->snapshot);
            const StepResult step = world->car.step(action, world->observation);
            const std::vector<double> state = world->car.state();
            return {state[0], state[1], step.reward, step.terminated};
          },
          [](double position, double) { return position >= kGoal; }};
}

/// One episode of the look-ahead policy in the environment with its time limit.
struct Drive {
  double sum = 0;
  std::vector<double> positions, velocities;
};

Drive drive(Environment& car, std::optional<std::uint64_t> seed, const PlaneSystem& system, const GridValues& values) {
  std::array<float, 2> observation{};
  car.reset(seed, observation);
  Drive result;
  for (;;) {
    const std::vector<double> state = car.state();
    result.positions.push_back(state[0]), result.velocities.push_back(state[1]);
    const StepResult step = car.step(look_ahead(system, values, state[0], state[1], 1.0), observation);
    result.sum += step.reward;
    if (!step.terminated && !step.truncated) continue;
    result.positions.push_back(car.state()[0]), result.velocities.push_back(car.state()[1]);
    return result;
  }
}

PhaseDiagram diagram(const std::string& title, const NodeGrid& grid, std::vector<double> cells, const Drive& shown) {
  PhaseDiagram result;
  result.title = title;
  result.x_label = "Position";
  result.y_label = "Velocity";
  result.x_low = grid.x_low, result.x_high = grid.x_high, result.y_low = grid.y_low, result.y_high = grid.y_high;
  result.nx = grid.nx, result.ny = grid.ny;
  result.values = std::move(cells);
  result.trajectory_x = shown.positions, result.trajectory_y = shown.velocities;
  return result;
}

/// The greedy action of each node.
std::vector<double> node_actions(const PlaneSystem& system, const GridValues& values) {
  std::vector<double> actions;
  for (std::size_t j = 0; j < values.grid.ny; ++j) {
    for (std::size_t i = 0; i < values.grid.nx; ++i) {
      actions.push_back(static_cast<double>(look_ahead(system, values, values.grid.x(i), values.grid.y(j), 1.0)));
    }
  }
  return actions;
}

DemoReport run(const DemoRequest& request) {
  const auto n = static_cast<std::size_t>(request.values.whole("nodes"));
  const std::int64_t episodes = request.values.whole("episodes");
  const PlaneSystem system = system_of();
  const GridValues values = grid_value_iteration(system, {kLeft, kRight, -kTopSpeed, kTopSpeed, n, n}, 1.0);
  const std::vector<double> actions = node_actions(system, values);

  const auto car = Registry::gymnasium().make("MountainCar-v0");
  const Drive shown = drive(*car, request.seed, system, values);
  std::vector<double> returns{shown.sum};
  while (static_cast<std::int64_t>(returns.size()) < episodes) {
    returns.push_back(drive(*car, std::nullopt, system, values).sum);
    request.progress(static_cast<std::int64_t>(returns.size()), episodes);
  }
  const ReturnStatistics s = statistics(returns);

  TextTable shares({"action", "share of the nodes"}, "lr");
  nlohmann::ordered_json json = {{"nodes", n},
                                 {"sweeps", values.sweeps},
                                 {"value_at_rest", values.at(-0.5, 0)},
                                 {"episodes", episodes},
                                 {"mean", s.mean},
                                 {"std", s.std},
                                 {"min", s.min},
                                 {"max", s.max}};
  for (std::size_t a = 0; a < kNames.size(); ++a) {
    const auto count = std::count(actions.begin(), actions.end(), static_cast<double>(a));
    const double share = static_cast<double>(count) / static_cast<double>(actions.size());
    shares.add({kNames[a], fixed(100 * share, 1) + " %"});
    json["shares"][kNames[a]] = share;
  }
  const std::string lines =
      text("value iteration on ", n, " x ", n, " nodes: ", values.sweeps, " sweeps until no value changes by 1e-6\n",
           "V(-0.5, 0) = ", fixed(values.at(-0.5, 0), 2), ": minus the steps to go from rest in the valley\n",
           "look-ahead policy, ", grouped(episodes), " starts: mean return ", fixed(s.mean, 2), " +- ", fixed(s.std, 2),
           ", from ", brief(s.min), " to ", brief(s.max), "\n\n") +
      shares.to_string();

  PhaseDiagram choice = diagram("Greedy action", values.grid, actions, shown);
  choice.action_names = kNames;
  PhaseDiagram value = diagram("Value", values.grid, values.values, shown);
  value.value_label = "minus the steps to go";
  DemoReport report{lines, json.dump(), {{"phase", {{choice, value}, 12.0, 4.8}}}};
  if (n == 201 && episodes >= 1000) {
    report.bars = {close_to("the mean return over 1,000 starts is -97.8 +- 1.0", s.mean, -97.8, 1.0, 2),
                   close_to("V(-0.5, 0) is -102.71 +- 0.1", values.at(-0.5, 0), -102.71, 0.1, 2)};
    for (const auto& [action, share] : {std::pair{"left", 57.8}, {"none", 0.5}, {"right", 41.7}}) {
      report.bars.push_back(close_to(text(share, " % +- 2 of the nodes choose ", action),
                                     100 * json["shares"][action].get<double>(), share, 2, 1));
    }
  }
  return report;
}

}  // namespace

Demo mountaincar_phase_demo() {
  return {"mountaincar-phase",
          "the best action for every position and velocity of MountainCar, by value iteration on a grid",
          {{"nodes", std::int64_t{201}, "of the grid, a side", within(2, 2001), {}},
           {"episodes", std::int64_t{1000}, "starts the mean return is of; the first is drawn", within(1, 10'000'000), {}}},
          run};
}

}  // namespace handgrad::app
