#include <algorithm>
#include <array>

#include "app/plots/line_chart_parts.h"
#include "app/plots/panels.h"
#include "app/plots/text_frame.h"

namespace handgrad::app::plots {

namespace {

constexpr std::size_t kRows = 18;
constexpr std::array<const char*, 8> kMarks = {"*", "o", "+", "x", "#", "@", "%", "&"};

// The heights that a curve passes in one column, straight lines between its points included.
void add_piece(const std::vector<Point>& piece, const TextFrame& frame, std::vector<Extent>& columns) {
  for (std::size_t i = 0; i < piece.size(); ++i) {
    const std::size_t at = frame.column(piece[i].x);
    columns[at].include(piece[i].y);
    if (i == 0) continue;
    const std::size_t before = frame.column(piece[i - 1].x);
    for (std::size_t c = std::min(before, at) + 1; c < std::max(before, at); ++c) {
      const double part =
          (static_cast<double>(c) - static_cast<double>(before)) / (static_cast<double>(at) - static_cast<double>(before));
      columns[c].include(piece[i - 1].y + part * (piece[i].y - piece[i - 1].y));
    }
  }
}

void draw_extents(const std::vector<Extent>& columns, const std::string& mark, TextFrame& frame) {
  for (std::size_t c = 0; c < columns.size(); ++c) {
    if (columns[c].empty()) continue;
    for (std::size_t r = frame.row(columns[c].high); r <= frame.row(columns[c].low); ++r) frame.put(c, r, mark);
  }
}

void draw_band(const LineChart& chart, const Curve& curve, TextFrame& frame) {
  if (curve.low.empty()) return;
  for (const auto& piece : pieces(chart, band_middle(chart, curve))) {
    std::vector<Extent> columns(frame.columns());
    std::vector<Point> low = piece, high = piece;
    for (std::size_t i = 0; i < piece.size(); ++i) {
      low[i].y = curve.low[piece[i].index];
      high[i].y = curve.high[piece[i].index];
    }
    add_piece(low, frame, columns);
    add_piece(high, frame, columns);
    draw_extents(columns, "░", frame);
  }
}

void draw_curve(const LineChart& chart, const Curve& curve, const std::string& mark, TextFrame& frame) {
  for (const auto& piece : pieces(chart, curve)) {
    if (curve.style == Curve::Style::points) {
      for (const Point& p : piece) frame.put(frame.column(p.x), frame.row(p.y), mark);
      continue;
    }
    std::vector<Extent> columns(frame.columns());
    add_piece(piece, frame, columns);
    draw_extents(columns, mark, frame);
  }
}

}  // namespace

std::string text_form(const LineChart& chart, std::size_t width) {
  const Axis y = y_axis(chart, 6);
  const std::size_t most_ticks = std::clamp<std::size_t>(width / (x_axis(chart, 8).longest_label() + 4), 2, 8);
  TextFrame frame(width, kRows, x_axis(chart, most_ticks), y);
  std::vector<std::string> legend;
  for (const Curve& curve : chart.curves) draw_band(chart, curve, frame);
  if (chart.threshold && drawable(*chart.threshold, chart.log_y)) {
    for (std::size_t c = 0; c < frame.columns(); ++c) frame.put(c, frame.row(*chart.threshold), "-");
  }
  for (std::size_t i = 0; i < chart.curves.size(); ++i) {
    const std::string mark = kMarks[i % kMarks.size()];
    draw_curve(chart, chart.curves[i], mark, frame);
    if (!chart.curves[i].label.empty()) legend.push_back(mark + " " + chart.curves[i].label);
  }
  if (chart.threshold && !chart.threshold_label.empty()) legend.push_back("- " + chart.threshold_label);
  return title_lines(chart.title, width) + frame.to_string(chart.x_label, chart.y_label) + legend_lines(legend, width);
}

}  // namespace handgrad::app::plots
