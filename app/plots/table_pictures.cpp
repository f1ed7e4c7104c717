#include <algorithm>
#include <cmath>

#include "app/config/build_run.h"
#include "app/plots/run_pictures.h"
#include "app/study/trained_agent.h"
#include "envs/cliff_walking.h"
#include "envs/frozen_lake.h"
#include "envs/rooms.h"
#include "envs/taxi.h"

namespace handgrad::app {

namespace {

constexpr std::int64_t kLongestPath = 1000;

/// The cells of a grid world; none for other environments.
std::optional<GridCells> cells_of(const Environment& environment) {
  if (const auto* lake = dynamic_cast<const FrozenLake*>(&environment)) {
    return GridCells{lake->map(), {'L', 'D', 'R', 'U'}};
  }
  if (dynamic_cast<const CliffWalking*>(&environment) != nullptr) {
    return GridCells{{"FFFFFFFFFFFF", "FFFFFFFFFFFF", "FFFFFFFFFFFF", "SCCCCCCCCCCG"}, {'U', 'R', 'D', 'L'}};
  }
  return std::nullopt;
}

/// What is learned of a world that is a table; asked for with care, since it examines every state.
struct LearnedTable {
  std::unique_ptr<TrainedAgent> agent;
  const TrainedAgent::Table* table;
};

std::optional<LearnedTable> learned_table(const RecordedRun& run) {
  const auto model = run.last_model();
  if (!model) return std::nullopt;
  LearnedTable learned{std::make_unique<TrainedAgent>(run.config, *model), nullptr};
  learned.table = &learned.agent->table();
  return learned;
}

bool is_cliff(const GridCells& cells, std::size_t state) {
  const std::size_t columns = cells.rows.front().size();
  return cells.rows[state / columns][state % columns] == 'C';
}

double best_value(const TrainedAgent::Table& table, std::size_t state) {
  double best = -HUGE_VAL;
  for (std::size_t a = 0; a < table.actions; ++a) best = std::max(best, table.q[state * table.actions + a]);
  return best;
}

/// The states that greedy actions lead through from `state`, where nothing is left to chance; cut off where it goes in
/// circles.
std::vector<std::int64_t> greedy_path(const TrainedAgent::Table& table, std::int64_t state) {
  std::vector<std::int64_t> path = {state};
  for (std::int64_t step = 0; step < kLongestPath; ++step) {
    const auto s = static_cast<std::size_t>(path.back());
    const auto& ways = table.environment->transitions()[s][static_cast<std::size_t>(table.greedy[s])];
    if (ways.size() != 1) return {};
    if (std::ranges::find(path, ways[0].next_state) != path.end()) return path;
    path.push_back(ways[0].next_state);
    if (ways[0].terminated) return path;
  }
  return path;
}

std::int64_t likeliest_start(const TabularEnvironment& environment) {
  const auto& distribution = environment.initial_distribution();
  return std::ranges::max_element(distribution) - distribution.begin();
}

Picture grid_policy(const RecordedRun& run, const TrainedAgent::Table& table, const GridCells& cells) {
  ValueMap map;
  map.title = run.title();
  map.value_label = "Value of the greedy action";
  map.cells = cells;
  for (std::size_t s = 0; s < table.states; ++s) {
    map.values.push_back(table.ends[s] || is_cliff(cells, s) ? NAN : best_value(table, s));
    map.greedy.push_back(table.ends[s] ? -1 : table.greedy[s]);
  }
  if (auto path = greedy_path(table, likeliest_start(*table.environment)); path.size() > 1) {
    map.paths.push_back({"greedy path", std::move(path)});
  }
  Picture picture;
  const double columns = static_cast<double>(cells.rows.front().size()), rows = static_cast<double>(cells.rows.size());
  picture.width = std::max(6.0, 0.85 * columns + 2.0);
  picture.height = std::max(3.6, 0.85 * rows + 1.4);
  picture.panels.emplace_back(std::move(map));
  return picture;
}

/// Where the taxi is, for a passenger who waits, or sits in it: values and greedy actions.
ValueMap taxi_map(const TrainedAgent::Table& table, int passenger, int destination, const std::string& title) {
  ValueMap map;
  map.title = title;
  map.value_label = "Value of the greedy action";
  map.cells = {{"RFFFg", "FFFFF", "FFFFF", "FFFFF", "yFFBF"},
               {'D', 'U', 'R', 'L', 'P', 'X'},
               {{1, 2}, {6, 7}, {15, 16}, {17, 18}, {20, 21}, {22, 23}}};
  for (int row = 0; row < 5; ++row) {
    for (int column = 0; column < 5; ++column) {
      const auto s = static_cast<std::size_t>(Taxi::encode({row, column, passenger, destination}));
      map.values.push_back(best_value(table, s));
      map.greedy.push_back(table.greedy[s]);
    }
  }
  return map;
}

/// One passenger's journey, on the way to the passenger and on to the destination.
Picture taxi_policy(const TrainedAgent::Table& table) {
  constexpr int kPassenger = 0, kInTaxi = 4, kDestination = 3;  // from red to blue
  ValueMap waiting = taxi_map(table, kPassenger, kDestination, "Passenger waits at R (P: pick up)");
  ValueMap riding = taxi_map(table, kInTaxi, kDestination, "Passenger in the taxi, to B (X: drop off)");
  ValueMap::Path to_passenger{"greedy path to R", {}}, to_destination{"greedy path to B", {}};
  for (const std::int64_t state : greedy_path(table, Taxi::encode({4, 4, kPassenger, kDestination}))) {
    const TaxiState taxi = Taxi::decode(state);
    auto& path = taxi.passenger == kPassenger ? to_passenger : to_destination;
    const std::int64_t cell = taxi.row * 5 + taxi.column;
    if (path.states.empty() || path.states.back() != cell) path.states.push_back(cell);
  }
  if (to_passenger.states.size() > 1) waiting.paths.push_back(std::move(to_passenger));
  if (to_destination.states.size() > 1) riding.paths.push_back(std::move(to_destination));
  Picture picture;
  picture.width = 12;
  picture.height = 5.2;
  picture.panels = {std::move(waiting), std::move(riding)};
  return picture;
}

/// States by actions, where actions lead to rooms and not in directions.
Picture room_values(const RecordedRun& run, const TrainedAgent::Table& table) {
  HeatMap map;
  map.title = run.title();
  map.x_label = "Action (the room to go to)";
  map.y_label = "State (the room)";
  map.value_label = "Action value";
  map.downwards = true;
  for (std::size_t a = 0; a < table.actions; ++a) map.x_names.push_back(std::to_string(a));
  for (std::size_t state = 0; state < table.states; ++state) map.y_names.push_back(std::to_string(state));
  for (const double q : table.q) map.values.push_back(std::isfinite(q) ? q : NAN);  // -∞: there is no door
  Picture picture;
  picture.panels.emplace_back(std::move(map));
  return picture;
}

/// Action values in four triangles a cell. Where returns are probabilities, the colours go from 0 to 1; else from the worst
/// to the best state, since single actions such as a fall may be worse by far than all there is to tell apart.
Picture cell_values(const RecordedRun& run, const TrainedAgent::Table& table, const GridCells& cells, bool probabilities) {
  QPlot plot;
  plot.title = run.title();
  plot.cells = cells;
  plot.q = table.q;
  plot.greedy = true;
  plot.skip_zero_cells = true;
  if (!probabilities) {
    plot.low = HUGE_VAL;
    plot.high = -HUGE_VAL;
    for (std::size_t state = 0; state < table.states; ++state) {
      if (table.ends[state] || is_cliff(cells, state)) continue;
      plot.low = std::min(plot.low, best_value(table, state));
      plot.high = std::max(plot.high, best_value(table, state));
    }
    if (!(plot.low < plot.high)) plot.high = plot.low + 1;
  }
  const auto columns = static_cast<double>(cells.rows.front().size()), rows = static_cast<double>(cells.rows.size());
  Picture picture;
  picture.width = std::max(6.0, 0.95 * columns);
  picture.height = picture.width * rows / columns + 0.3;
  picture.panels.emplace_back(std::move(plot));
  return picture;
}

}  // namespace

std::optional<Picture> q_picture(const RecordedRun& run, const PictureOptions&) {
  const auto environment = environment_maker(run.config.environment)();
  const Environment& world = environment->unwrapped();
  const auto cells = cells_of(world);
  const bool is_rooms = dynamic_cast<const Rooms*>(&world) != nullptr;
  if (!cells && !is_rooms) return std::nullopt;
  const auto learned = learned_table(run);
  if (!learned) return std::nullopt;
  if (is_rooms) return room_values(run, *learned->table);
  return cell_values(run, *learned->table, *cells, dynamic_cast<const FrozenLake*>(&world) != nullptr);
}

std::optional<Picture> policy_picture(const RecordedRun& run, const PictureOptions&) {
  const auto environment = environment_maker(run.config.environment)();
  const auto cells = cells_of(environment->unwrapped());
  const bool is_taxi = dynamic_cast<const Taxi*>(&environment->unwrapped()) != nullptr;
  if (!cells && !is_taxi) return std::nullopt;
  const auto learned = learned_table(run);
  if (!learned) return std::nullopt;
  return cells ? grid_policy(run, *learned->table, *cells) : taxi_policy(*learned->table);
}

}  // namespace handgrad::app
