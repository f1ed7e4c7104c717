// What can be drawn: data that fits together, CSV and scripts, text forms, and that gnuplot makes pictures of it.

#include <cmath>

#include "app/plots/axis.h"
#include "app/plots/colour.h"
#include "app/plots/gnuplot.h"
#include "app/plots/picture_files.h"
#include "app/plots/style.h"
#include "app/plots/thinning.h"
#include "core/error.h"
#include "tests/support/catch.h"
#include "tests/support/error_message.h"
#include "tests/support/temporary_folder.h"

using namespace handgrad;
using namespace handgrad::app;
namespace fs = std::filesystem;

namespace {

// Everything that means something to gnuplot, a shell, markup or CSV.
const std::string kOdd = "it's \"odd\", \\n {a}_b^c 50% %d <b> `ls` $x @y é γ";

LineChart line_chart() {
  LineChart chart{"Line", "x", "y", {}};
  chart.curves.push_back({"up", {0, 1, 2, 3}, {0, 1, NAN, 3}, {}, {}});
  return chart;
}
HeatMap heat_map() { return {"Heat", "columns", "rows", "value", {"a", "b"}, {"c", "d"}, {1, 2, NAN, 40}}; }
BarChart bar_chart() { return {"Bars", "share", {"one", "two"}, {1, 0.5}, {0.9, 0.25}, {1, 0.75}}; }
QPlot q_plot() {
  QPlot plot;
  plot.title = "Q";
  plot.cells.rows = {"SF", "HG"};
  plot.q = {0.1, 0.2, 0.3, 0.4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
  return plot;
}
ValueMap value_map() {
  ValueMap map;
  map.title = "V";
  map.cells.rows = {"SFF", "HFG"};
  map.cells.walls = {{1, 2}};
  map.values = {0.5, 0.7, NAN, 0, 0.9, 0};
  map.greedy = {2, 1, -1, -1, 2, -1};
  map.paths = {{"greedy", {0, 1, 4, 5}}};
  return map;
}
PhaseDiagram phase_diagram() {
  return {"Phase", "x", "y", "", 0, 2, 0, 2, 2, 2, {0, 1, NAN, 1}, {"push left", "push right"}, {0.5, 1.5}, {0.5, 1.5}};
}

Picture picture_of(Panel panel) { return {{std::move(panel)}}; }

std::vector<Panel> all_panels() { return {line_chart(), heat_map(), bar_chart(), q_plot(), value_map(), phase_diagram()}; }

std::string refusal(Panel panel) {
  return error_message([&] { plots::check(picture_of(std::move(panel))); });
}

bool is_png(const std::string& bytes) { return bytes.starts_with("\x89PNG\r\n\x1a\n") && bytes.size() > 1000; }
bool is_svg(const std::string& bytes) {
  return bytes.starts_with("<?xml") && contains(bytes, "<svg") && contains(bytes, "</svg>");
}

}  // namespace

TEST_CASE("ticks stand at round numbers and say enough digits") {
  const plots::Axis axis = plots::linear_axis({0, 1}, 0, 6);
  CHECK(axis.labels == std::vector<std::string>{"0", "0.2", "0.4", "0.6", "0.8", "1.0"});
  CHECK(plots::linear_axis({0, 35'000}, 0, 4).labels == std::vector<std::string>{"0", "10,000", "20,000", "30,000"});
  CHECK(plots::linear_axis({-200, -110}, 0, 5).labels.front() == "-200");
  const plots::Axis single = plots::linear_axis({5, 5}, 0.04, 5);
  CHECK(single.low < 5);
  CHECK(single.high > 5);
  CHECK(plots::linear_axis({}, 0, 5).high == 1);
  CHECK(plots::log_axis({1, 2048}, 0, 6).labels == std::vector<std::string>{"1", "10", "100", "1,000"});
  CHECK(plots::log_axis({1e-4, 1e8}, 0, 20).labels.back() == "10⁸");
}

TEST_CASE("a scale of colours grows darker or lighter all the way, so that grey prints tell as much") {
  const auto lightness = [](const plots::Colour& c) { return 0.299 * c.red + 0.587 * c.green + 0.114 * c.blue; };
  for (int i = 0; i < 50; ++i) {
    const double here = i / 50.0, next = (i + 1) / 50.0;
    CHECK(lightness(scale_colour(plots::Scale::blues, here)) > lightness(scale_colour(plots::Scale::blues, next)));
    CHECK(lightness(scale_colour(plots::Scale::warm, here)) < lightness(scale_colour(plots::Scale::warm, next)));
  }
  CHECK(hex(scale_colour(plots::Scale::blues, -1)) == "#FFFFFF");
  CHECK(hex(scale_colour(plots::Scale::blues, 7)) == "#08306B");
  CHECK(hex(readable_on(plots::colour("08306B"))) == "#FFFFFF");
  CHECK(hex(readable_on(plots::colour("FFEA46"))) == "#000000");
}

TEST_CASE("a thinned line keeps what can be seen of it") {
  std::vector<plots::Point> points;
  for (std::size_t i = 0; i < 10'000; ++i) points.push_back({static_cast<double>(i), i == 5'003 ? 100.0 : std::sin(i), i});
  const auto kept = plots::thin_line(points, 100);
  CHECK(kept.size() <= 400);
  CHECK(kept.front().index == 0);
  CHECK(kept.back().index == 9'999);
  CHECK(std::any_of(kept.begin(), kept.end(), [](const plots::Point& p) { return p.index == 5'003; }));
  CHECK(plots::thin_line({{0, 1, 0}, {1, 2, 1}}, 100).size() == 2);
  CHECK(plots::thin_points({{0, 0, 0}, {0, 0, 1}, {1, 1, 2}}, 10, 10).size() == 2);
}

TEST_CASE("data that does not fit together is refused, with what and how many") {
  LineChart line = line_chart();
  line.curves[0].y.pop_back();
  CHECK(refusal(line) == "line chart: curve 'up' has 4 x and 3 y");
  line = line_chart();
  line.curves[0].low = {1, 2, 3, 4};
  CHECK(contains(refusal(line), "only one side"));
  HeatMap heat = heat_map();
  heat.values.pop_back();
  CHECK(refusal(heat) == "heat map 'Heat': 2 rows of 2 cells are named, but there are 3 values");
  BarChart bars = bar_chart();
  bars.high.pop_back();
  CHECK(refusal(bars) == "bar chart 'Bars': there are 2 names and 1 high ends");
  QPlot q = q_plot();
  q.cells.rows = {"SF", "H"};
  CHECK(contains(refusal(q), "rows have 2 and 1 cells"));
  q = q_plot();
  q.q.pop_back();
  CHECK(contains(refusal(q), "4 cells and 4 actions need 16 values, found 15"));
  q = q_plot();
  q.cells.directions = {'L', 'D', 'R', 'P'};
  CHECK(contains(refusal(q), "found 'P'"));
  ValueMap map = value_map();
  map.paths[0].states.push_back(6);
  CHECK(contains(refusal(map), "path 'greedy' goes through state 6 of 6"));
  map = value_map();
  map.cells.walls = {{2, 3}};
  CHECK(contains(refusal(map), "no neighbours"));
  PhaseDiagram phase = phase_diagram();
  phase.values[0] = 2;
  CHECK(contains(refusal(phase), "none of 2 actions"));
  CHECK(contains(error_message([] { plots::check(Picture{}); }), "without panels"));
}

TEST_CASE("the data are a CSV table") {
  CHECK(plots::csv(picture_of(line_chart())) == "curve,x,y\nup,0,0\nup,1,1\nup,2,\nup,3,3\n");
  CHECK(plots::csv(picture_of(heat_map())) == "y,x,value\nc,a,1\nc,b,2\nd,a,\nd,b,40\n");
  CHECK(plots::csv(picture_of(bar_chart())) == "name,value,low,high\none,1,0.9,1\ntwo,0.5,0.25,0.75\n");
  CHECK(contains(plots::csv(picture_of(q_plot())), "state,row,column,cell,left,down,right,up\n0,0,0,S,0.1,0.2,0.3,0.4\n"));
  CHECK(contains(plots::csv(picture_of(value_map())), "greedy,1,1,0,1,F,0.7,down\n"));
  CHECK(contains(plots::csv(picture_of(phase_diagram())), "cell,0.5,1.5,\n"));
  LineChart odd = line_chart();
  odd.curves[0].label = "a,\"b\"";
  CHECK(contains(plots::csv(picture_of(odd)), "\"a,\"\"b\"\"\",0,0\n"));
}

TEST_CASE("several panels share one table, and say which row is whose") {
  const std::string csv = plots::csv({{line_chart(), heat_map()}});
  CHECK(csv.starts_with("panel,curve,x,y,value\nLine,up,0,0,\n"));
  CHECK(contains(csv, "Heat,,a,c,1\n"));
}

TEST_CASE("a heat map and bars as text") {
  CHECK(to_text(picture_of(heat_map()), 40) ==
        "Heat\nrows (rows), columns (columns): value\n    a   b\nd   -  40\nc   1   2\n");
  CHECK(to_text(picture_of(bar_chart()), 34) ==
        "Bars\nshare\none ████████████ 1.00 [0.90, 1.00]\ntwo ██████       0.50 [0.25, 0.75]\n");
}

TEST_CASE("worlds of cells as text") {
  CHECK(to_text(picture_of(q_plot())) ==
        "Q\n"
        "┌───────────┬───────────┐\n"
        "│   0.40    │           │\n"
        "│0.10   0.30│           │\n"
        "│   0.20    │           │\n"
        "├───────────┼───────────┤\n"
        "│           │           │\n"
        "│     H     │     G     │\n"
        "│           │           │\n"
        "└───────────┴───────────┘\n"
        "greedy action\n"
        "↑ .\n"
        "H G\n");
  CHECK(to_text(picture_of(value_map())) ==
        "V\n"
        "┌─────┬─────┬─────┐\n"
        "│ S → │  ↓  ┃     │\n"
        "│0.500│0.700┃    -│\n"
        "├─────┼─────┼─────┤\n"
        "│  H  │  →  │  G  │\n"
        "│     │0.900│     │\n"
        "└─────┴─────┴─────┘\n"
        "greedy: 0 1 4 5\n");
}

TEST_CASE("curves and phase diagrams as text keep within their width and say what their marks mean") {
  const std::string line = to_text(picture_of(line_chart()), 50);
  CHECK(contains(line, "* up\n"));
  CHECK(contains(line, "┤*"));  // begins in the lower left corner
  const std::string phase = to_text(picture_of(phase_diagram()), 30);
  CHECK(contains(phase, "L push left   R push right\n"));
  CHECK(contains(phase, "blank: never visited"));
  for (const Panel& panel : all_panels()) {
    std::string row;
    for (const char c : to_text(picture_of(panel), 40)) {
      if (c != '\n') {
        row += c;
        continue;
      }
      CAPTURE(row);
      CHECK(std::count_if(row.begin(), row.end(), [](char b) { return (b & 0xC0) != 0x80; }) <= 40);
      row.clear();
    }
  }
}

TEST_CASE("text that is no UTF-8 or looks like a format cannot harm a script") {
  CHECK(plots::literal("a\xFF"
                       "b") == "'a?b'");
  CHECK(plots::literal("it's") == "'it''s'");
  CHECK(plots::tick_literal("50%") == "'50%%'");
  CHECK(plots::shortened("a long name", 0.5, 11).ends_with("…"));
}

TEST_CASE("gnuplot draws every kind of panel, whatever its texts") {
  if (gnuplot_version().empty()) return;
  const TemporaryFolder folder;
  std::size_t number = 0;
  for (Panel panel : all_panels()) {
    std::visit([](auto& p) { p.title = kOdd; }, panel);
    const fs::path stem = folder / ("new folder/v1." + std::to_string(number++));
    draw(picture_of(panel), stem);
    CAPTURE(stem);
    CHECK(is_png(get_bytes(stem.string() + ".png")));
    CHECK(is_svg(get_bytes(stem.string() + ".svg")));
    CHECK(get_bytes(stem.string() + ".csv") == plots::csv(picture_of(panel)));
    CHECK(contains(get_bytes(stem.string() + ".svg"), "it's"));
  }
  draw({all_panels(), 16, 8, 3}, folder / "all");
  CHECK(is_png(get_bytes(folder / "all.png")));
}

TEST_CASE("pictures of nothing are drawn as well") {
  if (gnuplot_version().empty()) return;
  const TemporaryFolder folder;
  LineChart nothing{"Nothing", "x", "y", {}};
  LineChart gaps = line_chart();
  gaps.curves[0].y = {NAN, NAN, HUGE_VAL, NAN};
  gaps.log_y = true;
  HeatMap empty = heat_map();
  empty.values = {NAN, NAN, NAN, NAN};
  BarChart none = bar_chart();
  none.values = {NAN, 0};
  draw({{nothing, gaps, empty, none}, 12, 4}, folder / "nothing");
  CHECK(is_png(get_bytes(folder / "nothing.png")));
  CHECK(is_svg(get_bytes(folder / "nothing.svg")));
}
