#pragma once

#include <cstddef>
#include <cstdint>

namespace handgrad {

// Flags are bytes, 0 or 1. Trap: a byte may alias anything, so a loop that writes one and reads others becomes vector
// instructions only with __restrict.

/// either[i] = a[i] | b[i] for i < n.
void unite_flags(std::size_t n, const std::uint8_t* __restrict a, const std::uint8_t* __restrict b,
                 std::uint8_t* __restrict either);

/// Writes the indices in [first, last) whose flag is set to `list`, in order, and returns how many; there has to be room for
/// last - first.
///
/// Nobody can predict where an episode ends, so no branch depends on a single flag: eight of them are skipped if none is set,
/// else all are written, and those that are not set are overwritten by the next.
std::size_t list_flags(std::size_t first, std::size_t last, const std::uint8_t* flags, std::int32_t* list);

}  // namespace handgrad
