#pragma once

#include <string>

#include "app/plots/picture.h"

namespace handgrad::app::plots {

/// Throws Error for data that does not fit together, and for a picture without panels or without size.
void check(const Picture& picture);

/// The gnuplot script with the data in it; it writes to its standard output, PNG unless the variable `format` is 'svg'.
std::string script(const Picture& picture);

/// The data as a CSV table: the columns of all panels, one after the other; which panel it is comes first where there are
/// several. Nothing between the commas where a panel has no such column, or no value.
std::string csv(const Picture& picture);

}  // namespace handgrad::app::plots
