#include "frozen_lake.h"

#include <algorithm>
#include <cmath>

#include "../core/error.h"

namespace handgrad {
namespace {

constexpr int kActions = 4;  // left, down, right, up: in this order neighbours are the sides one slips to

std::size_t moved(std::size_t row, std::size_t column, int direction, std::size_t rows, std::size_t columns) {
  switch (direction) {
    case 0: column = column == 0 ? 0 : column - 1; break;
    case 1: row = std::min(row + 1, rows - 1); break;
    case 2: column = std::min(column + 1, columns - 1); break;
    default: row = row == 0 ? 0 : row - 1; break;
  }
  return row * columns + column;
}

/// How action a can go in one cell.
std::vector<Transition> cell_transitions(const FrozenLakeOptions& options, const FrozenLakeMap& map, std::size_t row,
                                         std::size_t column, int action) {
  const std::size_t columns = map[0].size();
  const char here = map[row][column];
  // Trap: staying on G or H pays 0, not the schedule.
  if (here == 'G' || here == 'H') return {{1.0, static_cast<std::int64_t>(row * columns + column), 0.0, true}};

  const auto entry = [&](double probability, int direction) -> Transition {
    const std::size_t next = moved(row, column, direction, map.size(), columns);
    const char letter = map[next / columns][next % columns];
    const double reward = options.reward_schedule[letter == 'G' ? 0 : letter == 'H' ? 1 : 2];
    return {probability, static_cast<std::int64_t>(next), reward, letter == 'G' || letter == 'H'};
  };
  if (!options.is_slippery) return {entry(1.0, action)};
  // Trap: with the default 1/3 a side gets 0.33333333333333337, one bit more than 1/3. The order of the entries decides
  // which one a draw picks: side, meant, side.
  const double side = (1.0 - options.success_rate) / 2.0;
  return {entry(side, (action + kActions - 1) % kActions), entry(options.success_rate, action),
          entry(side, (action + 1) % kActions)};
}

TransitionTable transition_table(const FrozenLakeOptions& options, const FrozenLakeMap& map) {
  TransitionTable table;
  for (std::size_t row = 0; row < map.size(); ++row) {
    for (std::size_t column = 0; column < map[row].size(); ++column) {
      auto& actions = table.emplace_back();
      for (int a = 0; a < kActions; ++a) actions.push_back(cell_transitions(options, map, row, column, a));
    }
  }
  return table;
}

/// Equal over all starts.
std::vector<double> initial_distribution(const FrozenLakeMap& map) {
  std::string cells;
  for (const std::string& row : map) cells += row;
  const auto starts = static_cast<double>(std::count(cells.begin(), cells.end(), 'S'));
  std::vector<double> distribution;
  for (const char cell : cells) distribution.push_back(cell == 'S' ? 1.0 / starts : 0.0);
  return distribution;
}

/// The map the options ask for, after all options have been found good.
FrozenLakeMap checked_map(const FrozenLakeOptions& options) {
  const double rate = options.success_rate;
  require(rate >= 0.0 && rate <= 1.0, "FrozenLake: success_rate is ", rate, ", expected a probability in [0, 1]");
  for (const double reward : options.reward_schedule) {
    require(std::isfinite(reward), "FrozenLake: reward_schedule holds ", reward, ", expected finite numbers");
  }
  FrozenLakeMap map = options.desc ? *options.desc : frozen_lake_map(options.map_name);
  check_frozen_lake_map(map);
  return map;
}

}  // namespace

FrozenLakeOptions frozen_lake_options(const EnvironmentOptions& options) {
  FrozenLakeOptions read;
  read_option(options, "desc", read.desc);
  read_option(options, "map_name", read.map_name);
  read_option(options, "is_slippery", read.is_slippery);
  read_option(options, "success_rate", read.success_rate);
  read_option(options, "reward_schedule", read.reward_schedule);
  return read;
}

FrozenLake::FrozenLake(const FrozenLakeOptions& options) : FrozenLake(options, checked_map(options)) {}

FrozenLake::FrozenLake(const FrozenLakeOptions& options, FrozenLakeMap map)
    : TabularEnvironment(transition_table(options, map), handgrad::initial_distribution(map), "FrozenLake"),
      map_(std::move(map)) {}

std::string FrozenLake::ansi() const {
  constexpr std::array<const char*, kActions> kNames{"  (Left)", "  (Down)", "  (Right)", "  (Up)"};
  const auto agent = static_cast<std::size_t>(current_state());
  const std::size_t columns = map_[0].size();
  std::string picture = last_action() ? kNames[static_cast<std::size_t>(*last_action())] : "";
  picture += '\n';
  for (std::size_t row = 0; row < map_.size(); ++row) {
    for (std::size_t column = 0; column < columns; ++column) {
      const bool here = row * columns + column == agent;
      picture += here ? std::string("\x1b[41m") + map_[row][column] + "\x1b[0m" : std::string(1, map_[row][column]);
    }
    picture += '\n';
  }
  return picture;
}

}  // namespace handgrad
