#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "app/plots/axis.h"
#include "app/plots/colour.h"

// How all pictures look: fonts, colours, lines. Lengths are inches, sizes of letters points.

namespace handgrad::app::plots {

constexpr double kTitlePoints = 13, kTextPoints = 11, kSmallPoints = 10;
constexpr double kPngPixelsPerInch = 160, kSvgPixelsPerInch = 96;
constexpr double kGap = 0.08;  ///< between things that stand beside each other

constexpr const char* kInk = "#262626";  ///< axes and texts
constexpr const char* kGridInk = "#DDDDDD";
constexpr const char* kNothingInk = "#E6E6E6";  ///< a cell without a value

/// How the i-th of several curves is told from the others: by colour, by dashes, by markers.
struct CurveStyle {
  std::string colour;  ///< "#0072B2"
  std::string dashes;  ///< gnuplot's dashtype
  int marker;          ///< gnuplot's pointtype
};
CurveStyle curve_style(std::size_t i);

/// The colour of the i-th of `count` things that are told apart by colour alone: of different lightness as well.
Colour category_colour(std::size_t i, std::size_t count);

/// About how wide a text is. (Fonts differ; this one is DejaVu Sans, wider than most.)
double text_width(std::string_view text, double points);
double line_height(double points);
/// How far the last number below an axis may reach beyond its end: half of its width at most.
double last_label_overhang(const Axis& axis);

/// The text in lines that fit, broken between words; a word that does not fit stands alone.
std::vector<std::string> wrapped(const std::string& text, double inches, double points);
/// The text, or its beginning and "…" if it does not fit.
std::string shortened(const std::string& text, double inches, double points);

/// The text in at most so many lines, each shortened if it does not fit.
std::vector<std::string> in_lines(const std::string& text, double inches, double points, std::size_t most_lines);

/// A text as gnuplot string expression: quotes, backslashes, percent signs and bytes that are no UTF-8 do no harm.
std::string literal(const std::string& text);
std::string literal(const std::vector<std::string>& lines);
/// The same where gnuplot takes the text as a number format: tick labels.
std::string tick_literal(const std::string& text);
std::string tick_literal(const std::vector<std::string>& lines);

/// The head of a script: either terminal, chosen by the variable `format`, with the same picture on it.
std::string terminals(double width, double height);
/// What every panel begins with: the state of gnuplot after `reset`, in this style.
std::string panel_beginning();

/// "set xtics (…)" for `name` x, y or cb.
std::string ticks_command(const std::string& name, const Axis& axis);
/// "set xrange [low:high]" and the kind of axis.
std::string range_command(const std::string& name, const Axis& axis);

}  // namespace handgrad::app::plots
