#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "state.h"

namespace handgrad {

/// What a checkpoint's state.json says; checkpoint.h has the whole. README.md gives the layout, byte by byte.
struct CheckpointText {
  std::string configuration;
  std::map<std::string, StateValue> values;
  std::uint64_t arrays_bytes = 0;     ///< size of state.safetensors
  std::uint64_t arrays_checksum = 0;  ///< which one belongs to it
};

constexpr int kCheckpointVersion = 1;
constexpr std::uint64_t kLongestCheckpointText = 64 << 20;  ///< bytes; what grows without limit belongs among the arrays

/// One value a line, a checksum of everything before it at the end. Throws Error for text that is not UTF-8, or becomes too
/// long.
std::string format_checkpoint(const CheckpointText& content);

/// The reverse, every bit of every value. Throws Error unless the checksum is right and the version is known.
CheckpointText parse_checkpoint(std::string_view json);

}  // namespace handgrad
