#include "app/plots/style.h"

#include <array>
#include <cctype>
#include <cmath>
#include <cstring>

#include "app/format.h"
#include "app/plots/gnuplot.h"
#include "core/error.h"

namespace handgrad::app::plots {

namespace {

// Okabe and Ito (2008): told apart by all kinds of colour vision. Neighbours differ in lightness, for grey prints.
constexpr std::array<const char*, 7> kCurveColours = {"0072B2", "E69F00", "000000", "009E73", "CC79A7", "D55E00", "56B4E9"};
constexpr std::array<const char*, 6> kDashes = {"solid", "(18,6)", "(4,4)", "(18,5,4,5)", "(8,5)", "(18,5,4,5,4,5)"};
constexpr std::array<int, 7> kMarkers = {7, 5, 9, 13, 11, 4, 6};
constexpr std::array<const char*, 7> kCategoryColours = {"0072B2", "E69F00", "F0E442", "000000", "009E73", "CC79A7", "56B4E9"};

// The width of a character of DejaVu Sans, as a part of the size of the letters; about that for what is not ASCII.
double character_width(char c) {
  if (std::isdigit(static_cast<unsigned char>(c)) != 0) return 0.64;
  if (std::strchr(" .,:;'|!()ijlftr-[]", c) != nullptr) return 0.36;
  if (std::strchr("mwMW%@", c) != nullptr) return 0.95;
  return std::isupper(static_cast<unsigned char>(c)) != 0 ? 0.7 : 0.61;
}

// Texts may come from anywhere: what is not UTF-8 would stop the drawing of the whole text.
std::string valid_utf8(const std::string& text) {
  std::string result;
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const std::size_t length = lead < 0x80 ? 1 : lead >> 5 == 6 ? 2 : lead >> 4 == 14 ? 3 : lead >> 3 == 30 ? 4 : 0;
    bool valid = length > 0 && i + length <= text.size() && lead != 0xC0 && lead != 0xC1 && lead < 0xF5;
    for (std::size_t k = 1; valid && k < length; ++k) valid = (static_cast<unsigned char>(text[i + k]) & 0xC0) == 0x80;
    result += valid ? text.substr(i, length) : "?";
    i += valid ? length : 1;
  }
  return result;
}

}  // namespace

CurveStyle curve_style(std::size_t i) {
  return {text("#", kCurveColours[i % kCurveColours.size()]), kDashes[i % kDashes.size()], kMarkers[i % kMarkers.size()]};
}

Colour category_colour(std::size_t i, std::size_t count) {
  // Of three the middle one is often "nothing": the brightest.
  static constexpr std::array<std::size_t, 3> kOfThree = {0, 2, 1};
  return colour(kCategoryColours[count == 3 ? kOfThree[i] : i % kCategoryColours.size()]);
}

double text_width(std::string_view text, double points) {
  double width = 0;
  for (const char c : text) {
    const bool goes_on = (static_cast<unsigned char>(c) & 0xC0) == 0x80;  // a further byte of one character
    if (!goes_on) width += character_width(c);
  }
  return width * points / 72;
}

double last_label_overhang(const Axis& axis) {
  return axis.labels.empty() ? 0 : text_width(axis.labels.back(), kTextPoints) / 2;
}

double line_height(double points) { return 1.4 * points / 72; }

std::vector<std::string> wrapped(const std::string& text, double inches, double points) {
  std::vector<std::string> lines = {""};
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(' ', begin), text.size());
    const std::string word = text.substr(begin, end - begin);
    const std::string longer = lines.back().empty() ? word : lines.back() + " " + word;
    if (lines.back().empty() || text_width(longer, points) <= inches) {
      lines.back() = longer;
    } else {
      lines.push_back(word);
    }
    begin = end + 1;
  }
  return lines;
}

std::string shortened(const std::string& text, double inches, double points) {
  if (text_width(text, points) <= inches) return text;
  std::string result;
  for (std::size_t i = 0; i < text.size();) {
    std::size_t next = i + 1;
    while (next < text.size() && (static_cast<unsigned char>(text[next]) & 0xC0) == 0x80) ++next;
    const std::string longer = result + text.substr(i, next - i);
    if (text_width(longer, points) + text_width("…", points) > inches) break;
    result = longer;
    i = next;
  }
  return result + "…";
}

std::vector<std::string> in_lines(const std::string& text, double inches, double points, std::size_t most_lines) {
  std::vector<std::string> lines = wrapped(text, inches, points);
  while (lines.size() > most_lines) {
    const std::string last = lines.back();
    lines.pop_back();
    lines.back() += " " + last;
  }
  for (auto& line : lines) line = shortened(line, inches, points);
  return lines;
}

std::string literal(const std::string& text) { return gnuplot_string(valid_utf8(text)); }

std::string literal(const std::vector<std::string>& lines) {
  std::string result;
  for (const auto& line : lines) result += (result.empty() ? "" : " . \"\\n\" . ") + literal(line);
  return result;
}

std::string tick_literal(const std::vector<std::string>& lines) {
  std::string result;
  for (const auto& line : lines) result += (result.empty() ? "" : " . \"\\n\" . ") + tick_literal(line);
  return result;
}

std::string tick_literal(const std::string& text) {
  std::string doubled;
  for (const char c : text) doubled += c == '%' ? "%%" : std::string(1, c);
  return literal(doubled);
}

std::string terminals(double width, double height) {
  const auto size = [&](double pixels) { return text(std::lround(width * pixels), ",", std::lround(height * pixels)); };
  // A point is a pixel to the SVG terminal, 96/72 of one to the other.
  const std::string svg_scale = fixed(kSvgPixelsPerInch / 72, 4), png_scale = fixed(kPngPixelsPerInch / 96, 4);
  const std::string font = text("noenhanced font 'Sans,", exact(kTextPoints), "'");
  return text("# A picture as PNG:  gnuplot FILE.gp > FILE.png\n",
              "# the same as SVG:   gnuplot -e \"format = 'svg'\" FILE.gp > FILE.svg\n",
              "if (!exists('format')) format = 'png'\n", "if (format eq 'svg') set terminal svg size ",
              size(kSvgPixelsPerInch), " fixed ", font, " fontscale ", svg_scale, " linewidth 1 background rgb 'white'\n",
              "if (format ne 'svg') set terminal pngcairo size ", size(kPngPixelsPerInch), " ", font, " fontscale ", png_scale,
              " linewidth ", png_scale, " pointscale ", png_scale, "\nset encoding utf8\n\n");
}

std::string panel_beginning() {
  return text("reset\nset border 3 linewidth 1 linecolor rgb '", kInk, "'\nset tics nomirror out scale 0.5 textcolor rgb '",
              kInk, "'\nset grid xtics ytics linetype 1 linewidth 0.7 linecolor rgb '", kGridInk,
              "'\nset style fill solid 1 noborder\nunset key\n");
}

std::string ticks_command(const std::string& name, const Axis& axis) {
  std::string list;
  for (std::size_t i = 0; i < axis.ticks.size(); ++i) {
    std::string label = axis.labels[i];
    if (label.starts_with('-')) label.replace(0, 1, "−");
    list += (list.empty() ? "" : ", ") + tick_literal(label) + " " + exact(axis.ticks[i]);
  }
  for (const double tick : axis.minor_ticks) list += text(list.empty() ? "" : ", ", "'' ", exact(tick), " 1");
  return text("set ", name, "tics (", list, ")\n");
}

std::string range_command(const std::string& name, const Axis& axis) {
  return text("set ", name, "range [", exact(axis.low), ":", exact(axis.high), "]\n",
              axis.logarithmic ? text("set logscale ", name, "\n") : "");
}

}  // namespace handgrad::app::plots
