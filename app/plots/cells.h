#pragma once

#include "app/plots/layout.h"
#include "app/plots/picture.h"

// What panels of square or rectangular cells share.

namespace handgrad::app::plots {

/// Texts in cells, each in the colour that can be read on its background. One size of letters for all.
class CellTexts {
 public:
  CellTexts(const std::string& id, double points);
  void add(double x, double y, const std::string& words, const Colour& background);
  std::string data() const;
  /// Parts of a plot command; none if there are no texts.
  std::vector<std::string> parts() const;

 private:
  DataBlock dark_, light_;
  double points_;
};

/// The largest size, at most `most`, at which the longest of the texts fits into so many inches; 0 where that would be too
/// small to read.
double fitting_points(std::size_t longest, double inches, double most);

/// A number as it stands in a cell, among others of which the largest is so large: about three digits.
std::string cell_number(double value, double largest);
/// With exactly two decimals, without "-0.00".
std::string two_decimals(double value);

/// Filled rectangles, a row each: centre, half widths, colour.
class Rectangles {
 public:
  explicit Rectangles(const std::string& id) : data_(id + "_cells") {}
  void add(double x, double y, double half_width, double half_height, const Colour& colour);
  std::string data() const { return data_.to_string(); }
  std::string part(const std::string& border) const;  ///< border: "noborder" or "border …"
  bool empty() const { return data_.empty(); }

 private:
  DataBlock data_;
};

}  // namespace handgrad::app::plots
