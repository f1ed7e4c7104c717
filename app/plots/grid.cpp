#include "app/plots/grid.h"

#include <algorithm>

#include "core/error.h"

namespace handgrad::app::plots {

std::size_t grid_rows(const GridCells& cells) { return cells.rows.size(); }
std::size_t grid_columns(const GridCells& cells) { return cells.rows.front().size(); }
std::size_t grid_size(const GridCells& cells) { return grid_rows(cells) * grid_columns(cells); }

char letter(const GridCells& cells, std::size_t state) {
  return cells.rows[state / grid_columns(cells)][state % grid_columns(cells)];
}

bool is_hole(char letter) { return letter == 'H' || letter == 'C'; }

void check_grid(const GridCells& cells, const std::string& what) {
  require(!cells.rows.empty() && !cells.rows.front().empty(), what, ": there are no cells");
  for (const auto& row : cells.rows) {
    require(row.size() == cells.rows.front().size(), what, ": the rows have ", cells.rows.front().size(), " and ", row.size(),
            " cells");
  }
  require(!cells.directions.empty(), what, ": there are no actions");
  const auto columns = static_cast<std::int64_t>(grid_columns(cells)), size = static_cast<std::int64_t>(grid_size(cells));
  for (const auto& [a, b] : cells.walls) {
    const auto low = std::min(a, b), high = std::max(a, b);
    const bool beside = high - low == 1 && low / columns == high / columns;
    require(low >= 0 && high < size && (beside || high - low == columns), what, ": a wall stands between ", a, " and ", b,
            ", which are no neighbours");
  }
}

std::optional<Step> step_of(char direction) {
  switch (direction) {
    case 'L': return Step{-1, 0};
    case 'R': return Step{1, 0};
    case 'U': return Step{0, -1};
    case 'D': return Step{0, 1};
    default: return std::nullopt;
  }
}

std::string direction_name(char direction) {
  switch (direction) {
    case 'L': return "left";
    case 'R': return "right";
    case 'U': return "up";
    case 'D': return "down";
    default: return std::string(1, direction);
  }
}

std::optional<Colour> special_colour(char letter) {
  if (is_hole(letter)) return over_white(colour("FF0000"), 0.5);
  if (letter == 'G') return over_white(colour("008000"), 0.5);
  return std::nullopt;
}

std::string grid_frame(const GridCells& cells, const Layout& layout) {
  const std::size_t rows = grid_rows(cells), columns = grid_columns(cells);
  std::string result =
      layout.commands() + text("unset grid\nunset xtics\nunset ytics\nset border 15 linewidth 1.2 linecolor rgb ",
                               "'black' front\nset xrange [0:", columns, "]\nset yrange [", rows, ":0]\n");
  for (std::size_t c = 1; c < columns; ++c) {
    result += text("set arrow from ", c, ", 0 to ", c, ", ", rows, " nohead linewidth 1 linecolor rgb 'black' front\n");
  }
  for (std::size_t r = 1; r < rows; ++r) {
    result += text("set arrow from 0, ", r, " to ", columns, ", ", r, " nohead linewidth 1 linecolor rgb 'black' front\n");
  }
  for (const auto& [a, b] : cells.walls) {
    const auto high = static_cast<std::size_t>(std::max(a, b)), low = static_cast<std::size_t>(std::min(a, b));
    const std::size_t row = high / columns, column = high % columns;
    const bool beside = high - low == 1;
    result += text("set arrow from ", column, ", ", row, " to ", column + (beside ? 0 : 1), ", ", row + (beside ? 1 : 0),
                   " nohead linewidth 5 linecolor rgb 'black' front\n");
  }
  return result;
}

}  // namespace handgrad::app::plots
