#pragma once

#include <span>

#include "../core/state.h"
#include "environment.h"

namespace handgrad {

/// Snapshots of E environments as arrays of a State:
///
///   streams       [E, 4]  state and increment of each random stream, high words first
///   stream_halves [E]     the half that next_uint32 gives out next; -1: none; -2: there is no stream
///   value_counts  [E]     how many numbers each environment has
///   values                those numbers, one environment after the other
///
/// Whether they are snapshots of the environments at hand is for these to say, when they load them.
void serialize(StateArchive& state, std::span<Snapshot> snapshots);

}  // namespace handgrad
