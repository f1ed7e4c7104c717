#include "app/plots/cells.h"

#include <algorithm>
#include <cmath>

#include "app/format.h"
#include "core/error.h"

namespace handgrad::app::plots {

namespace {

constexpr double kLeastPoints = 5;

std::string minus_sign(std::string words) {
  if (words.starts_with('-')) words.replace(0, 1, "−");
  return words;
}

}  // namespace

CellTexts::CellTexts(const std::string& id, double points) : dark_(id + "_dark"), light_(id + "_light"), points_(points) {}

void CellTexts::add(double x, double y, const std::string& words, const Colour& background) {
  if (points_ == 0) return;
  DataBlock& block = readable_on(background).red == 0 ? dark_ : light_;
  block.row({x, y}, minus_sign(words));
}

std::string CellTexts::data() const {
  return (dark_.empty() ? "" : dark_.to_string()) + (light_.empty() ? "" : light_.to_string());
}

std::vector<std::string> CellTexts::parts() const {
  std::vector<std::string> result;
  const auto add_part = [&](const DataBlock& block, const char* colour) {
    if (block.empty()) return;
    result.push_back(text(block.name(), " using 1:2:3 with labels center font ',", fixed(points_, 1), "' textcolor rgb '",
                          colour, "' notitle"));
  };
  add_part(dark_, "#000000");
  add_part(light_, "#FFFFFF");
  return result;
}

double fitting_points(std::size_t longest, double inches, double most) {
  const double fits = inches / text_width(std::string(std::max<std::size_t>(longest, 1), '0'), 1);
  return fits < kLeastPoints ? 0 : std::min(fits, most);
}

std::string cell_number(double value, double largest) {
  if (value == 0) return "0";
  if (largest >= 1e6 || largest < 1e-3) return brief(value, 3);
  const bool whole = largest >= 10 && value == std::floor(value);
  const int digits = largest >= 100 || whole ? 0 : largest >= 10 ? 1 : largest >= 1 ? 2 : 3;
  return digits == 0 ? grouped(std::llround(value)) : fixed(value, digits);
}

std::string two_decimals(double value) {
  const std::string number = fixed(value, 2);
  return number == "-0.00" ? "0.00" : number;
}

void Rectangles::add(double x, double y, double half_width, double half_height, const Colour& colour) {
  const auto byte = [](double channel) { return std::lround(std::clamp(channel, 0.0, 1.0) * 255); };
  const auto packed = static_cast<double>((byte(colour.red) << 16) + (byte(colour.green) << 8) + byte(colour.blue));
  data_.row({x, y, half_width, half_height, packed});
}

std::string Rectangles::part(const std::string& border) const {
  return data_.name() + " using 1:2:3:4:5 with boxxyerror fillstyle solid 1 " + border + " linecolor rgb variable notitle";
}

}  // namespace handgrad::app::plots
