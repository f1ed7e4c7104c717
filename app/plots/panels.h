#pragma once

#include <string>
#include <vector>

#include "app/plots/picture.h"
#include "app/plots/style.h"

// What every kind of panel can do; a source a kind has the three functions. Inside this folder only.

namespace handgrad::app::plots {

/// Where a panel stands in the picture.
struct Area {
  double picture_width, picture_height;    ///< inches
  double left, bottom, width, height;      ///< inches, from the picture's lower left corner
  std::string id;                          ///< begins the names of its data blocks
  double least_bottom = 0, least_top = 0;  ///< margins, at least: so that neighbours stand on one line
};

/// A part of a gnuplot script: data blocks, and the commands that plot them.
struct PanelScript {
  std::string data, commands;
  double bottom = 0, top = 0;  ///< the margins around its inside
};

/// A table as it goes into the CSV file.
struct Table {
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;
};

/// Throws Error, beginning with "line chart", "heat map" …, if sizes do not fit together.
void check(const LineChart& panel);
void check(const HeatMap& panel);
void check(const BarChart& panel);
void check(const QPlot& panel);
void check(const ValueMap& panel);
void check(const PhaseDiagram& panel);

PanelScript script(const LineChart& panel, const Area& area);
PanelScript script(const HeatMap& panel, const Area& area);
PanelScript script(const BarChart& panel, const Area& area);
PanelScript script(const QPlot& panel, const Area& area);
PanelScript script(const ValueMap& panel, const Area& area);
PanelScript script(const PhaseDiagram& panel, const Area& area);

Table table(const LineChart& panel);
Table table(const HeatMap& panel);
Table table(const BarChart& panel);
Table table(const QPlot& panel);
Table table(const ValueMap& panel);
Table table(const PhaseDiagram& panel);

std::string text_form(const LineChart& panel, std::size_t width);
std::string text_form(const HeatMap& panel, std::size_t width);
std::string text_form(const BarChart& panel, std::size_t width);
std::string text_form(const QPlot& panel, std::size_t width);
std::string text_form(const ValueMap& panel, std::size_t width);
std::string text_form(const PhaseDiagram& panel, std::size_t width);

}  // namespace handgrad::app::plots
