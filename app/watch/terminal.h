#pragma once

#include <termios.h>

#include <chrono>
#include <string>
#include <vector>

#include "app/watch/screen.h"

namespace handgrad::app {

/// The terminal while somebody watches: keys come one by one, without being shown; the screen is another one than that of the
/// shell, without cursor. Its destructor gives everything back, so it is given back after exceptions as well; Ctrl-C is a key
/// like others meanwhile.
class Terminal {
 public:
  /// Whether input and output are a terminal on which one can draw.
  static bool usable();

  /// Throws Error if the terminal refuses.
  Terminal();
  ~Terminal();
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  ScreenSize size() const;
  void show(const std::vector<std::string>& lines) const;

  /// The bytes of the keys pressed; waits for them so long at most, and less if a signal comes. Empty if there were none.
  std::string wait_for_keys(std::chrono::milliseconds at_most);
  /// Whether nobody can press keys any more.
  bool closed() const { return closed_; }

 private:
  termios before_{};
  bool closed_ = false;
};

}  // namespace handgrad::app
