#include "app/plots/layout.h"

#include <algorithm>
#include <cmath>

#include "app/format.h"
#include "core/error.h"

namespace handgrad::app::plots {

namespace {

constexpr double kSample = 0.42;           // of a legend's line
constexpr double kEntryGap = 0.35;         // between legend entries side by side
constexpr double kMostLegendWidth = 0.42;  // of the area, at the right
constexpr std::size_t kMostRowsBelow = 3;
constexpr double kColourBoxWidth = 0.16;

double widest(const std::vector<std::string>& names) {
  double width = 0;
  for (const auto& name : names) width = std::max(width, text_width(name, kSmallPoints));
  return width;
}

}  // namespace

Layout::Layout(const Area& area, const std::string& title) : area_(area) {
  if (title.empty()) return;
  title_ = wrapped(title, area.width - 2 * kGap, kTitlePoints);
  top += static_cast<double>(title_.size()) * line_height(kTitlePoints) + kGap;
}

void Layout::align_with_neighbours() {
  bottom = std::max(bottom, area_.least_bottom);
  top = std::max(top, area_.least_top);
}

void Layout::keep_ratio(double width_over_height) {
  const double width = std::min(inside_width(), inside_height() * width_over_height);
  const double spare_width = inside_width() - width, spare_height = inside_height() - width / width_over_height;
  left += spare_width / 2;
  right += spare_width / 2;
  bottom += spare_height / 2;
  top += spare_height / 2;
}

std::string Layout::screen_x(double x) const { return "screen " + fixed((area_.left + x) / area_.picture_width, 5); }
std::string Layout::screen_y(double y) const { return "screen " + fixed((area_.bottom + y) / area_.picture_height, 5); }
std::string Layout::screen(double x, double y) const { return screen_x(x) + ", " + screen_y(y); }

std::string Layout::commands() const {
  std::string result = text("set lmargin at ", screen_x(left), "\nset rmargin at ", screen_x(area_.width - right),
                            "\nset bmargin at ", screen_y(bottom), "\nset tmargin at ", screen_y(area_.height - top), "\n");
  if (title_.empty()) return result;
  // The title stands right above the inside, in the middle of it unless it is too wide for that.
  double width = 0;
  for (const auto& line : title_) width = std::max(width, text_width(line, kTitlePoints));
  const double half = std::min(width, area_.width) / 2;
  const double centre = std::clamp(left + inside_width() / 2, half, std::max(half, area_.width - half));
  const double height = static_cast<double>(title_.size()) * line_height(kTitlePoints);
  return result + text("set label 1 ", literal(title_), " at ",
                       screen(centre, area_.height - top + kGap + height - line_height(kTitlePoints) / 2), " center font ',",
                       exact(kTitlePoints), "' textcolor rgb '", kInk, "'\n");
}

Legend::Legend(std::vector<std::string> names, Layout& layout) : names_(std::move(names)) {
  if (names_.empty()) return;
  const Area& area = layout.area();
  const double room = area.width - 2 * kGap;
  for (auto& name : names_) name = shortened(name, room - kSample - 2 * kGap, kSmallPoints);
  const double entry = kSample + widest(names_) + kEntryGap;
  columns_ = std::clamp<std::size_t>(static_cast<std::size_t>(room / entry), 1, names_.size());
  rows_ = (names_.size() + columns_ - 1) / columns_;
  below_ = rows_ <= kMostRowsBelow || entry > kMostLegendWidth * area.width;
  if (below_) {
    columns_ = (names_.size() + rows_ - 1) / rows_;
    const double height = static_cast<double>(rows_) * line_height(kSmallPoints);
    place_ = kGap + height / 2;
    layout.bottom += height + kGap;
  } else {
    columns_ = 1;
    layout.right += entry - kGap;
    place_ = area.width - layout.right + kGap;
  }
}

std::string Legend::commands(const Layout& layout) const {
  if (names_.empty()) return "";
  const std::string look = text(" Left reverse samplen 2.2 font ',", exact(kSmallPoints), "' textcolor rgb '", kInk, "'\n");
  const Area& area = layout.area();
  if (below_) {
    const double middle = std::clamp(layout.left + layout.inside_width() / 2, 0.0, area.width);
    const double centre = columns_ > 1 ? area.width / 2 : middle;
    return text("set key at ", layout.screen(centre, place_), " center center horizontal maxcols ", columns_, look);
  }
  return text("set key at ", layout.screen(place_, area.height - layout.top), " left top vertical maxcols 1", look);
}

std::string Legend::title(std::size_t i) const { return " title " + literal(names_[i]); }

ColourBox::ColourBox(Scale scale, const Axis& axis, std::string label, Layout& layout)
    : scale_(scale), axis_(axis), label_(std::move(label)) {
  double numbers = 0;
  for (const auto& tick : axis_.labels) numbers = std::max(numbers, text_width(tick, kSmallPoints));
  const double label_room = label_.empty() ? 0 : line_height(kTextPoints) + kGap;
  layout.right += 2 * kGap + kColourBoxWidth + 1.5 * kGap + numbers + label_room;
  place_ = 2 * kGap;
}

std::string ColourBox::commands(const Layout& layout) const {
  const Area& area = layout.area();
  const double x = area.width - layout.right + place_;
  std::string result = palette(scale_) + range_command("cb", axis_) + ticks_command("cb", axis_);
  result += text("set cbtics font ',", exact(kSmallPoints), "' scale 0.5 nomirror out\n");
  result += text("set colorbox user origin ", layout.screen(x, layout.bottom), " size ", "screen ",
                 fixed(kColourBoxWidth / area.picture_width, 5), ", screen ",
                 fixed(layout.inside_height() / area.picture_height, 5), " noborder\n");
  if (label_.empty()) return result;
  double numbers = 0;
  for (const auto& tick : axis_.labels) numbers = std::max(numbers, text_width(tick, kSmallPoints));
  const double place = x + kColourBoxWidth + 1.5 * kGap + numbers + kGap + line_height(kTextPoints) / 2;
  return result + text("set label 4 ", literal(shortened(label_, area.height, kTextPoints)), " at ",
                       layout.screen(place, layout.bottom + layout.inside_height() / 2),
                       " center rotate by 90 textcolor rgb '", kInk, "'\n");
}

void DataBlock::row(const std::vector<double>& numbers) {
  for (const double number : numbers) rows_ += (std::isfinite(number) ? exact(number) : "NaN") + " ";
  rows_.back() = '\n';
}

void DataBlock::row(const std::vector<double>& numbers, const std::string& word) {
  row(numbers);
  rows_.back() = ' ';
  rows_ += '"' + word + "\"\n";
}

std::string plot_command(const std::vector<std::string>& parts) {
  std::string command = "plot ";
  for (std::size_t i = 0; i < parts.size(); ++i) command += (i == 0 ? "" : ", \\\n     ") + parts[i];
  return command + "\n";
}

}  // namespace handgrad::app::plots
