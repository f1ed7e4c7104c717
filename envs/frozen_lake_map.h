#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace handgrad {

/// A lake seen from above, a string a row: S start, F frozen, H hole, G goal.
using FrozenLakeMap = std::vector<std::string>;

/// Gymnasium's built-in maps, "4x4" and "8x8". Throws Error for another name.
FrozenLakeMap frozen_lake_map(const std::string& name);

/// Throws Error unless the map has rows of one length, at most 2^20 cells, holds only S, F, H and G, and has a start.
/// Stricter than Gymnasium on purpose: there other letters count as F, and without an S every episode begins in the first
/// cell, after a division by zero. A map without goal is allowed in both.
void check_frozen_lake_map(const FrozenLakeMap& map);

/// Gymnasium's generate_random_map(size, p, seed): size × size, each cell frozen with probability p, else a hole; S in the
/// first cell, G in the last; drawn again from the same stream until a way leads from S to G.
///
/// p above 1 counts as 1. Throws Error unless 2 <= size <= 1000 and p > 0, and if 10^8 cells have been drawn without finding
/// a passable map: p is too small for the size. (Gymnasium goes on for ever.)
FrozenLakeMap generate_random_map(std::int64_t size, double p, std::uint64_t seed);

}  // namespace handgrad
