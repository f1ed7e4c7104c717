#pragma once

#include <cstddef>
#include <string>

#include "app/plots/picture.h"

namespace handgrad::app {

// A panel for a terminal, at most `width` characters wide where its content allows. Lines end in "\n"; the title comes first.

std::string text_of(const LineChart& chart, std::size_t width);
std::string text_of(const HeatMap& map, std::size_t width);
std::string text_of(const BarChart& chart, std::size_t width);
std::string text_of(const QPlot& plot, std::size_t width);
std::string text_of(const ValueMap& map, std::size_t width);
std::string text_of(const PhaseDiagram& diagram, std::size_t width);

/// "title\n", or nothing for no title.
std::string text_title(const std::string& title);
/// The arrow of a direction: 'L' left, 'R' right, 'U' up, 'D' down; anything else stays as it is.
std::string arrow_of(char direction);
/// Filled up with blanks to `width` characters, on the right or on the left.
std::string padded(const std::string& text, std::size_t width);
std::string padded_left(const std::string& text, std::size_t width);

}  // namespace handgrad::app
