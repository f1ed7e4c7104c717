#pragma once

#include <string>
#include <vector>

#include "network.h"

namespace handgrad::inline HANDGRAD_PRECISION {

/// An element of a network's flat array by the name of its parameter array and its place there: "2.weight[3, 1]".
std::string element_name(const std::vector<Network::Entry>& layout, std::int64_t index);

/// The first element of an array [P] of a network that is infinite or NaN, and its value: "2.weight[3, 1] is nan"; "" if there
/// is none. The array lies in the backend's memory: fetches a copy, which waits for a device.
std::string find_non_finite(Backend& backend, const std::vector<Network::Entry>& layout, ConstVector array);

}  // namespace handgrad::inline HANDGRAD_PRECISION
