#include "app/interrupt.h"

#include <atomic>
#include <csignal>

namespace handgrad::app {

namespace {

// The one global of the program: a signal handler gets no argument through which it could reach anything else.
// Atomic rather than sig_atomic_t because several threads read it; lock-free, so a handler may write it.
std::atomic<int> requested_by{0};  // the signal's number, 0 for none
static_assert(std::atomic<int>::is_always_lock_free);

void request_interrupt(int signal_number) {
  requested_by.store(signal_number, std::memory_order_relaxed);
  std::signal(signal_number, SIG_DFL);
}

}  // namespace

InterruptScope::InterruptScope() {
  requested_by = 0;
  std::signal(SIGINT, request_interrupt);
  std::signal(SIGTERM, request_interrupt);
}

InterruptScope::~InterruptScope() {
  std::signal(SIGINT, SIG_DFL);
  std::signal(SIGTERM, SIG_DFL);
  requested_by = 0;
}

bool interrupted() { return requested_by.load(std::memory_order_relaxed) != 0; }

int interrupt_exit_code() {
  const int signal_number = requested_by.load(std::memory_order_relaxed);
  return signal_number == 0 ? 0 : 128 + signal_number;
}

}  // namespace handgrad::app
