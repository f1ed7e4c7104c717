#include <algorithm>
#include <cmath>
#include <functional>

#include "app/config/build_run.h"
#include "app/plots/run_pictures.h"
#include "app/run/train_run.h"
#include "app/study/trained_agent.h"
#include "core/safetensors.h"
#include "envs/cliff_walking.h"
#include "envs/frozen_lake.h"
#include "envs/taxi.h"
#include "rl/policy.h"

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

std::optional<TensorFile> last_model(const RecordedRun& run) {
  const auto file = model_file(run.folder, "last");
  if (!std::filesystem::exists(file)) return std::nullopt;
  return read_safetensors(file);
}

/// What is learned of a world that is a table; asked for with care, since it examines every state.
struct LearnedTable {
  std::unique_ptr<TrainedAgent> agent;
  const TrainedAgent::Table* table;
};

std::optional<LearnedTable> learned_table(const RecordedRun& run) {
  const auto model = last_model(run);
  if (!model) return std::nullopt;
  LearnedTable learned{std::make_unique<TrainedAgent>(run.config, *model), nullptr};
  learned.table = &learned.agent->table();
  return learned;
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
    map.values.push_back(table.ends[s] ? NAN : best_value(table, s));
    map.greedy.push_back(table.ends[s] ? -1 : table.greedy[s]);
  }
  if (auto path = greedy_path(table, likeliest_start(*table.environment)); path.size() > 1) {
    map.paths.push_back({"greedy path", std::move(path)});
  }
  Picture picture;
  const double columns = static_cast<double>(cells.rows.front().size()), rows = static_cast<double>(cells.rows.size());
  picture.width = std::max(6.0, 0.85 * columns + 2.0);
  picture.height = std::max(3.6, 0.85 * rows + 1.4);
  picture.panels.push_back(std::move(map));
  return picture;
}

/// One passenger's journey: the taxi's cells on the way to the passenger and on to the destination, over the values of the
/// taxi's position before the passenger is picked up.
Picture taxi_policy(const RecordedRun& run, const TrainedAgent::Table& table) {
  constexpr int kPassenger = 0, kDestination = 3;  // from red to blue
  ValueMap map;
  map.title = run.title() + ": a passenger from R to B";
  map.value_label = "Value of the greedy action, passenger waiting at R";
  map.cells = {{"RFFFG", "FFFFF", "FFFFF", "FFFFF", "YFFBF"}, {'D', 'U', 'R', 'L', 'P', 'X'}};
  for (int row = 0; row < 5; ++row) {
    for (int column = 0; column < 5; ++column) {
      const auto s = static_cast<std::size_t>(Taxi::encode({row, column, kPassenger, kDestination}));
      map.values.push_back(best_value(table, s));
      map.greedy.push_back(table.greedy[s]);
    }
  }
  const std::vector<std::int64_t> states = greedy_path(table, Taxi::encode({4, 4, kPassenger, kDestination}));
  ValueMap::Path to_passenger{"to the passenger", {}}, to_destination{"to the destination", {}};
  for (const std::int64_t state : states) {
    const TaxiState taxi = Taxi::decode(state);
    auto& path = taxi.passenger == kPassenger ? to_passenger : to_destination;
    const std::int64_t cell = taxi.row * 5 + taxi.column;
    if (path.states.empty() || path.states.back() != cell) path.states.push_back(cell);
  }
  for (auto* path : {&to_passenger, &to_destination}) {
    if (path->states.size() > 1) map.paths.push_back(std::move(*path));
  }
  Picture picture;
  picture.width = 6.4;
  picture.height = 5.6;
  picture.panels.push_back(std::move(map));
  return picture;
}

/// Values [A] at a point of a plane through the observations.
using ValuesAt = std::function<std::vector<double>(double x, double y)>;

struct Plane {
  std::string x_label, y_label;
  double x_low, x_high, y_low, y_high;
};

/// Greedy actions beside their values on a grid over the plane. Where all values are still `initial`, nobody has been:
/// `initial` is none for networks, which have an opinion everywhere.
Picture two_panels(const std::string& title, const Plane& plane, const std::vector<std::string>& actions,
                   const std::string& value_label, const ValuesAt& values_at, std::optional<double> initial) {
  constexpr std::size_t kCells = 160;
  PhaseDiagram policy{"Greedy action, " + title,
                      plane.x_label,
                      plane.y_label,
                      "",
                      plane.x_low,
                      plane.x_high,
                      plane.y_low,
                      plane.y_high,
                      kCells,
                      kCells,
                      {},
                      actions,
                      {},
                      {}};
  PhaseDiagram value = policy;
  value.title = "Value of the greedy action, " + title;
  value.value_label = value_label;
  value.action_names = {};
  for (std::size_t i = 0; i < kCells; ++i) {
    const double y = plane.y_low + (static_cast<double>(i) + 0.5) / kCells * (plane.y_high - plane.y_low);
    for (std::size_t j = 0; j < kCells; ++j) {
      const double x = plane.x_low + (static_cast<double>(j) + 0.5) / kCells * (plane.x_high - plane.x_low);
      const std::vector<double> q = values_at(x, y);
      const bool visited = !initial || std::ranges::any_of(q, [&](double v) { return v != *initial; });
      const auto best = std::ranges::max_element(q);
      policy.values.push_back(visited ? static_cast<double>(best - q.begin()) : NAN);
      value.values.push_back(visited ? *best : NAN);
    }
  }
  Picture picture;
  picture.panels = {std::move(policy), std::move(value)};
  picture.width = 12;
  picture.height = 5;
  return picture;
}

std::optional<double> initial_value(const RunConfig& config) {
  if (!uses_table(config) || config.tabular.initial_low != config.tabular.initial_high) return std::nullopt;
  return config.tabular.initial_low;
}

ValuesAt ask(Policy& policy, std::function<std::vector<float>(double, double)> observation) {
  return [&policy, observation = std::move(observation)](double x, double y) {
    const auto values = policy.values(observation(x, y));
    return std::vector<double>(values.begin(), values.end());
  };
}

}  // namespace

std::optional<Picture> q_picture(const RecordedRun& run, const PictureOptions&) {
  const auto environment = environment_maker(run.config.environment)();
  const auto cells = cells_of(environment->unwrapped());
  if (!cells) return std::nullopt;
  const auto learned = learned_table(run);
  if (!learned) return std::nullopt;
  QPlot plot;
  plot.title = run.title();
  plot.cells = *cells;
  plot.q = learned->table->q;
  plot.greedy = true;
  const auto [low, high] = std::ranges::minmax(plot.q);
  plot.low = low < 0 ? low : 0;
  plot.high = high > 1 || low < 0 ? high : 1;
  Picture picture;
  picture.width = std::max(6.0, 1.5 * static_cast<double>(cells->rows.front().size()));
  picture.height = picture.width * static_cast<double>(cells->rows.size()) / static_cast<double>(cells->rows.front().size());
  picture.panels.push_back(std::move(plot));
  return picture;
}

std::optional<Picture> policy_picture(const RecordedRun& run, const PictureOptions&) {
  const auto environment = environment_maker(run.config.environment)();
  const auto cells = cells_of(environment->unwrapped());
  const bool is_taxi = dynamic_cast<const Taxi*>(&environment->unwrapped()) != nullptr;
  if (!cells && !is_taxi) return std::nullopt;
  const auto learned = learned_table(run);
  if (!learned) return std::nullopt;
  return cells ? grid_policy(run, *learned->table, *cells) : taxi_policy(run, *learned->table);
}

std::optional<Picture> phase_picture(const RecordedRun& run, const PictureOptions&) {
  const auto model = last_model(run);
  if (!model || !run.config.environment.id.starts_with("MountainCar")) return std::nullopt;
  Policy policy = Policy::from_tensors(*model, run.folder.string());
  const Plane plane{"Position", "Velocity (per step)", -1.2, 0.6, -0.07, 0.07};
  const auto values_at = ask(policy, [](double x, double y) {
    return std::vector<float>{static_cast<float>(x), static_cast<float>(y)};
  });
  Picture picture = two_panels(run.title(), plane, {"left", "none", "right"}, "Value (minus steps to go)", values_at,
                               initial_value(run.config));

  const auto environment = environment_maker(run.config.environment)();
  std::vector<float> observation(2);
  std::vector<double> positions, velocities;
  environment->reset(final_evaluation_seed(run.config.seed), observation);
  for (std::int64_t step = 0; step < kLongestPath; ++step) {
    positions.push_back(observation[0]);
    velocities.push_back(observation[1]);
    const StepResult result = environment->step(policy.act(observation), observation);
    if (result.terminated || result.truncated) break;
  }
  positions.push_back(observation[0]);
  velocities.push_back(observation[1]);
  for (Panel& panel : picture.panels) {
    std::get<PhaseDiagram>(panel).trajectory_x = positions;
    std::get<PhaseDiagram>(panel).trajectory_y = velocities;
  }
  return picture;
}

std::optional<Picture> slices_picture(const RecordedRun& run, const PictureOptions&) {
  const auto model = last_model(run);
  if (!model || !run.config.environment.id.starts_with("CartPole")) return std::nullopt;
  Policy policy = Policy::from_tensors(*model, run.folder.string());
  const Plane plane{"Pole angle (rad)", "Pole angular velocity (rad/s)", -0.20944, 0.20944, -3.5, 3.5};
  const auto values_at = ask(policy, [](double x, double y) {
    return std::vector<float>{0.0F, 0.0F, static_cast<float>(x), static_cast<float>(y)};
  });
  return two_panels("cart at rest in the middle", plane, {"left", "right"}, "Value", values_at, initial_value(run.config));
}

}  // namespace handgrad::app
