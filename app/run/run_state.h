#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "app/run/csv.h"
#include "core/state.h"

namespace handgrad::app {

/// What a checkpoint of a run holds besides the trainer's state: where its files stand and what its summary has to know.
struct RunState {
  bool finished = false;  ///< by a limit of its own, not by somebody who called it off
  std::int64_t best_at_env_step = 0;
  std::optional<std::int64_t> solved_at_env_step;
  std::optional<double> solved_at_seconds;
  double training_seconds = 0;  ///< over all programs that had a part in it
  double wall_seconds = 0;
  std::uint64_t fingerprint = 0;  ///< of all episodes and evaluations so far, see Fingerprint::so_far
  CsvPosition metrics, evaluations, timing;
  std::optional<CsvPosition> norms;  ///< none unless they are watched
  /// Settings that were changed on the way, a line each: "step 12000: optimizer.lr = 1e-4, before 1e-3".
  std::vector<std::string> changes;

  void serialize(StateArchive& state);
};

}  // namespace handgrad::app
