#pragma once

namespace handgrad::app {

/// While one of these lives, Ctrl-C (SIGINT) and SIGTERM ask for an orderly end instead of killing the program; a second
/// one kills it. The former behaviour comes back with its end.
class InterruptScope {
 public:
  InterruptScope();
  ~InterruptScope();
  InterruptScope(const InterruptScope&) = delete;
  InterruptScope& operator=(const InterruptScope&) = delete;
};

/// Whether somebody has asked for the end. Cheap: one atomic load; may be called from any thread.
bool interrupted();

}  // namespace handgrad::app
