#include "frozen_lake_map.h"

#include <algorithm>
#include <array>

#include "../core/error.h"
#include "../core/random.h"
#include "../core/suggest.h"

namespace handgrad {
namespace {

/// Whether a way over cells that are no holes leads from the first cell to the last, the goal of a random map.
bool passable(const FrozenLakeMap& map) {
  const std::size_t rows = map.size(), columns = map[0].size();
  std::vector<bool> seen(rows * columns);
  std::vector<std::size_t> frontier{0};
  seen[0] = true;
  while (!frontier.empty()) {
    const std::size_t cell = frontier.back();
    frontier.pop_back();
    if (cell + 1 == rows * columns) return true;
    const std::size_t row = cell / columns, column = cell % columns;
    const auto visit = [&](bool inside, std::size_t next) {
      if (!inside || seen[next] || map[next / columns][next % columns] == 'H') return;
      seen[next] = true;
      frontier.push_back(next);
    };
    visit(row > 0, cell - columns);
    visit(row + 1 < rows, cell + columns);
    visit(column > 0, cell - 1);
    visit(column + 1 < columns, cell + 1);
  }
  return false;
}

}  // namespace

FrozenLakeMap frozen_lake_map(const std::string& name) {
  if (name == "4x4") return {"SFFF", "FHFH", "FFFH", "HFFG"};
  if (name == "8x8") {
    return {"SFFFFFFF", "FFFFFFFF", "FFFHFFFF", "FFFFFHFF", "FFFHFFFF", "FHHFFFHF", "FHFFHFHF", "FFFHFFFG"};
  }
  fail("FrozenLake: there is no map '", name, "'.", did_you_mean(name, {"4x4", "8x8"}),
       " There are 4x4 and 8x8; desc takes a map of your own.");
}

void check_frozen_lake_map(const FrozenLakeMap& map) {
  constexpr std::size_t kMostCells = std::size_t{1} << 20;  // a cell takes about a kilobyte in the table of transitions
  require(!map.empty() && !map[0].empty(), "FrozenLake: a map needs at least one row with one cell");
  require(map.size() <= kMostCells / map[0].size(), "FrozenLake: a map has at most ", kMostCells, " cells, found ", map.size(),
          " rows of ", map[0].size());
  bool start = false;
  for (std::size_t row = 0; row < map.size(); ++row) {
    require(map[row].size() == map[0].size(), "FrozenLake: rows of a map are of one length, but row ", row, " has ",
            map[row].size(), " cells and row 0 has ", map[0].size());
    const std::size_t stranger = map[row].find_first_not_of("SFHG");
    require(stranger == std::string::npos, "FrozenLake: row ", row, " of the map, \"", map[row],
            "\", holds something else than S (start), F (frozen), H (hole) and G (goal)");
    start = start || map[row].find('S') != std::string::npos;
  }
  require(start, "FrozenLake: a map needs at least one start S");
}

FrozenLakeMap generate_random_map(std::int64_t size, double p, std::uint64_t seed) {
  require(size >= 2 && size <= 1000, "a random map is between 2 and 1000 cells wide, got ", size);
  require(p > 0.0, "a random map needs a probability of frozen cells above 0, got ", p);
  p = std::min(1.0, p);
  const std::array<double, 2> frozen_or_hole{p, 1.0 - p};
  const auto n = static_cast<std::size_t>(size);
  const std::int64_t attempts = 100'000'000 / (size * size);

  Generator generator(seed);
  FrozenLakeMap map(n, std::string(n, 'F'));
  for (std::int64_t attempt = 0; attempt < attempts; ++attempt) {
    for (std::string& row : map) {
      for (char& cell : row) cell = generator.choice(frozen_or_hole) == 0 ? 'F' : 'H';
    }
    map.front().front() = 'S';
    map.back().back() = 'G';
    if (passable(map)) return map;
  }
  fail("no passable map in ", attempts, " attempts: p = ", p, " leaves too few frozen cells for size ", size);
}

}  // namespace handgrad
