#pragma once

#include <cstddef>

#include "tests/support/sanitizer.h"

#if defined(__linux__) && !defined(HANDGRAD_ADDRESS_SANITIZER)
#define HANDGRAD_COUNTS_ALLOCATIONS 1

namespace handgrad::test {

/// How often this process has taken memory, whatever the way: nn/allocation_test.cpp counts.
long allocations_so_far();
/// How many bytes they were together; what was given back counts too.
std::size_t bytes_so_far();

}  // namespace handgrad::test

#endif
