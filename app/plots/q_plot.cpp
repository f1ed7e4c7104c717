#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <set>

#include "app/format.h"
#include "app/plots/grid.h"
#include "app/plots/panels.h"
#include "core/error.h"

namespace handgrad::app::plots {

namespace {

constexpr double kNumberPlace = 0.30;  // of a cell's width, from its centre
constexpr double kMostPoints = 12;
constexpr double kNumberRoom = 0.36;  // of a cell's width: so that numbers side by side stay apart
constexpr double kFrame = 0.86;       // of a triangle, the frame that marks the greedy action

std::size_t action_count(const QPlot& plot) { return plot.cells.directions.size(); }

std::span<const double> values_of(const QPlot& plot, std::size_t state) {
  return std::span(plot.q).subspan(state * action_count(plot), action_count(plot));
}

bool is_empty(const QPlot& plot, std::size_t state) {
  const auto q = values_of(plot, state);
  return (plot.skip_zero_cells && std::all_of(q.begin(), q.end(), [](double v) { return v == 0; })) ||
         std::all_of(q.begin(), q.end(), [](double v) { return std::isnan(v); });
}

std::size_t longest_number(const QPlot& plot) {
  std::size_t longest = 1;
  for (std::size_t s = 0; s < grid_size(plot.cells); ++s) {
    if (special_colour(letter(plot.cells, s)) || is_empty(plot, s)) continue;
    for (const double q : values_of(plot, s)) {
      if (std::isfinite(q)) longest = std::max(longest, display_width(two_decimals(q)));
    }
  }
  return longest;
}

// A triangle from the centre of a cell to the side where the action leads; smaller if `part` of it is asked for.
std::string triangle(double row, double column, const Step& step, double part, const std::string& look) {
  const double x = column + 0.5, y = row + 0.5;
  std::array<Step, 3> corners = {{{0, 0}, {step.x + step.y, step.y - step.x}, {step.x - step.y, step.y + step.x}}};
  for (Step& corner : corners) {
    // The incentre of a right triangle of hypotenuse 1 is 1 - 1/√2 of its height from the long side.
    const Step middle = {step.x / std::numbers::sqrt2, step.y / std::numbers::sqrt2};
    corner = {x + 0.5 * (middle.x + part * (corner.x - middle.x)), y + 0.5 * (middle.y + part * (corner.y - middle.y))};
  }
  std::string path;
  for (const std::size_t i : {0, 1, 2, 0}) {
    path += text(path.empty() ? "from " : " to ", exact(corners[i].x), ", ", exact(corners[i].y));
  }
  return text("set object polygon ", path, " ", look, " behind\n");
}

std::string square(double row, double column, const Colour& colour) {
  return text("set object rectangle from ", exact(column), ", ", exact(row), " to ", exact(column + 1), ", ", exact(row + 1),
              " fillcolor rgb '", hex(colour), "' fillstyle solid 1 noborder behind\n");
}

}  // namespace

void check(const QPlot& plot) {
  const std::string what = "Q-plot '" + plot.title + "'";
  check_grid(plot.cells, what);
  const std::size_t size = grid_size(plot.cells);
  require(plot.q.size() == size * action_count(plot), what, ": ", size, " cells and ", action_count(plot), " actions need ",
          size * action_count(plot), " values, found ", plot.q.size());
  require(plot.low < plot.high, what, ": the colour scale goes from ", plot.low, " to ", plot.high);
  std::set<char> directions;
  for (const char direction : plot.cells.directions) {
    require(step_of(direction).has_value() && directions.insert(direction).second, what,
            ": each action has a side of the cell, L, D, R or U; found '", direction, "'");
  }
}

PanelScript script(const QPlot& plot, const Area& area) {
  Layout layout(area, plot.title);
  const auto rows = static_cast<double>(grid_rows(plot.cells)), columns = static_cast<double>(grid_columns(plot.cells));
  layout.align_with_neighbours();
  const double bottom = layout.bottom, top = layout.top;
  layout.keep_ratio(columns / rows);
  const double cell_inches = layout.inside_width() / columns;
  const double points = fitting_points(longest_number(plot), kNumberRoom * cell_inches, kMostPoints);

  CellTexts numbers(area.id, points), letters(area.id + "_letters", std::min(16.0, 0.3 * cell_inches * 72));
  std::string shapes;
  for (std::size_t s = 0; s < grid_size(plot.cells); ++s) {
    const auto row = static_cast<double>(s / grid_columns(plot.cells)),
               column = static_cast<double>(s % grid_columns(plot.cells));
    if (const auto special = special_colour(letter(plot.cells, s))) {
      shapes += square(row, column, *special);
      letters.add(column + 0.5, row + 0.5, std::string(1, letter(plot.cells, s)), *special);
      continue;
    }
    if (is_empty(plot, s)) continue;
    const auto q = values_of(plot, s);
    for (std::size_t a = 0; a < q.size(); ++a) {
      const Step step = *step_of(plot.cells.directions[a]);
      const bool there = std::isfinite(q[a]);
      const Colour background =
          there ? scale_colour(Scale::blues, (q[a] - plot.low) / (plot.high - plot.low)) : colour("E6E6E6");
      shapes += triangle(
          row, column, step, 1,
          text("fillcolor rgb '", hex(background), "' fillstyle solid 1 border linecolor rgb '#000000' linewidth 0.6"));
      if (there) {
        numbers.add(column + 0.5 + kNumberPlace * step.x, row + 0.5 + kNumberPlace * step.y, two_decimals(q[a]), background);
      }
    }
    if (!plot.greedy) continue;
    const auto best =
        std::max_element(q.begin(), q.end(), [](double a, double b) { return a < b || std::isnan(a); }) - q.begin();
    shapes += triangle(row, column, *step_of(plot.cells.directions[static_cast<std::size_t>(best)]), kFrame,
                       "fillstyle empty border linecolor rgb '#E69F00' linewidth 2.4");
  }
  std::vector<std::string> parts = numbers.parts();
  for (const auto& part : letters.parts()) parts.push_back(part);
  if (parts.empty()) parts.push_back("NaN notitle");
  return {numbers.data() + letters.data(), grid_frame(plot.cells, layout) + shapes + plot_command(parts), bottom, top};
}

Table table(const QPlot& plot) {
  Table result{{"state", "row", "column", "cell"}, {}};
  for (const char direction : plot.cells.directions) result.columns.push_back(direction_name(direction));
  for (std::size_t s = 0; s < grid_size(plot.cells); ++s) {
    std::vector<std::string> row = {std::to_string(s), std::to_string(s / grid_columns(plot.cells)),
                                    std::to_string(s % grid_columns(plot.cells)), std::string(1, letter(plot.cells, s))};
    for (const double q : values_of(plot, s)) row.push_back(std::isnan(q) ? "" : exact(q));
    result.rows.push_back(row);
  }
  return result;
}

}  // namespace handgrad::app::plots
