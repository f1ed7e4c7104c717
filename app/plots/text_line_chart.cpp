#include <algorithm>
#include <cmath>
#include <utility>

#include "app/format.h"
#include "app/plots/text_forms.h"

namespace handgrad::app {

namespace {

constexpr std::size_t kHeight = 16;  // lines of the plotting area
constexpr char kMarks[] = {'*', 'o', '+', 'x', '#', '%', '@', '~'};

char mark(std::size_t curve) { return kMarks[curve % std::size(kMarks)]; }

/// One axis: from the values that are shown to cells.
class Axis {
 public:
  explicit Axis(bool logarithmic) : logarithmic_(logarithmic) {}

  void include(double value) {
    if (!shows(value)) return;
    low_ = std::min(low_, scaled(value));
    high_ = std::max(high_, scaled(value));
  }
  bool shows(double value) const { return std::isfinite(value) && (!logarithmic_ || value > 0); }
  bool empty() const { return low_ > high_; }

  std::size_t cell(double value, std::size_t cells) const {
    const double share = high_ > low_ ? (scaled(value) - low_) / (high_ - low_) : 0.5;
    return std::min(cells - 1, static_cast<std::size_t>(std::lround(share * static_cast<double>(cells - 1))));
  }
  /// The value at a share of the axis from its lower end.
  double value_at(double share) const {
    const double place = low_ + share * (high_ - low_);
    return logarithmic_ ? std::pow(10.0, place) : place;
  }

 private:
  double scaled(double value) const { return logarithmic_ ? std::log10(value) : value; }

  bool logarithmic_;
  double low_ = HUGE_VAL, high_ = -HUGE_VAL;
};

/// The mean of y in each column, for curves with more points than there are columns.
std::vector<std::pair<std::size_t, double>> column_means(const Curve& curve, const Axis& x, std::size_t columns) {
  std::vector<double> sums(columns);
  std::vector<std::int64_t> counts(columns);
  for (std::size_t i = 0; i < curve.x.size(); ++i) {
    if (!x.shows(curve.x[i]) || !std::isfinite(curve.y[i])) continue;
    const std::size_t column = x.cell(curve.x[i], columns);
    sums[column] += curve.y[i];
    ++counts[column];
  }
  std::vector<std::pair<std::size_t, double>> means;
  for (std::size_t c = 0; c < columns; ++c) {
    if (counts[c] > 0) means.emplace_back(c, sums[c] / static_cast<double>(counts[c]));
  }
  return means;
}

}  // namespace

std::string text_of(const LineChart& chart, std::size_t width) {
  Axis x(chart.log_x), y(chart.log_y);
  for (const Curve& curve : chart.curves) {
    for (const double value : curve.x) x.include(value);
    for (const double value : curve.y) y.include(value);
  }
  if (chart.threshold) y.include(*chart.threshold);
  std::string result = text_title(chart.title);
  if (x.empty() || y.empty()) return result + "(nothing to draw)\n";

  const std::string top = brief(y.value_at(1)), middle = brief(y.value_at(0.5)), bottom = brief(y.value_at(0));
  const std::size_t margin = std::max({top.size(), middle.size(), bottom.size()});
  const std::size_t columns = std::max<std::size_t>(10, width > margin + 3 ? width - margin - 3 : 0);
  std::vector<std::string> area(kHeight, std::string(columns, ' '));
  if (chart.threshold) area[kHeight - 1 - y.cell(*chart.threshold, kHeight)] = std::string(columns, '-');
  for (std::size_t c = 0; c < chart.curves.size(); ++c) {
    for (const auto& [column, value] : column_means(chart.curves[c], x, columns)) {
      if (y.shows(value)) area[kHeight - 1 - y.cell(value, kHeight)][column] = mark(c);
    }
  }

  result += chart.y_label + "\n";
  for (std::size_t line = 0; line < kHeight; ++line) {
    const std::string& tick = line == 0 ? top : line == kHeight / 2 ? middle : line == kHeight - 1 ? bottom : "";
    result += padded_left(tick, margin) + " |" + area[line];
    while (result.back() == ' ') result.pop_back();
    result += "\n";
  }
  result += std::string(margin + 1, ' ') + "+" + std::string(columns, '-') + "\n";
  const std::string left = brief(x.value_at(0)), right = brief(x.value_at(1));
  const std::size_t room = columns - std::min(columns, left.size() + right.size());
  result += std::string(margin + 2, ' ') + left + std::string(room, ' ') + right + "\n";
  result += std::string(margin + 2, ' ') + chart.x_label + "\n";
  for (std::size_t c = 0; c < chart.curves.size(); ++c) {
    if (!chart.curves[c].label.empty()) result += std::string("  ") + mark(c) + " " + chart.curves[c].label + "\n";
  }
  if (chart.threshold && !chart.threshold_label.empty()) result += "  - " + chart.threshold_label + "\n";
  return result;
}

}  // namespace handgrad::app
