#include <algorithm>
#include <cmath>
#include <numbers>

#include "app/format.h"
#include "app/plots/cells.h"
#include "app/plots/chart_frame.h"
#include "core/error.h"

namespace handgrad::app::plots {

namespace {

constexpr double kSlope = 40;  // degrees, of names along x that do not fit upright

double longest(const std::vector<std::string>& names) {
  double width = 0;
  for (const auto& name : names) width = std::max(width, text_width(name, kTextPoints));
  return width;
}

std::string named_ticks(const char* axis, const std::vector<std::string>& names, double room, std::size_t most_lines,
                        const std::string& more) {
  std::string list;
  for (std::size_t i = 0; i < names.size(); ++i) {
    list += text(i == 0 ? "" : ", ", tick_literal(in_lines(names[i], room, kTextPoints, most_lines)), " ", i);
  }
  return text("set ", axis, "tics (", list, ") scale 0 ", more, "\n");
}

}  // namespace

void check(const HeatMap& map) {
  require(!map.x_names.empty() && !map.y_names.empty(), "heat map '", map.title, "': there are no cells");
  require(map.values.size() == map.x_names.size() * map.y_names.size(), "heat map '", map.title, "': ", map.y_names.size(),
          " rows of ", map.x_names.size(), " cells are named, but there are ", map.values.size(), " values");
}

PanelScript script(const HeatMap& map, const Area& area) {
  const std::size_t nx = map.x_names.size(), ny = map.y_names.size();
  Extent extent;
  extent.include(map.values);
  const double largest = extent.empty() ? 1 : std::max(std::abs(extent.low), std::abs(extent.high));

  const double y_room = std::min(longest(map.y_names), 0.4 * area.width);
  const double x_names_width = longest(map.x_names);
  // Whether the names along x stand upright hangs on the width of a cell, which is about this.
  const double cell_width = (area.width - y_room - 1.6) / static_cast<double>(nx);
  const bool slanted = x_names_width > 0.95 * cell_width;
  const double radians = kSlope * std::numbers::pi / 180;
  const double x_room_wanted =
      slanted ? x_names_width * std::sin(radians) + line_height(kTextPoints) : line_height(kTextPoints);
  const double x_room = std::min(x_room_wanted, 0.4 * area.height);
  ChartFrame frame(area, map.title, map.x_label, map.y_label, x_room, y_room, 0, {});
  Extent colours = extent;
  const ColourBox box(Scale::warm, linear_axis(colours, 0, 6), map.value_label, frame.layout);

  Rectangles cells(area.id);
  const double inside_cell = frame.layout.inside_width() / static_cast<double>(nx);
  std::size_t most_characters = 0;
  for (const double value : map.values) {
    if (std::isfinite(value)) most_characters = std::max(most_characters, display_width(cell_number(value, largest)));
  }
  const double height_limit = frame.layout.inside_height() / static_cast<double>(ny) * 72 / 1.4;
  const double points = std::min(fitting_points(most_characters, 0.86 * inside_cell, kTextPoints), height_limit);
  CellTexts numbers(area.id, map.numbers && points >= 5 ? points : 0);
  for (std::size_t y = 0; y < ny; ++y) {
    for (std::size_t x = 0; x < nx; ++x) {
      const double value = map.values[y * nx + x];
      const bool there = std::isfinite(value);
      const Colour background = there ? box.colour(value) : colour("E6E6E6");
      const auto column = static_cast<double>(x), row = static_cast<double>(y);
      cells.add(column, row, 0.5, 0.5, background);
      numbers.add(column, row, there ? cell_number(value, largest) : "–", background);
    }
  }
  std::vector<std::string> parts = {cells.part("border linecolor rgb '#FFFFFF' linewidth 0.7")};
  for (const auto& part : numbers.parts()) parts.push_back(part);
  // Something has to use the palette, else there is no box with its colours.
  parts.push_back("NaN with points palette notitle");

  const double slanted_room = std::min(x_names_width, (x_room - line_height(kTextPoints)) / std::sin(radians) + 0.01);
  PanelScript result{cells.data() + numbers.data(), "", frame.layout.bottom, frame.layout.top};
  result.commands = frame.commands() + box.commands(frame.layout) + "unset grid\nunset border\n" +
                    named_ticks("x", map.x_names, slanted ? slanted_room : HUGE_VAL, 1,
                                slanted ? text("rotate by ", exact(kSlope), " right") : "") +
                    named_ticks("y", map.y_names, y_room, 2, "") +
                    text("set xrange [-0.5:", nx, "-0.5]\nset yrange ",
                         map.downwards ? text("[", ny, "-0.5:-0.5]\n") : text("[-0.5:", ny, "-0.5]\n")) +
                    plot_command(parts);
  return result;
}

Table table(const HeatMap& map) {
  Table result{{"y", "x", "value"}, {}};
  for (std::size_t y = 0; y < map.y_names.size(); ++y) {
    for (std::size_t x = 0; x < map.x_names.size(); ++x) {
      const double value = map.values[y * map.x_names.size() + x];
      result.rows.push_back({map.y_names[y], map.x_names[x], std::isnan(value) ? "" : exact(value)});
    }
  }
  return result;
}

}  // namespace handgrad::app::plots
