#pragma once

#include <string>

#include "app/plots/layout.h"

namespace handgrad::app::plots {

/// Two axes with labels and a legend around the inside of a panel.
struct ChartFrame {
  Layout layout;
  Legend legend;
  std::string x_label, y_label;
  double y_label_place = 0, x_label_place = 0;  ///< inches from the area's left and lower edge

  /// x_tick_room, y_tick_room: how much the numbers or names along the axes take, inches; x_overhang: how far the last one
  /// along x may reach beyond the end of the axis.
  ChartFrame(const Area& area, const std::string& title, const std::string& x_label, const std::string& y_label,
             double x_tick_room, double y_tick_room, double x_overhang, std::vector<std::string> legend_names);

  /// Everything around the inside: margins, labels, key.
  std::string commands() const;
};

}  // namespace handgrad::app::plots
