#include "app/interrupt.h"

#include <atomic>
#include <csignal>

namespace handgrad::app {

namespace {

// The one global of the program: a signal handler gets no argument through which it could reach anything else.
// Atomic rather than sig_atomic_t because several threads read it; lock-free, so a handler may write it.
std::atomic<bool> interrupt_requested{false};
static_assert(std::atomic<bool>::is_always_lock_free);

void request_interrupt(int signal_number) {
  interrupt_requested.store(true, std::memory_order_relaxed);
  std::signal(signal_number, SIG_DFL);
}

}  // namespace

InterruptScope::InterruptScope() {
  interrupt_requested = false;
  std::signal(SIGINT, request_interrupt);
  std::signal(SIGTERM, request_interrupt);
}

InterruptScope::~InterruptScope() {
  std::signal(SIGINT, SIG_DFL);
  std::signal(SIGTERM, SIG_DFL);
}

bool interrupted() { return interrupt_requested.load(std::memory_order_relaxed); }

}  // namespace handgrad::app
