#include "app/interrupt.h"

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdint>

namespace handgrad::app {

namespace {

// The globals of the program: a signal handler gets no argument through which it could reach anything else.
// Atomic rather than sig_atomic_t because several threads read them; lock-free, so a handler may write them.
std::atomic<int> requested_by{0};           // the signal's number, 0 for none
std::atomic<std::int64_t> requested_at{0};  // by the monotonic clock [ns], 0 for never
static_assert(std::atomic<int>::is_always_lock_free && std::atomic<std::int64_t>::is_always_lock_free);

// Trap: one Ctrl-C can arrive twice, for timeout(1), make and others pass it on to a group that has had it already.
constexpr std::int64_t kStillTheSame = 1'000'000'000;  // [ns]

void request_interrupt(int signal_number) {
  const auto clock = std::chrono::steady_clock::now().time_since_epoch();  // clock_gettime, which a handler may call
  const std::int64_t now = std::chrono::duration_cast<std::chrono::nanoseconds>(clock).count();
  std::int64_t first = 0;
  if (requested_at.compare_exchange_strong(first, now, std::memory_order_relaxed)) {
    requested_by.store(signal_number, std::memory_order_relaxed);
  } else if (now - first > kStillTheSame) {
    std::signal(signal_number, SIG_DFL);
    std::raise(signal_number);  // kills the program as soon as this function returns
  }
}

void forget() {
  requested_by = 0;
  requested_at = 0;
}

}  // namespace

InterruptScope::InterruptScope() {
  forget();
  std::signal(SIGINT, request_interrupt);
  std::signal(SIGTERM, request_interrupt);
}

InterruptScope::~InterruptScope() {
  std::signal(SIGINT, SIG_DFL);
  std::signal(SIGTERM, SIG_DFL);
  forget();
}

bool interrupted() { return requested_by.load(std::memory_order_relaxed) != 0; }

int interrupt_exit_code() {
  const int signal_number = requested_by.load(std::memory_order_relaxed);
  return signal_number == 0 ? 0 : 128 + signal_number;
}

}  // namespace handgrad::app
