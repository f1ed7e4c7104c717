#include "app/process_start.h"

#include <ctime>

namespace handgrad::app {

namespace {

using Clock = std::chrono::steady_clock;

Clock::time_point less_time_used(Clock::time_point now) {
  timespec used{};
  if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used) != 0) return now;
  return now - std::chrono::seconds(used.tv_sec) - std::chrono::nanoseconds(used.tv_nsec);
}

// Set while the program is loaded, before main: the system itself tells the beginning of a process to 10 ms only.
const Clock::time_point begun = less_time_used(Clock::now());

}  // namespace

Clock::time_point process_start() { return begun; }

}  // namespace handgrad::app
