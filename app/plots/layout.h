#pragma once

#include <string>
#include <vector>

#include "app/plots/panels.h"

namespace handgrad::app::plots {

/// The inside of a panel, between its axes: what is left when title, labels, ticks and legend have got their room.
/// All in inches; the margins grow as things are put beside the inside.
class Layout {
 public:
  /// With the title above, broken into lines where it is long.
  Layout(const Area& area, const std::string& title);

  double left = kGap, right = kGap, bottom = kGap, top = kGap;  ///< margins inside the area

  double inside_width() const { return area_.width - left - right; }
  double inside_height() const { return area_.height - bottom - top; }

  /// Once all margins are known: widens them where the area asks for it.
  void align_with_neighbours();

  /// Makes the inside the largest of this shape (width over height), in the middle.
  void keep_ratio(double width_over_height);

  /// Places on the whole picture, 0 to 1, of a point of the area given in inches from its lower left corner.
  std::string screen(double x, double y) const;
  std::string screen_x(double x) const;
  std::string screen_y(double y) const;

  /// "set lmargin at screen …" and the title.
  std::string commands() const;

  const Area& area() const { return area_; }

 private:
  Area area_;
  std::vector<std::string> title_;
};

/// A legend outside: in rows below everything, or in a column at the right where there are many or long names.
class Legend {
 public:
  /// Takes its room from the layout: call it after the axes have taken theirs.
  Legend(std::vector<std::string> names, Layout& layout);
  /// "set key …", to come after the layout's commands; empty without names.
  std::string commands(const Layout& layout) const;
  /// The name as it goes after `title`.
  std::string title(std::size_t i) const;

 private:
  std::vector<std::string> names_;
  bool below_ = true;
  std::size_t columns_ = 1, rows_ = 0;
  double place_ = 0;  // inches: centre line below, or left edge at the right
};

/// A box with the colours of an Axis and their numbers, at the right of the inside. Takes its room from the layout.
class ColourBox {
 public:
  ColourBox(Scale scale, const Axis& axis, std::string label, Layout& layout);
  std::string commands(const Layout& layout) const;
  Colour colour(double value) const { return scale_colour(scale_, axis_.fraction(value)); }

 private:
  Scale scale_;
  Axis axis_;
  std::string label_;
  double place_;
};

/// A gnuplot data block: rows of numbers; what is not finite is NaN.
class DataBlock {
 public:
  explicit DataBlock(std::string name) : name_(std::move(name)) {}

  void row(const std::vector<double>& numbers);
  void row(const std::vector<double>& numbers, const std::string& word);  ///< and a text in double quotes at the end
  void blank() { rows_ += "\n"; }                                         ///< ends a line; two in a row end an index
  bool empty() const { return rows_.empty(); }
  std::string to_string() const { return "$" + name_ + " << END_OF_DATA\n" + rows_ + "END_OF_DATA\n\n"; }
  std::string name() const { return "$" + name_; }

 private:
  std::string name_, rows_;
};

/// "plot a, \<newline> b", lowest first.
std::string plot_command(const std::vector<std::string>& parts);

}  // namespace handgrad::app::plots
