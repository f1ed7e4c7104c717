#include <algorithm>
#include <cmath>

#include "app/format.h"
#include "app/plots/text_forms.h"

namespace handgrad::app {

namespace {

bool is_end(char letter) { return letter == 'H' || letter == 'G' || letter == 'C'; }

std::size_t width_of(const GridCells& cells) { return cells.rows.empty() ? 0 : cells.rows.front().size(); }

std::string rule(std::size_t columns, std::size_t cell) {
  std::string line = "+";
  for (std::size_t c = 0; c < columns; ++c) line += std::string(cell, '-') + "+";
  return line + "\n";
}

}  // namespace

// A cell is three lines: up; left and right; down.
std::string text_of(const QPlot& plot, std::size_t) {
  constexpr std::size_t kCell = 13;
  const std::size_t columns = width_of(plot.cells), A = plot.cells.directions.size();
  const auto value = [&](std::size_t state, char direction) -> std::string {
    const auto found = std::ranges::find(plot.cells.directions, direction);
    if (found == plot.cells.directions.end()) return "";
    const double q = plot.q[state * A + static_cast<std::size_t>(found - plot.cells.directions.begin())];
    return std::isfinite(q) ? fixed(q, 2) : "";
  };
  std::string result = text_title(plot.title) + rule(columns, kCell);
  for (std::size_t r = 0; r < plot.cells.rows.size(); ++r) {
    std::string up = "|", sides = "|", down = "|";
    for (std::size_t c = 0; c < columns; ++c) {
      const std::size_t s = r * columns + c;
      const char letter = plot.cells.rows[r][c];
      const bool all_zero = plot.skip_zero_cells && std::all_of(plot.q.begin() + static_cast<std::ptrdiff_t>(s * A),
                                                                plot.q.begin() + static_cast<std::ptrdiff_t>((s + 1) * A),
                                                                [](double q) { return q == 0; });
      const bool empty = is_end(letter) || all_zero;
      const std::string left = empty ? "" : value(s, 'L'), right = empty ? "" : value(s, 'R');
      up += padded("    " + (empty ? "" : value(s, 'U')), kCell) + "|";
      const std::size_t inner = kCell - left.size() - right.size();
      std::string between(inner, ' ');
      between[inner / 2] = letter == 'F' ? ' ' : letter;
      sides += left + between + right + "|";
      down += padded("    " + (empty ? "" : value(s, 'D')), kCell) + "|";
    }
    result += up + "\n" + sides + "\n" + down + "\n" + rule(columns, kCell);
  }
  return result;
}

std::string text_of(const ValueMap& map, std::size_t) {
  const std::size_t columns = width_of(map.cells), cell = map.values.empty() ? 4 : 9;
  std::string result = text_title(map.title) + rule(columns, cell);
  for (std::size_t r = 0; r < map.cells.rows.size(); ++r) {
    std::string line = "|";
    for (std::size_t c = 0; c < columns; ++c) {
      const std::size_t s = r * columns + c;
      const char letter = map.cells.rows[r][c];
      std::string text = " ";
      text += letter == 'F' ? ' ' : letter;
      if (!is_end(letter)) {
        const bool has_action = !map.greedy.empty() && map.greedy[s] >= 0;
        text += has_action ? arrow_of(map.cells.directions[static_cast<std::size_t>(map.greedy[s])]) : " ";
        if (!map.values.empty() && std::isfinite(map.values[s])) text += " " + fixed(map.values[s], 2);
      }
      line += padded(text, cell) + "|";
    }
    result += line + "\n" + rule(columns, cell);
  }
  for (const ValueMap::Path& path : map.paths) {
    result += path.label.empty() ? "path:" : path.label + ":";
    for (const std::int64_t state : path.states) result += " " + std::to_string(state);
    result += "\n";
  }
  return result;
}

}  // namespace handgrad::app
