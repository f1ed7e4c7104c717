#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace handgrad::app {

// What can be drawn, as plain data. draw() makes picture files of it, to_text() something for a terminal without graphics.
// NaN is "nothing there" everywhere: a gap in a curve, an empty cell.

/// y over x, with a band from low to high where there is one.
struct Curve {
  enum class Style { line, points, line_and_points };
  std::string label;              ///< "": not in the legend
  std::vector<double> x, y;       ///< of one length
  std::vector<double> low, high;  ///< [x] or empty
  Style style = Style::line;
};

struct LineChart {
  std::string title, x_label, y_label;
  std::vector<Curve> curves;
  bool log_x = false, log_y = false;
  std::optional<double> threshold = {};  ///< a dashed horizontal line
  std::string threshold_label = {};
};

/// Named rows and columns, a colour a cell: a study over two settings.
struct HeatMap {
  std::string title, x_label, y_label, value_label;
  std::vector<std::string> x_names, y_names;
  std::vector<double> values;  ///< [y, x]
  bool numbers = true;         ///< written into the cells
  bool downwards = false;      ///< the first row on top, as in a table, instead of at the bottom, as along an axis
};

/// A bar a name, with an interval where there is one.
struct BarChart {
  std::string title, y_label;
  std::vector<std::string> names;
  std::vector<double> values;
  std::vector<double> low, high;  ///< [names] or empty
};

/// A grid world: rows of letters, S start, F free, H hole or C cliff, G goal, others as they are; R·C cells, state r·C + c.
struct GridCells {
  std::vector<std::string> rows;
  std::vector<char> directions = {'L', 'D', 'R', 'U'};  ///< of action 0, 1 …: left, down, right, up; others are letters
  std::vector<std::pair<std::int64_t, std::int64_t>> walls = {};  ///< between these neighbouring cells
};

/// Action values, four triangles a cell.
struct QPlot {
  std::string title;
  GridCells cells;
  std::vector<double> q;        ///< [S, A]
  double low = 0, high = 1;     ///< of the colour scale; values outside take the colours of its ends
  bool skip_zero_cells = true;  ///< a cell whose values are all exactly 0 stays empty
  bool greedy = false;          ///< mark the greedy action
};

/// State values as colours, the greedy action as an arrow (-1: none), and paths through the cells.
struct ValueMap {
  struct Path {
    std::string label;
    std::vector<std::int64_t> states;  ///< a single one is drawn as a dot: somebody stands there
  };
  std::string title, value_label;
  GridCells cells;
  std::vector<double> values;        ///< [S], or empty: letters only
  std::vector<std::int32_t> greedy;  ///< [S] or empty
  std::vector<Path> paths;
};

/// A field over two continuous quantities, on ny x nx cells: colours of values, or of actions by name.
struct PhaseDiagram {
  std::string title, x_label, y_label, value_label;
  double x_low = 0, x_high = 0, y_low = 0, y_high = 0;
  std::size_t nx = 0, ny = 0;
  std::vector<double> values;             ///< [ny, nx], from y_low up; for actions their number, NaN never visited (grey)
  std::vector<std::string> action_names;  ///< empty: values are quantities
  std::vector<double> trajectory_x, trajectory_y;
};

using Panel = std::variant<LineChart, HeatMap, BarChart, QPlot, ValueMap, PhaseDiagram>;

/// One picture: panels side by side, `columns` to a row (0: all in one row).
struct Picture {
  std::vector<Panel> panels;
  double width = 6.4, height = 4.8;  ///< inches, of the whole
  std::size_t columns = 0;
};

/// Writes stem.png and stem.svg, the same picture twice; stem.csv, its data; stem.gp, the gnuplot script with the data in it.
/// Folders on the way are made. Throws Error for data that does not fit together and if there is no gnuplot; data and script
/// are on disk before it runs.
void draw(const Picture& picture, const std::filesystem::path& stem);

/// The same for a terminal, at most `width` characters wide.
std::string to_text(const Picture& picture, std::size_t width = 80);

}  // namespace handgrad::app
