#include <algorithm>
#include <cmath>

#include "app/format.h"
#include "app/plots/cells.h"
#include "app/plots/chart_frame.h"
#include "core/error.h"

namespace handgrad::app::plots {

namespace {

// Hatched, so that no colour looks like it in a grey print.
constexpr const char* kNeverVisited = "fillstyle pattern 4";
constexpr const char* kNeverVisitedInk = "#8F8F8F";
constexpr std::size_t kMostRectangles = 3000;

double centre(double low, double high, std::size_t n, std::size_t i) {
  return low + (high - low) * (static_cast<double>(i) + 0.5) / static_cast<double>(n);
}

std::vector<std::string> legend_names(const PhaseDiagram& diagram) {
  std::vector<std::string> names = diagram.action_names;
  const bool gaps = std::any_of(diagram.values.begin(), diagram.values.end(), [](double v) { return std::isnan(v); });
  if (gaps) names.push_back("never visited");
  if (!diagram.trajectory_x.empty()) names.push_back("trajectory");
  return names;
}

// A rectangle for each row of neighbouring cells of one value; none where never visited.
Rectangles colour_rectangles(const PhaseDiagram& diagram, const ColourBox* box, const std::string& id) {
  Rectangles cells(id);
  const double half_x = (diagram.x_high - diagram.x_low) / static_cast<double>(2 * diagram.nx);
  const double half_y = (diagram.y_high - diagram.y_low) / static_cast<double>(2 * diagram.ny);
  for (std::size_t j = 0; j < diagram.ny; ++j) {
    for (std::size_t begin = 0, end = 1; begin < diagram.nx; begin = end) {
      const double value = diagram.values[j * diagram.nx + begin];
      end = begin + 1;
      while (end < diagram.nx && diagram.values[j * diagram.nx + end] == value) ++end;
      if (std::isnan(value)) continue;
      const Colour colour =
          box != nullptr ? box->colour(value) : category_colour(static_cast<std::size_t>(value), diagram.action_names.size());
      const double left = centre(diagram.x_low, diagram.x_high, diagram.nx, begin) - half_x;
      const double right = centre(diagram.x_low, diagram.x_high, diagram.nx, end - 1) + half_x;
      cells.add((left + right) / 2, centre(diagram.y_low, diagram.y_high, diagram.ny, j), (right - left) / 2, half_y, colour);
    }
  }
  return cells;
}

// The same for very many cells: a picture inside the picture.
DataBlock value_image(const PhaseDiagram& diagram, const std::string& id) {
  DataBlock cells(id + "_cells");
  for (std::size_t j = 0; j < diagram.ny; ++j) {
    for (std::size_t i = 0; i < diagram.nx; ++i) {
      cells.row({centre(diagram.x_low, diagram.x_high, diagram.nx, i), centre(diagram.y_low, diagram.y_high, diagram.ny, j),
                 diagram.values[j * diagram.nx + i]});
    }
  }
  return cells;
}

}  // namespace

void check(const PhaseDiagram& diagram) {
  const std::string what = "phase diagram '" + diagram.title + "'";
  require(diagram.nx > 0 && diagram.ny > 0, what, ": there are no cells");
  require(diagram.values.size() == diagram.nx * diagram.ny, what, ": ", diagram.ny, " x ", diagram.nx, " cells and ",
          diagram.values.size(), " values");
  require(diagram.x_low < diagram.x_high && diagram.y_low < diagram.y_high, what, ": an axis has no length");
  require(diagram.trajectory_x.size() == diagram.trajectory_y.size(), what, ": the trajectory has ",
          diagram.trajectory_x.size(), " x and ", diagram.trajectory_y.size(), " y");
  if (diagram.action_names.empty()) return;
  for (const double value : diagram.values) {
    require(std::isnan(value) ||
                (value >= 0 && value < static_cast<double>(diagram.action_names.size()) && value == std::floor(value)),
            what, ": ", value, " is the number of none of ", diagram.action_names.size(), " actions");
  }
}

PanelScript script(const PhaseDiagram& diagram, const Area& area) {
  const auto ticks = static_cast<std::size_t>(std::max(3.0, area.height / 0.5));
  const Axis y = linear_axis({diagram.y_low, diagram.y_high}, 0, ticks);
  Axis x = linear_axis({diagram.x_low, diagram.x_high}, 0, 8);
  const double x_tick = text_width(std::string(x.longest_label(), '0'), kTextPoints) + 0.2;
  x = linear_axis({diagram.x_low, diagram.x_high}, 0, static_cast<std::size_t>(std::max(2.0, (area.width - 1.6) / x_tick)));
  const std::vector<std::string> names = legend_names(diagram);
  ChartFrame frame(area, diagram.title, diagram.x_label, diagram.y_label, line_height(kTextPoints),
                   text_width(std::string(y.longest_label(), '0'), kTextPoints), last_label_overhang(x), names);
  const bool actions = !diagram.action_names.empty();
  std::optional<ColourBox> box;
  if (!actions) {
    Extent extent;
    extent.include(diagram.values);
    box.emplace(Scale::warm, linear_axis(extent, 0, 6), diagram.value_label, frame.layout);
  }

  std::vector<std::string> parts;
  PanelScript result{"", "", frame.layout.bottom, frame.layout.top};
  if (!actions && diagram.values.size() > kMostRectangles) {
    const DataBlock cells = value_image(diagram, area.id);
    parts.push_back(cells.name() + " using 1:2:3 with image notitle");
    result.data += cells.to_string();
  } else if (const Rectangles cells = colour_rectangles(diagram, box ? &*box : nullptr, area.id); !cells.empty()) {
    // A border in the cell's own colour closes the hairlines that smoothed edges leave between neighbours.
    parts.push_back(cells.part("border linewidth 0.4"));
    result.data += cells.data();
  }
  std::size_t entry = 0;
  const auto sample = [&](const std::string& fill, const std::string& ink) {
    parts.push_back(text("NaN with boxes ", fill, " noborder linecolor rgb '", ink, "'", frame.legend.title(entry++)));
  };
  for (std::size_t a = 0; a < diagram.action_names.size(); ++a) {
    sample("fillstyle solid 1", hex(category_colour(a, diagram.action_names.size())));
  }
  if (names.size() > entry && names[entry] == "never visited") sample(kNeverVisited, kNeverVisitedInk);
  if (!diagram.trajectory_x.empty()) {
    DataBlock path(area.id + "_trajectory"), ends(area.id + "_ends");
    for (std::size_t k = 0; k < diagram.trajectory_x.size(); ++k) path.row({diagram.trajectory_x[k], diagram.trajectory_y[k]});
    ends.row({diagram.trajectory_x.front(), diagram.trajectory_y.front()});
    ends.blank();
    ends.blank();
    ends.row({diagram.trajectory_x.back(), diagram.trajectory_y.back()});
    result.data += path.to_string() + ends.to_string();
    parts.push_back(path.name() + " using 1:2 with lines linewidth 3.6 linecolor rgb '#FFFFFF' notitle");
    parts.push_back(path.name() + " using 1:2 with lines linewidth 1.8 linecolor rgb '#000000'" + frame.legend.title(entry));
    parts.push_back(ends.name() + " index 0 using 1:2 with points pointtype 7 pointsize 0.9 linecolor rgb '#000000' notitle");
    parts.push_back(ends.name() + " index 0 using 1:2 with points pointtype 7 pointsize 0.5 linecolor rgb '#FFFFFF' notitle");
    parts.push_back(ends.name() + " index 1 using 1:2 with points pointtype 7 pointsize 0.9 linecolor rgb '#000000' notitle");
  }
  if (box) parts.push_back("NaN with points palette notitle");
  if (parts.empty()) parts.push_back("NaN notitle");
  result.commands =
      frame.commands() + (box ? box->commands(frame.layout) : "") + range_command("x", x) + range_command("y", y) +
      ticks_command("x", x) + ticks_command("y", y) +
      text("unset grid\nset border 15 front\nset object 1 rectangle from graph 0, 0 to graph 1, 1 fillcolor rgb '",
           kNeverVisitedInk, "' ", kNeverVisited, " noborder behind\n") +
      plot_command(parts);
  return result;
}

Table table(const PhaseDiagram& diagram) {
  Table result{{"part", "x", "y", "value"}, {}};
  const bool actions = !diagram.action_names.empty();
  for (std::size_t j = 0; j < diagram.ny; ++j) {
    for (std::size_t i = 0; i < diagram.nx; ++i) {
      const double value = diagram.values[j * diagram.nx + i];
      const std::string cell = std::isnan(value) ? ""
                               : actions         ? diagram.action_names[static_cast<std::size_t>(value)]
                                                 : exact(value);
      result.rows.push_back({"cell", exact(centre(diagram.x_low, diagram.x_high, diagram.nx, i)),
                             exact(centre(diagram.y_low, diagram.y_high, diagram.ny, j)), cell});
    }
  }
  for (std::size_t k = 0; k < diagram.trajectory_x.size(); ++k) {
    result.rows.push_back({"trajectory", exact(diagram.trajectory_x[k]), exact(diagram.trajectory_y[k]), ""});
  }
  return result;
}

}  // namespace handgrad::app::plots
