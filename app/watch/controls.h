#pragma once

#include <string>
#include <string_view>

namespace handgrad::app {

/// What the keys have asked for: a state machine that knows nothing of terminals or time.
struct Controls {
  bool paused = false;
  double speed = 1;      ///< 1: the environment's own; a power of two from 1/16 to 64
  bool step = false;     ///< one step is wanted; whoever makes it clears it
  bool restart = false;  ///< the episode from its beginning; whoever does it clears it
  bool quit = false;
  bool interrupted = false;  ///< it was Ctrl-C

  /// space pause, n one step, + and - speed, r restart, q quit; other keys do nothing.
  void press(char key);
};

/// The keys among the bytes that a terminal sends: without the sequences of arrow keys and their like.
std::string keys_in(std::string_view bytes);

/// What the keys do, a line each.
inline constexpr const char* kControlsHelp[] = {"space  pause", "n      one step", "+ -    speed", "r      restart",
                                                "q      quit"};

}  // namespace handgrad::app
