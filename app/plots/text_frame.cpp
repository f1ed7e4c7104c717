#include "app/plots/text_frame.h"

#include <algorithm>
#include <cmath>

#include "app/format.h"

namespace handgrad::app::plots {

namespace {

constexpr std::size_t kLeastColumns = 10;

std::size_t place(double fraction, std::size_t count) {
  const double scaled = std::clamp(fraction, 0.0, 1.0) * static_cast<double>(count - 1);
  return static_cast<std::size_t>(std::lround(scaled));
}

}  // namespace

TextFrame::TextFrame(std::size_t width, std::size_t rows, const Axis& x, const Axis& y)
    : x_(x),
      y_(y),
      left_(y.longest_label() + 2),
      columns_(std::max(width, left_ + kLeastColumns) - left_),
      rows_(rows),
      canvas_(left_ + columns_, rows + 2) {}

std::size_t TextFrame::column(double x) const { return place(x_.fraction(x), columns_); }
std::size_t TextFrame::row(double y) const { return rows_ - 1 - place(y_.fraction(y), rows_); }

std::string TextFrame::to_string(const std::string& x_label, const std::string& y_label) {
  for (std::size_t r = 0; r < rows_; ++r) canvas_.put(left_ - 1, r, "│");
  for (std::size_t i = 0; i < y_.ticks.size(); ++i) {
    canvas_.write(0, row(y_.ticks[i]), right_aligned(y_.labels[i], left_ - 2) + " ┤");
  }
  canvas_.put(left_ - 1, rows_, "└");
  for (std::size_t c = 0; c < columns_; ++c) canvas_.put(left_ + c, rows_, "─");
  std::size_t free_from = 0;
  for (std::size_t i = 0; i < x_.ticks.size(); ++i) {
    const std::size_t at = left_ + column(x_.ticks[i]), size = display_width(x_.labels[i]);
    canvas_.put(at, rows_, "┬");
    const std::size_t begin = std::min(at - std::min(at, size / 2), canvas_.columns() - std::min(size, canvas_.columns()));
    if (begin < free_from) continue;
    canvas_.write(begin, rows_ + 1, x_.labels[i]);
    free_from = begin + size + 1;
  }
  const std::string above = y_label.empty() ? "" : fitted(y_label, canvas_.columns()) + "\n";
  std::string below = x_label.empty() ? "" : std::string(left_, ' ') + centred(fitted(x_label, columns_), columns_);
  below.erase(below.find_last_not_of(' ') + 1);
  return above + canvas_.to_string() + (below.empty() ? "" : below + "\n");
}

}  // namespace handgrad::app::plots
