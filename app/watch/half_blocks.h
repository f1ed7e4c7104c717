#pragma once

#include <string>
#include <vector>

#include "app/watch/image.h"

namespace handgrad::app {

enum class ColourDepth { true_colour, colours_256 };

/// What this terminal says of itself: 24 bits if COLORTERM is truecolor or 24bit.
ColourDepth terminal_colours();

/// The image in text, two pixels a character: ▀ in the upper one's colour on the lower one's. A line for two rows of pixels,
/// each complete in itself: colours are set at its beginning and reset at its end. A missing last row is black.
std::vector<std::string> half_blocks(const Image& image, ColourDepth depth);

/// The nearest colour of the 256 that xterm has, from its 6 x 6 x 6 cube and its 24 greys.
int nearest_of_256(std::uint32_t colour);

}  // namespace handgrad::app
