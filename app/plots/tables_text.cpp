#include <algorithm>
#include <cmath>

#include "app/format.h"
#include "app/plots/cells.h"
#include "app/plots/panels.h"
#include "app/plots/text_canvas.h"

// Heat maps and bar charts for a terminal.

namespace handgrad::app::plots {

namespace {

double largest_of(const std::vector<double>& values) {
  double largest = 0;
  for (const double value : values) {
    if (std::isfinite(value)) largest = std::max(largest, std::abs(value));
  }
  return largest > 0 ? largest : 1;
}

std::size_t widest(const std::vector<std::string>& texts) {
  std::size_t width = 0;
  for (const auto& one : texts) width = std::max(width, display_width(one));
  return width;
}

std::string line_of(std::string line) {
  line.erase(line.find_last_not_of(' ') + 1);
  return line + "\n";
}

std::string heading(const HeatMap& map, std::size_t width) {
  std::string result = title_lines(map.title, width);
  std::string axes = map.y_label.empty() ? "" : map.y_label + " (rows)";
  if (!map.x_label.empty()) axes += (axes.empty() ? "" : ", ") + map.x_label + " (columns)";
  if (!map.value_label.empty()) axes += (axes.empty() ? "" : ": ") + map.value_label;
  return axes.empty() ? result : result + title_lines(axes, width);
}

}  // namespace

std::string text_form(const HeatMap& map, std::size_t width) {
  const std::size_t nx = map.x_names.size(), ny = map.y_names.size();
  const double largest = largest_of(map.values);
  std::vector<std::string> cells;
  for (const double value : map.values) cells.push_back(std::isnan(value) ? "-" : cell_number(value, largest));
  const std::size_t row_name = std::min(widest(map.y_names), width / 3);
  const std::size_t most = width > row_name ? (width - row_name) / nx : 0;  // for a column with the blanks before it
  const std::size_t least = widest(cells) + 1;
  const std::size_t column = std::max(least, std::min(most, std::max(widest(map.x_names), widest(cells)) + 2));

  std::string result = heading(map, width);
  if (least > most) {  // too many columns: a line a cell
    for (std::size_t i = 0; i < cells.size(); ++i) {
      result += fitted(map.y_names[i / nx] + ", " + map.x_names[i % nx] + ": " + cells[i], width) + "\n";
    }
    return result;
  }
  std::string line(row_name, ' ');
  for (const auto& name : map.x_names) line += right_aligned(fitted(name, column - 1), column);
  result += line_of(line);
  for (std::size_t k = 0; k < ny; ++k) {
    const std::size_t y = map.downwards ? k : ny - 1 - k;
    line = left_aligned(fitted(map.y_names[y], row_name), row_name);
    for (std::size_t x = 0; x < nx; ++x) line += right_aligned(cells[y * nx + x], column);
    result += line_of(line);
  }
  return result;
}

std::string text_form(const BarChart& chart, std::size_t width) {
  double largest = largest_of(chart.values);
  largest =
      std::max({largest, chart.low.empty() ? 0 : largest_of(chart.low), chart.high.empty() ? 0 : largest_of(chart.high)});
  double low = 0, high = 0;
  std::vector<std::string> numbers;
  for (std::size_t i = 0; i < chart.names.size(); ++i) {
    const double value = chart.values[i];
    std::string number = std::isfinite(value) ? cell_number(value, largest) : "-";
    if (std::isfinite(value) && !chart.low.empty() && std::isfinite(chart.low[i]) && std::isfinite(chart.high[i])) {
      number += " [" + cell_number(chart.low[i], largest) + ", " + cell_number(chart.high[i], largest) + "]";
    }
    numbers.push_back(number);
    if (!std::isfinite(value)) continue;
    low = std::min(low, value);
    high = std::max(high, value);
  }
  if (low == high) high = 1;
  const std::size_t name = std::min(widest(chart.names), width / 3);
  const std::size_t taken = name + 2 + widest(numbers);
  const std::size_t room = std::max<std::size_t>(width > taken ? width - taken : 0, 5);
  const auto place = [&](double value) {
    return static_cast<std::size_t>(std::lround((value - low) / (high - low) * static_cast<double>(room)));
  };

  std::string result = title_lines(chart.title, width) + title_lines(chart.y_label, width);
  for (std::size_t i = 0; i < chart.names.size(); ++i) {
    const double value = std::isfinite(chart.values[i]) ? chart.values[i] : 0;
    const std::size_t begin = place(std::min(value, 0.0)), end = place(std::max(value, 0.0));
    std::string bar(begin, ' ');
    for (std::size_t c = begin; c < end; ++c) bar += "█";
    result += line_of(left_aligned(fitted(chart.names[i], name), name) + " " + left_aligned(bar, room) + " " + numbers[i]);
  }
  return result;
}

}  // namespace handgrad::app::plots
