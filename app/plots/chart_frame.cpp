#include "app/plots/chart_frame.h"

#include <algorithm>

#include "core/error.h"

namespace handgrad::app::plots {

namespace {

// Ticks, with the gaps to their numbers and from there to the axis' name.
constexpr double kXTicks = 0.13, kYTicks = 0.24;

// A long name of the y axis takes two lines.
std::size_t line_count(const std::string& y_label, const Area& area) {
  return y_label.empty() ? 0 : text_width(y_label, kTextPoints) > area.height - 1.4 ? 2 : 1;
}

Layout make_layout(const Area& area, const std::string& title, double x_tick_room, double y_tick_room, double x_overhang,
                   bool has_x_label, std::size_t y_label_lines) {
  Layout layout(area, title);
  layout.left += y_tick_room + kYTicks + static_cast<double>(y_label_lines) * line_height(kTextPoints);
  layout.bottom += x_tick_room + kXTicks + (has_x_label ? line_height(kTextPoints) : 0);
  layout.right = std::max(3 * kGap, x_overhang + kGap);
  if (title.empty()) layout.top += kGap;
  return layout;
}

}  // namespace

ChartFrame::ChartFrame(const Area& area, const std::string& title, const std::string& x, const std::string& y,
                       double x_tick_room, double y_tick_room, double x_overhang, std::vector<std::string> legend_names)
    : layout(make_layout(area, title, x_tick_room, y_tick_room, x_overhang, !x.empty(), line_count(y, area))),
      legend(std::move(legend_names), layout),
      x_label(x),
      y_label(y) {
  layout.align_with_neighbours();
  y_label_place =
      layout.left - y_tick_room - kYTicks - static_cast<double>(line_count(y, area)) * line_height(kTextPoints) / 2;
  x_label_place = layout.bottom - x_tick_room - kXTicks - line_height(kTextPoints) / 2;
}

std::string ChartFrame::commands() const {
  std::string result = layout.commands() + legend.commands(layout);
  const Area& area = layout.area();
  if (!x_label.empty()) {
    result +=
        text("set label 2 ", literal(shortened(x_label, area.width, kTextPoints)), " at ",
             layout.screen(layout.left + layout.inside_width() / 2, x_label_place), " center textcolor rgb '", kInk, "'\n");
  }
  if (!y_label.empty()) {
    result +=
        text("set label 3 ", literal(in_lines(y_label, layout.inside_height() + 0.3, kTextPoints, line_count(y_label, area))),
             " at ", layout.screen(y_label_place, layout.bottom + layout.inside_height() / 2),
             " center rotate by 90 textcolor rgb '", kInk, "'\n");
  }
  return result;
}

}  // namespace handgrad::app::plots
