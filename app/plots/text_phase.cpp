#include <algorithm>
#include <cmath>

#include "app/format.h"
#include "app/plots/text_forms.h"

namespace handgrad::app {

// Actions as letters, quantities as ten shades from low to high. Cells are thinned to what fits.
std::string text_of(const PhaseDiagram& diagram, std::size_t width) {
  constexpr std::string_view kShades = ".:-=+*%@#M";
  const std::size_t columns = std::min(diagram.nx, std::max<std::size_t>(10, width));
  const std::size_t lines = std::max<std::size_t>(2, std::min(diagram.ny, columns / 2));
  double low = HUGE_VAL, high = -HUGE_VAL;
  for (const double value : diagram.values) {
    if (!std::isfinite(value)) continue;
    low = std::min(low, value);
    high = std::max(high, value);
  }
  const auto shown = [&](double value) -> char {
    if (!std::isfinite(value)) return ' ';
    if (!diagram.action_names.empty()) return diagram.action_names[static_cast<std::size_t>(value)].front();
    const double share = high > low ? (value - low) / (high - low) : 0;
    return kShades[std::min(kShades.size() - 1, static_cast<std::size_t>(share * static_cast<double>(kShades.size())))];
  };
  std::string result = text_title(diagram.title);
  result += diagram.y_label + " from " + brief(diagram.y_high) + " at the top down to " + brief(diagram.y_low) + "\n";
  for (std::size_t line = lines; line-- > 0;) {
    std::string row;
    for (std::size_t column = 0; column < columns; ++column) {
      const std::size_t y = (2 * line + 1) * diagram.ny / (2 * lines), x = (2 * column + 1) * diagram.nx / (2 * columns);
      row += shown(diagram.values[y * diagram.nx + x]);
    }
    while (!row.empty() && row.back() == ' ') row.pop_back();
    result += row + "\n";
  }
  result += diagram.x_label + " from " + brief(diagram.x_low) + " to " + brief(diagram.x_high) + "\n";
  if (diagram.action_names.empty()) {
    result += diagram.value_label + ": '" + kShades.front() + "' " + brief(low) + " to '" + kShades.back() + "' " +
              brief(high) + "\n";
  } else {
    for (const std::string& name : diagram.action_names) result += std::string(1, name.front()) + " " + name + "  ";
    result += "blank: never visited\n";
  }
  return result;
}

}  // namespace handgrad::app
