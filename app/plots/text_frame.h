#pragma once

#include <string>

#include "app/plots/axis.h"
#include "app/plots/text_canvas.h"

namespace handgrad::app::plots {

/// Axes with numbers around a field of characters.
class TextFrame {
 public:
  /// At most `width` characters wide altogether, `rows` rows inside.
  TextFrame(std::size_t width, std::size_t rows, const Axis& x, const Axis& y);

  std::size_t columns() const { return columns_; }
  std::size_t rows() const { return rows_; }
  /// Where a number falls; outside of the axis too: clamp() first.
  std::size_t column(double x) const;
  std::size_t row(double y) const;
  void put(std::size_t column, std::size_t row, const std::string& character) { canvas_.put(left_ + column, row, character); }

  /// With the names of the axes: y above, x below.
  std::string to_string(const std::string& x_label, const std::string& y_label);

 private:
  Axis x_, y_;
  std::size_t left_, columns_, rows_;
  TextCanvas canvas_;
};

}  // namespace handgrad::app::plots
