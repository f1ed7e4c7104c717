#pragma once

#include <optional>
#include <string>

#include "app/plots/cells.h"

// Worlds of square cells: what pictures of action values and of state values share. On the inside of such a panel cell
// (row, column) reaches from x = column to column + 1 and from y = row to row + 1, y downwards.

namespace handgrad::app::plots {

std::size_t grid_rows(const GridCells& cells);
std::size_t grid_columns(const GridCells& cells);
std::size_t grid_size(const GridCells& cells);
char letter(const GridCells& cells, std::size_t state);
bool is_hole(char letter);  ///< of a hole or a cliff

/// Throws Error beginning with `what` unless the rows are of one length, there are actions, and walls stand between cells
/// that are neighbours.
void check_grid(const GridCells& cells, const std::string& what);

/// The way a letter of GridCells::directions points, in cells; nothing for a letter that is no direction.
struct Step {
  double x, y;
};
std::optional<Step> step_of(char direction);
/// "left", "down", …; the letter itself if it is no direction.
std::string direction_name(char direction);

/// The colour of a hole, a cliff, a goal; nothing for other cells.
std::optional<Colour> special_colour(char letter);

/// Ranges, no ticks, and black lines around all cells; thick ones where there are walls.
std::string grid_frame(const GridCells& cells, const Layout& layout);

}  // namespace handgrad::app::plots
