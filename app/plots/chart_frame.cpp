#include "app/plots/chart_frame.h"

#include "core/error.h"

namespace handgrad::app::plots {

namespace {

constexpr double kTickLength = 0.10;  // with the gap to its number

Layout make_layout(const Area& area, const std::string& title, double x_tick_room, double y_tick_room, bool has_x_label,
                   bool has_y_label) {
  Layout layout(area, title);
  layout.left += y_tick_room + kTickLength + (has_y_label ? line_height(kTextPoints) + kGap / 2 : 0);
  layout.bottom += x_tick_room + kTickLength + (has_x_label ? line_height(kTextPoints) + kGap / 2 : 0);
  layout.right += 2 * kGap;  // half of the last number along x
  if (title.empty()) layout.top += kGap;
  return layout;
}

}  // namespace

ChartFrame::ChartFrame(const Area& area, const std::string& title, const std::string& x, const std::string& y,
                       double x_tick_room, double y_tick_room, std::vector<std::string> legend_names)
    : layout(make_layout(area, title, x_tick_room, y_tick_room, !x.empty(), !y.empty())),
      legend(std::move(legend_names), layout),
      x_label(x),
      y_label(y),
      y_label_place(layout.left - y_tick_room - kTickLength - kGap / 2 - line_height(kTextPoints) / 2),
      x_label_place(layout.bottom - x_tick_room - kTickLength - kGap / 2 - line_height(kTextPoints) / 2) {}

std::string ChartFrame::commands() const {
  std::string result = layout.commands() + legend.commands(layout);
  const Area& area = layout.area();
  if (!x_label.empty()) {
    result +=
        text("set label 2 ", literal(shortened(x_label, area.width, kTextPoints)), " at ",
             layout.screen(layout.left + layout.inside_width() / 2, x_label_place), " center textcolor rgb '", kInk, "'\n");
  }
  if (!y_label.empty()) {
    result += text("set label 3 ", literal(shortened(y_label, area.height, kTextPoints)), " at ",
                   layout.screen(y_label_place, layout.bottom + layout.inside_height() / 2),
                   " center rotate by 90 textcolor rgb '", kInk, "'\n");
  }
  return result;
}

}  // namespace handgrad::app::plots
