#pragma once

namespace handgrad::app {

/// While one of these lives, Ctrl-C (SIGINT) and SIGTERM ask for an orderly end instead of killing the program; a second one kills
/// it, unless it comes within a second: then it is taken for the first. With its end the former behaviour comes back, and what was asked for is forgotten.
class InterruptScope {
 public:
  InterruptScope();
  ~InterruptScope();
  InterruptScope(const InterruptScope&) = delete;
  InterruptScope& operator=(const InterruptScope&) = delete;
};

/// Whether somebody has asked for the end. Cheap: one atomic load; may be called from any thread.
bool interrupted();

/// What a program that was asked to end exits with, as shells have it: 128 and the signal's number, so 130 after Ctrl-C and
/// 143 after SIGTERM. 0 if nobody has asked.
int interrupt_exit_code();

}  // namespace handgrad::app
