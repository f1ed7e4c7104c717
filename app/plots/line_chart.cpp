#include <algorithm>
#include <cmath>

#include "app/format.h"
#include "app/plots/chart_frame.h"
#include "app/plots/line_chart_parts.h"
#include "app/plots/panels.h"
#include "core/error.h"

namespace handgrad::app::plots {

namespace {

constexpr std::size_t kMostColumns = 1000;  // about as many as a picture has pixels
constexpr std::size_t kMostRows = 600;
constexpr std::size_t kMostMarkers = 25;  // along a line

std::vector<std::string> legend_names(const LineChart& chart) {
  std::vector<std::string> names;
  for (const Curve& curve : chart.curves) {
    if (!curve.label.empty()) names.push_back(curve.label);
  }
  if (chart.threshold && !chart.threshold_label.empty()) names.push_back(chart.threshold_label);
  return names;
}

std::string curve_data(const LineChart& chart, const Curve& curve, const std::string& name) {
  DataBlock data(name);
  for (const auto& piece : pieces(chart, curve)) {
    const bool line = curve.style != Curve::Style::points;
    for (const Point& p : line ? thin_line(piece, kMostColumns) : thin_points(piece, kMostColumns, kMostRows))
      data.row({p.x, p.y});
    data.blank();
  }
  if (data.empty()) data.row({NAN, NAN});
  return data.to_string();
}

// The band of a curve, its pieces as indices of one data block; how many there are.
std::size_t add_band(const LineChart& chart, const Curve& curve, DataBlock& data) {
  std::size_t count = 0;
  for (const auto& piece : pieces(chart, band_middle(chart, curve))) {
    // A smooth thing in most cases: every n-th of very many is enough.
    const std::size_t every = std::max<std::size_t>(1, piece.size() / (2 * kMostColumns));
    for (std::size_t k = 0; k < piece.size(); ++k) {
      if (k % every != 0 && k + 1 != piece.size()) continue;
      data.row({piece[k].x, curve.low[piece[k].index], curve.high[piece[k].index]});
    }
    data.blank();
    data.blank();
    ++count;
  }
  return count;
}

// Whether a curve goes up and down so often that its line fills an area: then it is thin, and the others stand out from it.
bool is_noisy(const Curve& curve) {
  constexpr double kManyTimes = 10;    // its range, up and down together
  constexpr double kLongSteps = 0.02;  // of its range, on average
  Extent extent;
  extent.include(curve.y);
  double way = 0;
  for (std::size_t i = 1; i < curve.y.size(); ++i) {
    const double step = std::abs(curve.y[i] - curve.y[i - 1]);
    if (std::isfinite(step)) way += step;
  }
  const double range = extent.high - extent.low;
  return way > kManyTimes * range && way > kLongSteps * range * static_cast<double>(curve.y.size());
}

std::string look(const Curve& curve, std::size_t i, std::size_t line_number) {
  const CurveStyle style = curve_style(i);
  if (curve.style == Curve::Style::points) {
    // With many of them points would paint everything over: let them be fainter.
    const char* transparency = curve.x.size() > 3000   ? "C0"
                               : curve.x.size() > 1000 ? "90"
                               : curve.x.size() > 200  ? "50"
                                                       : "00";
    const double size = curve.x.size() > 200 ? 0.35 : 0.6;
    return text("with points pointtype 7 pointsize ", exact(size), " linecolor rgb '#", transparency, style.colour.substr(1),
                "'");
  }
  const bool noisy = is_noisy(curve);
  const std::string line = text(" linewidth ", noisy ? "0.8" : "1.8", " linecolor rgb '", style.colour, "' dashtype ",
                                noisy ? "solid" : curve_style(line_number).dashes);
  if (curve.style == Curve::Style::line) return "with lines" + line;
  const std::size_t every = std::max<std::size_t>(1, curve.x.size() / kMostMarkers);
  return text("with linespoints pointtype ", style.marker, " pointsize 0.7 pointinterval ", every, line);
}

}  // namespace

void check(const LineChart& chart) {
  for (const Curve& curve : chart.curves) {
    const auto fits = [&](const std::vector<double>& values, const char* name) {
      require(values.size() == curve.x.size(), "line chart: curve '", curve.label, "' has ", curve.x.size(), " x and ",
              values.size(), " ", name);
    };
    fits(curve.y, "y");
    require(curve.low.empty() == curve.high.empty(), "line chart: the band of curve '", curve.label, "' has only one side");
    if (curve.low.empty()) continue;
    fits(curve.low, "low");
    fits(curve.high, "high");
  }
}

PanelScript script(const LineChart& chart, const Area& area) {
  const Axis y = y_axis(chart, static_cast<std::size_t>(std::max(3.0, area.height / 0.5)));
  const double y_tick_room = text_width(std::string(y.longest_label(), '0'), kTextPoints);
  const double x_tick_width = text_width(std::string(x_axis(chart, 10).longest_label(), '0'), kTextPoints) + 0.25;
  const Axis x = x_axis(chart, static_cast<std::size_t>(std::clamp((area.width - 1) / x_tick_width, 2.0, 10.0)));
  const ChartFrame frame(area, chart.title, chart.x_label, chart.y_label, line_height(kTextPoints), y_tick_room,
                         last_label_overhang(x), legend_names(chart));

  PanelScript result{"", "", frame.layout.bottom, frame.layout.top};
  std::vector<std::string> bands, lines;
  std::size_t entry = 0, line_number = 0;
  for (std::size_t i = 0; i < chart.curves.size(); ++i) {
    const Curve& curve = chart.curves[i];
    const std::string name = text(area.id, "_curve", i + 1);
    result.data += curve_data(chart, curve, name);
    if (!curve.low.empty()) {
      DataBlock band(name + "_band");
      if (const std::size_t count = add_band(chart, curve, band); count > 0) {
        result.data += band.to_string();
        bands.push_back(
            text("for [i=0:", count - 1, "] ", band.name(),
                 " index i using 1:2:3 with filledcurves fillstyle transparent solid 0.22 noborder linecolor rgb '",
                 curve_style(i).colour, "' notitle"));
      }
    }
    const std::string title = curve.label.empty() ? " notitle" : frame.legend.title(entry++);
    if (curve.style == Curve::Style::points) {
      lines.push_back(text("$", name, " using 1:2 ", look(curve, i, line_number), " notitle"));
      // The legend shows one that can be seen, however faint and small all of them are.
      lines.push_back(text("NaN with points pointtype 7 pointsize 0.7 linecolor rgb '", curve_style(i).colour, "'", title));
    } else {
      lines.push_back(text("$", name, " using 1:2 ", look(curve, i, line_number), title));
      if (!is_noisy(curve)) ++line_number;
    }
  }
  if (chart.threshold) {
    const std::string title = chart.threshold_label.empty() ? " notitle" : frame.legend.title(entry);
    lines.push_back(text(exact(*chart.threshold), " with lines dashtype (6,4) linewidth 1.2 linecolor rgb '#595959'", title));
  }
  if (lines.empty()) lines.push_back("NaN notitle");
  bands.insert(bands.end(), lines.begin(), lines.end());
  result.commands = frame.commands() + range_command("x", x) + range_command("y", y) + ticks_command("x", x) +
                    ticks_command("y", y) + plot_command(bands);
  return result;
}

Table table(const LineChart& chart) {
  const bool bands = std::any_of(chart.curves.begin(), chart.curves.end(), [](const Curve& c) { return !c.low.empty(); });
  Table result{{"curve", "x", "y"}, {}};
  if (bands) result.columns.insert(result.columns.end(), {"low", "high"});
  const auto cell = [](double value) { return std::isnan(value) ? "" : exact(value); };
  for (const Curve& curve : chart.curves) {
    for (std::size_t i = 0; i < curve.x.size(); ++i) {
      std::vector<std::string> row = {curve.label, cell(curve.x[i]), cell(curve.y[i])};
      if (bands) {
        row.push_back(curve.low.empty() ? "" : cell(curve.low[i]));
        row.push_back(curve.high.empty() ? "" : cell(curve.high[i]));
      }
      result.rows.push_back(row);
    }
  }
  return result;
}

}  // namespace handgrad::app::plots
