#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "../core/error.h"
#include "../core/random.h"
#include "space.h"

namespace handgrad {

// What every environment checks at its border. `environment` is the name that the message begins with.

/// Throws Error unless the action is in the space. Call it first in step: a refused action must leave state and stream as
/// they were. (Gymnasium differs from environment to environment here, down to Acrobot's negative list indices.)
inline void require_action(std::int64_t action, const Discrete& space, std::string_view environment) {
  require(action >= space.start && action - space.start < space.n, environment, ": action ", action, " is outside [",
          space.start, ", ", space.start + space.n, ")");
}

/// Throws Error unless there is a stream, that is, unless there has been a reset.
inline void require_started(const std::optional<Generator>& stream, std::string_view environment) {
  require(stream.has_value(), environment, ": step before the first reset; call reset with a seed first");
}

/// Throws Error unless the caller's array holds one observation of `size` floats.
inline void require_observation(std::span<const float> observation, std::size_t size, std::string_view environment) {
  require(observation.size() == size, environment, ": an observation takes ", size, " floats, the array given holds ",
          observation.size());
}

/// The stream an episode starts with: a new one if there is a seed, else the one that was there.
/// Throws Error if there is neither.
inline Generator& seeded(std::optional<Generator>& stream, std::optional<std::uint64_t> seed, std::string_view environment) {
  if (seed) stream.emplace(*seed);
  require(stream.has_value(), environment, ": the first reset needs a seed; nothing here is random by accident");
  return *stream;
}

}  // namespace handgrad
