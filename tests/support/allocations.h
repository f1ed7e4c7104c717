#pragma once

#include "tests/support/sanitizer.h"

#if defined(__linux__) && !defined(HANDGRAD_ADDRESS_SANITIZER)
#define HANDGRAD_COUNTS_ALLOCATIONS 1

namespace handgrad::test {

/// How often this process has taken memory, whatever the way: nn/allocation_test.cpp counts.
long allocations_so_far();

}  // namespace handgrad::test

#endif
