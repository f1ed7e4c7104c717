#include <algorithm>
#include <cmath>
#include <set>

#include "app/format.h"
#include "app/plots/panels.h"
#include "app/plots/text_frame.h"
#include "core/error.h"

namespace handgrad::app::plots {

namespace {

constexpr std::size_t kMostRows = 24;
constexpr const char* kShades[] = {".", ":", "-", "=", "+", "*", "#", "%", "@"};  // from low to high
constexpr std::size_t kShadeCount = std::size(kShades);

// The first letter of each name, capital; numbers where two begin with the same.
std::vector<std::string> action_marks(const std::vector<std::string>& names) {
  std::vector<std::string> marks;
  for (const auto& name : names) {
    const std::size_t last_word = name.find_last_of(' ') + 1;  // "push left", "push right"
    marks.push_back(name.empty() ? "?"
                                 : std::string(1, static_cast<char>(std::toupper(static_cast<unsigned char>(
                                                      name[last_word == name.size() ? 0 : last_word])))));
  }
  if (std::set<std::string>(marks.begin(), marks.end()).size() == marks.size()) return marks;
  for (std::size_t a = 0; a < marks.size(); ++a) marks[a] = std::to_string(a % 10);
  return marks;
}

// The cell of `count` under the middle of the i-th of `places` places.
std::size_t cell_at(std::size_t i, std::size_t places, std::size_t count) {
  return std::min(count - 1, static_cast<std::size_t>((static_cast<double>(i) + 0.5) / static_cast<double>(places) *
                                                      static_cast<double>(count)));
}

}  // namespace

std::string text_form(const PhaseDiagram& diagram, std::size_t width) {
  const Axis x = linear_axis({diagram.x_low, diagram.x_high}, 0, std::clamp<std::size_t>(width / 10, 2, 7));
  const Axis y = linear_axis({diagram.y_low, diagram.y_high}, 0, 7);
  // As many characters as there are cells, or a multiple of it, where they fit: so every cell has the same share.
  const std::size_t room = std::max<std::size_t>(width, y.longest_label() + 12) - y.longest_label() - 2;
  const std::size_t columns = diagram.nx >= room ? room : room / diagram.nx * diagram.nx;
  const std::size_t rows = std::min(diagram.ny, kMostRows);
  TextFrame frame(columns + y.longest_label() + 2, rows, x, y);

  const bool actions = !diagram.action_names.empty();
  const std::vector<std::string> marks = action_marks(diagram.action_names);
  Extent extent;
  extent.include(diagram.values);
  const auto shade = [&](double value) -> std::string {
    if (std::isnan(value)) return " ";
    if (actions) return marks[static_cast<std::size_t>(value)];
    const double part = extent.high > extent.low ? (value - extent.low) / (extent.high - extent.low) : 0.5;
    return kShades[std::min(kShadeCount - 1, static_cast<std::size_t>(part * static_cast<double>(kShadeCount)))];
  };
  for (std::size_t r = 0; r < rows; ++r) {
    const std::size_t j = cell_at(rows - 1 - r, rows, diagram.ny);
    for (std::size_t c = 0; c < frame.columns(); ++c)
      frame.put(c, r, shade(diagram.values[j * diagram.nx + cell_at(c, frame.columns(), diagram.nx)]));
  }
  for (std::size_t k = 0; k < diagram.trajectory_x.size(); ++k) {
    frame.put(frame.column(diagram.trajectory_x[k]), frame.row(diagram.trajectory_y[k]),
              k == 0                                 ? "○"
              : k + 1 == diagram.trajectory_x.size() ? "●"
                                                     : "•");
  }

  std::vector<std::string> legend;
  for (std::size_t a = 0; a < marks.size(); ++a) legend.push_back(marks[a] + " " + diagram.action_names[a]);
  if (!actions && !extent.empty()) {
    const std::string label = diagram.value_label.empty() ? "" : " " + diagram.value_label;
    legend.push_back(
        text(kShades[0], " ", brief(extent.low, 3), " to ", kShades[kShadeCount - 1], " ", brief(extent.high, 3), label));
  }
  if (std::any_of(diagram.values.begin(), diagram.values.end(), [](double v) { return std::isnan(v); }))
    legend.push_back("blank: never visited");
  if (!diagram.trajectory_x.empty()) legend.push_back("○•● trajectory");
  return title_lines(diagram.title, width) + frame.to_string(diagram.x_label, diagram.y_label) + legend_lines(legend, width);
}

}  // namespace handgrad::app::plots
