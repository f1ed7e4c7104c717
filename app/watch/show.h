#pragma once

#include <iosfwd>
#include <optional>

#include "app/watch/player.h"

namespace handgrad::app {

/// How an episode went, as far as it was played.
struct EpisodeResult {
  std::int64_t episode;
  std::uint64_t seed;
  double episode_return;
  std::int64_t length;
  Ending ending;
};

struct Showing {
  std::vector<EpisodeResult> episodes;
  bool interrupted = false;  ///< by Ctrl-C or a signal
  bool cut = false;          ///< there were more frames than allowed
};

/// Plays on the terminal until the episodes are over (none: for ever) or somebody quits.
Showing show_on_terminal(Player& player, std::optional<std::int64_t> episodes, double speed);

/// Plays in text: a picture a step, or a line a step where the environment has none.
Showing show_as_text(Player& player, std::int64_t episodes, std::int64_t max_frames, std::ostream& out);

/// Plays to the end and keeps every moment; the scale of Q-values is the same in all of them.
Showing record(Player& player, std::int64_t episodes, std::int64_t max_frames, std::vector<Moment>& moments);

}  // namespace handgrad::app
