#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "core/instruction_set.h"

namespace handgrad::app {

/// A level of memory as one core sees it.
struct MemoryLevel {
  std::string name;   ///< "L1", "L2", and "beyond": whatever comes after that
  std::size_t bytes;  ///< what it holds; SIZE_MAX beyond
  double gbps;        ///< 10⁹ bytes a second that one core can read from it, as measured
};

/// The nearest first. The sizes are what the system says, or 32 KiB and 1 MiB where it says nothing; each level is measured
/// with an array of half its size, what lies beyond with four times the second level's. Takes a tenth of a second.
///
/// Reading alone. Writing back has a path of its own on many processors, and is no quicker anywhere: the larger of what is
/// read and what is written over this is a floor.
std::vector<MemoryLevel> measure_memory(InstructionSet set);

/// The nearest level that holds so many bytes.
const MemoryLevel& level_for(const std::vector<MemoryLevel>& levels, double bytes);

}  // namespace handgrad::app
