#include <algorithm>
#include <cmath>

#include "app/format.h"
#include "app/plots/text_forms.h"
#include "app/text_table.h"

namespace handgrad::app {

std::string text_of(const HeatMap& map, std::size_t) {
  std::vector<std::string> header = {map.y_label + " \\ " + map.x_label};
  header.insert(header.end(), map.x_names.begin(), map.x_names.end());
  TextTable table(header, "l" + std::string(map.x_names.size(), 'r'));
  for (std::size_t row = map.y_names.size(); row-- > 0;) {  // the first row is the lowest, as in the picture
    std::vector<std::string> cells = {map.y_names[row]};
    for (std::size_t column = 0; column < map.x_names.size(); ++column) {
      const double value = map.values[row * map.x_names.size() + column];
      cells.push_back(std::isfinite(value) ? brief(value) : "");
    }
    table.add(cells);
  }
  return text_title(map.title) + (map.value_label.empty() ? "" : map.value_label + "\n") + table.to_string(0);
}

std::string text_of(const BarChart& chart, std::size_t width) {
  std::size_t names = 0, numbers = 0;
  double largest = 0;
  std::vector<std::string> labels;
  for (std::size_t i = 0; i < chart.names.size(); ++i) {
    std::string label = std::isfinite(chart.values[i]) ? brief(chart.values[i]) : "-";
    if (!chart.low.empty() && std::isfinite(chart.low[i])) {
      label += " [" + brief(chart.low[i]) + ", " + brief(chart.high[i]) + "]";
    }
    names = std::max(names, display_width(chart.names[i]));
    numbers = std::max(numbers, label.size());
    if (std::isfinite(chart.values[i])) largest = std::max(largest, std::abs(chart.values[i]));
    labels.push_back(label);
  }
  const std::size_t room = width > names + numbers + 4 ? width - names - numbers - 4 : 10;
  std::string result = text_title(chart.title) + chart.y_label + "\n";
  for (std::size_t i = 0; i < chart.names.size(); ++i) {
    const double share = largest > 0 && std::isfinite(chart.values[i]) ? std::abs(chart.values[i]) / largest : 0;
    const auto length = static_cast<std::size_t>(std::lround(share * static_cast<double>(room)));
    result += padded(chart.names[i], names) + "  " + padded_left(labels[i], numbers) + "  " + std::string(length, '#');
    while (result.back() == ' ') result.pop_back();
    result += "\n";
  }
  return result;
}

}  // namespace handgrad::app
