#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "data_type.h"

namespace handgrad {

/// What the header of a safetensors file says of one tensor. [begin, end) in bytes from the end of the header.
struct TensorEntry {
  std::string name;
  const DataType* type = nullptr;
  std::vector<std::int64_t> shape;
  std::uint64_t elements = 1;
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

/// The JSON text at the begin of a safetensors file, taken apart. safetensors_file.h reads and writes whole files.
struct SafetensorsHeader {
  std::map<std::string, std::string> metadata;  ///< but for the checksum
  std::vector<TensorEntry> entries;
  std::optional<std::uint64_t> checksum = {};  ///< metadata "crc64"
  std::size_t checksum_at = 0;                 ///< where in the text its 16 digits begin
};

constexpr std::uint64_t kLongestSafetensorsHeader = 100'000'000;  ///< bytes; the limit of the reference implementation
constexpr std::string_view kNoChecksum = "0000000000000000";      ///< in place of a checksum while it is computed

/// The product, or nothing if it exceeds what an int64 holds.
std::optional<std::uint64_t> checked_product(std::uint64_t a, std::uint64_t b);

/// The entries in the order of their bytes.
std::vector<std::size_t> by_place(const std::vector<TensorEntry>& entries);

/// Throws Error for text that is not a header, or whose ranges do not tile [0, data_bytes) or are not as long as type and shape
/// say. Nothing is allocated but for what the text spells out.
SafetensorsHeader parse_safetensors_header(std::string_view json, std::uint64_t data_bytes);

/// The text, with kNoChecksum in place of the checksum and padded so that the data begin at a multiple of 8: a program may map
/// the file and point into it. Sets checksum_at. Throws Error if it gets longer than readers accept.
std::string format_safetensors_header(SafetensorsHeader& header);

}  // namespace handgrad
