#include <algorithm>
#include <cmath>

#include "app/format.h"
#include "app/plots/cells.h"
#include "app/plots/chart_frame.h"
#include "core/error.h"

namespace handgrad::app::plots {

namespace {

constexpr double kHalfBar = 0.34;  // of the distance of two bars
constexpr double kCap = 0.045;     // inches, half of the bar at the end of an interval

// Bars stand, or lie where their names are too long to stand beside each other.
struct Directions {
  bool lying;
  double name_room;
};

Directions choose(const BarChart& chart, const Area& area) {
  double longest = 0;
  for (const auto& name : chart.names) longest = std::max(longest, text_width(name, kTextPoints));
  const double slot = (area.width - 1.0) / static_cast<double>(chart.names.size());
  return {longest > 0.95 * slot, std::min(longest, 0.42 * area.width)};
}

std::string name_ticks(const BarChart& chart, const Directions& directions) {
  std::string list;
  for (std::size_t i = 0; i < chart.names.size(); ++i) {
    const double room = directions.lying ? directions.name_room : HUGE_VAL;
    list +=
        text(i == 0 ? "" : ", ", tick_literal(in_lines(chart.names[i], room, kTextPoints, directions.lying ? 2 : 1)), " ", i);
  }
  const auto last = static_cast<double>(chart.names.size()) - 0.5;
  const char* axis = directions.lying ? "y" : "x";
  // The first name stands at the top, as one reads.
  const std::string range = directions.lying ? text("[", exact(last), ":-0.5]") : text("[-0.5:", exact(last), "]");
  return text("set ", axis, "tics (", list, ") scale 0\nset ", axis, "range ", range, "\n");
}

}  // namespace

void check(const BarChart& chart) {
  require(!chart.names.empty(), "bar chart '", chart.title, "': there are no bars");
  const auto fits = [&](const std::vector<double>& values, const char* what) {
    require(values.size() == chart.names.size(), "bar chart '", chart.title, "': there are ", chart.names.size(),
            " names and ", values.size(), " ", what);
  };
  fits(chart.values, "values");
  require(chart.low.empty() == chart.high.empty(), "bar chart '", chart.title, "': the intervals have only one end");
  if (chart.low.empty()) return;
  fits(chart.low, "low ends");
  fits(chart.high, "high ends");
}

PanelScript script(const BarChart& chart, const Area& area) {
  const Directions directions = choose(chart, area);
  Extent extent;
  extent.include(0);  // bars begin there
  extent.include(chart.values);
  extent.include(chart.low);
  extent.include(chart.high);
  if (extent.low == extent.high) extent.high = 1;
  const double largest = std::max(std::abs(extent.low), std::abs(extent.high));
  const double inches = directions.lying ? std::max(1.0, area.width - directions.name_room - 0.8) : area.height - 1;
  const double number_inches =
      directions.lying ? text_width(cell_number(-0.888 * largest, largest), kSmallPoints) : line_height(kSmallPoints);
  const double room = (number_inches + 2 * kGap) / inches * (extent.high - extent.low);
  if (extent.high > 0) extent.high += room;
  if (extent.low < 0) extent.low -= room;
  const auto most_ticks = static_cast<std::size_t>((directions.lying ? area.width - directions.name_room : area.height) / 0.6);
  const Axis axis = linear_axis(extent, 0, std::max<std::size_t>(3, most_ticks));
  const double number_room = text_width(std::string(axis.longest_label(), '0'), kTextPoints);

  const ChartFrame frame(area, chart.title, directions.lying ? chart.y_label : "", directions.lying ? "" : chart.y_label,
                         line_height(kTextPoints), directions.lying ? directions.name_room : number_room,
                         directions.lying ? number_room / 2 : 0, {});
  Rectangles bars(area.id);
  DataBlock intervals(area.id + "_intervals");
  CellTexts numbers(area.id, kSmallPoints);
  const double units_per_inch =
      (axis.high - axis.low) / (directions.lying ? frame.layout.inside_width() : frame.layout.inside_height());
  // Along the axis of values first, along that of names second: which is x and which is y hangs on whether the bars lie.
  const auto place = [&](double value, double name) {
    return directions.lying ? std::pair(value, name) : std::pair(name, value);
  };
  for (std::size_t i = 0; i < chart.names.size(); ++i) {
    const double value = chart.values[i], name = static_cast<double>(i);
    if (!std::isfinite(value)) continue;
    const auto [x, y] = place(value / 2, name);
    const auto [half_width, half_height] = place(std::abs(value) / 2, kHalfBar);
    bars.add(x, y, half_width, half_height, colour("8DB9DA"));
    double end = value;
    if (!chart.low.empty() && std::isfinite(chart.low[i]) && std::isfinite(chart.high[i])) {
      const auto [low_x, low_y] = place(chart.low[i], name);
      const auto [length_x, length_y] = place(chart.high[i] - chart.low[i], 0.0);
      intervals.row({low_x, low_y, length_x, length_y});
      end = value < 0 ? std::min(value, chart.low[i]) : std::max(value, chart.high[i]);
    }
    const std::string number = cell_number(value, largest);
    const double half_number = directions.lying ? text_width(number, kSmallPoints) / 2 : 0.4 * line_height(kSmallPoints);
    const double beyond = (half_number + kGap) * units_per_inch;
    const auto [number_x, number_y] = place(value < 0 ? end - beyond : end + beyond, name);
    numbers.add(number_x, number_y, number, colour("FFFFFF"));
  }
  std::vector<std::string> parts;
  if (!bars.empty()) parts.push_back(bars.part("border linecolor rgb '#0072B2' linewidth 1"));
  if (!intervals.empty()) {
    // Arrows whose heads are bars across.
    parts.push_back(text(intervals.name(), " using 1:2:3:4 with vectors heads nofilled size screen ",
                         fixed(kCap / area.picture_width, 5), ",90 linewidth 1.3 linecolor rgb '#000000' notitle"));
  }
  for (const auto& part : numbers.parts()) parts.push_back(part);
  if (parts.empty()) parts.emplace_back("NaN notitle");

  PanelScript result{(bars.empty() ? "" : bars.data()) + (intervals.empty() ? "" : intervals.to_string()) + numbers.data(), "",
                     frame.layout.bottom, frame.layout.top};
  const std::string value_axis = directions.lying ? "x" : "y";
  result.commands =
      frame.commands() + range_command(value_axis, axis) + ticks_command(value_axis, axis) + name_ticks(chart, directions) +
      "unset grid\nset grid " + value_axis + "tics linetype 1 linewidth 0.7 linecolor rgb '" + kGridInk +
      text("'\nset ", directions.lying ? "y" : "x", "zeroaxis linetype 1 linewidth 1 linecolor rgb '", kInk, "'\n") +
      plot_command(parts);
  return result;
}

Table table(const BarChart& chart) {
  Table result{{"name", "value"}, {}};
  if (!chart.low.empty()) result.columns.insert(result.columns.end(), {"low", "high"});
  const auto cell = [](double value) { return std::isnan(value) ? "" : exact(value); };
  for (std::size_t i = 0; i < chart.names.size(); ++i) {
    std::vector<std::string> row = {chart.names[i], cell(chart.values[i])};
    if (!chart.low.empty()) row.insert(row.end(), {cell(chart.low[i]), cell(chart.high[i])});
    result.rows.push_back(row);
  }
  return result;
}

}  // namespace handgrad::app::plots
