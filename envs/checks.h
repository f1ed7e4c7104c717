#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <type_traits>

#include "../core/error.h"
#include "environment.h"

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

// What every environment checks in a Snapshot, which may come from anywhere.

/// Whether it is a whole number in [low, high].
inline bool is_whole(double value, double low, double high) {
  return value >= low && value <= high && value == std::floor(value);
}

/// Whether every number is in [-most, most]. Trap: a NaN is not, and compares false.
inline bool are_within(std::span<const double> values, double most) {
  return std::ranges::all_of(values, [&](double value) { return value >= -most && value <= most; });
}

/// Of worlds in float: throws Error for numbers so large that angles have no meaning and squares no place.
template <class Number>
void require_for_float(std::span<const double> values, std::string_view environment) {
  if (std::is_same_v<Number, double>) return;
  require(are_within(values, 1e6), environment,
          ": this snapshot was not saved by one in float: a number in it is beyond a million");
}

/// The stream that a snapshot has, if it has one.
inline std::optional<Generator> stream_of(const Snapshot& snapshot) {
  return snapshot.stream ? std::optional(Generator::from_state(*snapshot.stream)) : std::nullopt;
}

/// The stream an episode starts with: a new one if there is a seed, else the one that was there.
/// Throws Error if there is neither.
inline Generator& seeded(std::optional<Generator>& stream, std::optional<std::uint64_t> seed, std::string_view environment) {
  if (seed) stream.emplace(*seed);
  require(stream.has_value(), environment, ": the first reset needs a seed; nothing here is random by accident");
  return *stream;
}

}  // namespace handgrad
