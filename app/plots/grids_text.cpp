#include <algorithm>
#include <cmath>
#include <functional>

#include "app/format.h"
#include "app/plots/grid.h"
#include "app/plots/panels.h"
#include "app/plots/text_canvas.h"

// Worlds of cells for a terminal.

namespace handgrad::app::plots {

namespace {

std::string arrow(char direction) {
  switch (direction) {
    case 'L': return "←";
    case 'R': return "→";
    case 'U': return "↑";
    case 'D': return "↓";
    default: return std::string(1, direction);
  }
}

bool has_wall(const GridCells& cells, std::size_t a, std::size_t b) {
  const auto first = static_cast<std::int64_t>(a), second = static_cast<std::int64_t>(b);
  return std::any_of(cells.walls.begin(), cells.walls.end(), [&](const auto& wall) {
    return (wall.first == first && wall.second == second) || (wall.first == second && wall.second == first);
  });
}

// Cells of the same size with lines around them, thick ones for walls. `inside` gives the lines of a cell, `width` characters
// wide each.
std::string grid_text(const GridCells& cells, std::size_t width,
                      const std::function<std::vector<std::string>(std::size_t)>& inside) {
  const std::size_t rows = grid_rows(cells), columns = grid_columns(cells);
  const auto repeat = [](const char* character, std::size_t count) {
    std::string result;
    for (std::size_t i = 0; i < count; ++i) result += character;
    return result;
  };
  const auto rule = [&](const char* left, const char* cross, const char* right, std::size_t below) {
    std::string line = left;
    for (std::size_t c = 0; c < columns; ++c) {
      const bool wall = below > 0 && below < rows && has_wall(cells, (below - 1) * columns + c, below * columns + c);
      line += repeat(wall ? "━" : "─", width) + (c + 1 < columns ? cross : right);
    }
    return line + "\n";
  };
  std::string result = rule("┌", "┬", "┐", 0);
  for (std::size_t r = 0; r < rows; ++r) {
    std::vector<std::string> lines;
    for (std::size_t c = 0; c < columns; ++c) {
      const auto cell = inside(r * columns + c);
      lines.resize(cell.size());
      const char* edge = c > 0 && has_wall(cells, r * columns + c - 1, r * columns + c) ? "┃" : "│";
      for (std::size_t k = 0; k < cell.size(); ++k) lines[k] += edge + centred(cell[k], width);
    }
    for (const auto& line : lines) result += line + "│\n";
    result += r + 1 < rows ? rule("├", "┼", "┤", r + 1) : rule("└", "┴", "┘", rows);
  }
  return result;
}

bool fits(const GridCells& cells, std::size_t cell_width, std::size_t width) {
  return grid_columns(cells) * (cell_width + 1) + 1 <= width;
}

// What stands in a cell without values; nothing for free cells.
std::string letter_of(const GridCells& cells, std::size_t state) {
  const char c = letter(cells, state);
  return c == 'F' || c == '.' || c == ' ' ? "" : std::string(1, c);
}

// The arrows of a policy, a character a cell: letters for holes, cliffs and goals.
std::string policy_rows(const GridCells& cells, const std::function<std::string(std::size_t)>& action) {
  std::string result;
  for (std::size_t s = 0; s < grid_size(cells); ++s) {
    const std::string mark = special_colour(letter(cells, s)) ? letter_of(cells, s) : action(s);
    result += (s % grid_columns(cells) == 0 ? "" : " ") + (mark.empty() ? "." : mark);
    if ((s + 1) % grid_columns(cells) == 0) result += "\n";
  }
  return result;
}

}  // namespace

std::string text_form(const QPlot& plot, std::size_t width) {
  const GridCells& cells = plot.cells;
  const std::size_t actions = cells.directions.size();
  const auto value = [&](std::size_t s, char direction) {
    const auto a = std::find(cells.directions.begin(), cells.directions.end(), direction) - cells.directions.begin();
    return static_cast<std::size_t>(a) == actions ? NAN : plot.q[s * actions + static_cast<std::size_t>(a)];
  };
  const auto empty = [&](std::size_t s) {
    return std::all_of(cells.directions.begin(), cells.directions.end(),
                       [&](char d) { return std::isnan(value(s, d)) || (plot.skip_zero_cells && value(s, d) == 0); });
  };
  const auto best = [&](std::size_t s) {
    std::size_t found = 0;
    for (std::size_t a = 1; a < actions; ++a) {
      if (plot.q[s * actions + a] > plot.q[s * actions + found]) found = a;
    }
    return empty(s) ? std::string() : arrow(cells.directions[found]);
  };
  const auto number = [](double q) { return std::isnan(q) ? std::string("-") : two_decimals(q); };
  std::size_t number_width = 1;
  for (std::size_t s = 0; s < grid_size(cells); ++s) {
    if (special_colour(letter(cells, s)) || empty(s)) continue;
    for (const char d : cells.directions) number_width = std::max(number_width, number(value(s, d)).size());
  }

  std::string result = title_lines(plot.title, width);
  const std::size_t cell_width = 2 * number_width + 3;
  if (fits(cells, cell_width, width)) {
    result += grid_text(cells, cell_width, [&](std::size_t s) -> std::vector<std::string> {
      if (special_colour(letter(cells, s)) || empty(s)) return {"", letter_of(cells, s), ""};
      const std::string sides =
          right_aligned(number(value(s, 'L')), number_width) + "   " + right_aligned(number(value(s, 'R')), number_width);
      return {number(value(s, 'U')), sides, number(value(s, 'D'))};
    });
  } else {  // a line a state
    for (std::size_t s = 0; s < grid_size(cells); ++s) {
      if (special_colour(letter(cells, s)) || empty(s)) continue;
      std::string line = "state " + right_aligned(std::to_string(s), 4);
      for (const char d : cells.directions) line += "  " + arrow(d) + right_aligned(number(value(s, d)), number_width + 1);
      result += fitted(line, width) + "\n";
    }
  }
  return result + "greedy action\n" + policy_rows(cells, best);
}

std::string text_form(const ValueMap& map, std::size_t width) {
  const GridCells& cells = map.cells;
  const auto action = [&](std::size_t s) {
    const bool there = !map.greedy.empty() && map.greedy[s] >= 0;
    return there ? arrow(cells.directions[static_cast<std::size_t>(map.greedy[s])]) : std::string();
  };
  double largest = 0;
  for (const double v : map.values) largest = std::isfinite(v) ? std::max(largest, std::abs(v)) : largest;
  const auto number = [&](std::size_t s) {
    if (map.values.empty() || special_colour(letter(cells, s))) return std::string();
    return std::isfinite(map.values[s]) ? cell_number(map.values[s], largest > 0 ? largest : 1) : std::string("-");
  };
  const auto upper = [&](std::size_t s) {
    const std::string mark = letter_of(cells, s);
    return special_colour(letter(cells, s)) ? mark : mark + (mark.empty() || action(s).empty() ? "" : " ") + action(s);
  };
  std::size_t number_width = 0, cell_width = 3;
  for (std::size_t s = 0; s < grid_size(cells); ++s) {
    number_width = std::max(number_width, number(s).size());
    cell_width = std::max({cell_width, number_width, display_width(upper(s))});
  }
  std::string result = title_lines(map.title, width);
  if (!map.value_label.empty() && !map.values.empty()) result += title_lines(map.value_label, width);
  if (fits(cells, cell_width, width)) {
    result += grid_text(cells, cell_width, [&](std::size_t s) -> std::vector<std::string> {
      if (map.values.empty()) return {upper(s)};
      return {upper(s), right_aligned(number(s), number_width)};
    });
  } else {
    result += policy_rows(cells, [&](std::size_t s) { return action(s).empty() ? letter_of(cells, s) : action(s); });
  }
  for (const auto& path : map.paths) {
    std::string line = path.label.empty() ? "path:" : path.label + ":";
    for (const auto state : path.states) line += " " + std::to_string(state);
    result += title_lines(line, width);
  }
  return result;
}

}  // namespace handgrad::app::plots
