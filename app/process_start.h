#pragma once

#include <chrono>

namespace handgrad::app {

/// When this process began, so that a program can say how long somebody has waited for it: the moment at which it was loaded,
/// less the processor time that loading took.
std::chrono::steady_clock::time_point process_start();

}  // namespace handgrad::app
