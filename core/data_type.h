#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace handgrad {

/// A type of numbers as files store them, by its name in safetensors: F64, F32, F16 (IEEE 754 binary16), BF16 (bfloat16, the
/// upper half of a float32), and others that networks are not made of, such as I64, U8 and BOOL. Always little-endian.
struct DataType {
  std::string_view name;
  std::uint64_t bytes;  ///< of an element
  /// The element that begins at `bytes`, as float32: F32 bit by bit, F16 and BF16 exactly, F64 rounded. Nothing if it is
  /// finite but too large for float32. nullptr for types that networks are not made of.
  std::optional<float> (*convert)(const char* bytes);
};

/// The type of that name, nullptr if there is none.
const DataType* find_data_type(std::string_view name);

/// The unsigned number whose little-endian bytes begin at `bytes`, whatever the machine's own order is.
template <class Unsigned>
Unsigned load_little_endian(const char* bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < sizeof(Unsigned); ++i) {
    value |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[i])) << (8 * i);
  }
  return static_cast<Unsigned>(value);
}

/// The reverse: appends the bytes of `value` to a string or a vector of char.
template <class Bytes, class Unsigned>
void append_little_endian(Bytes& out, Unsigned value) {
  for (std::size_t i = 0; i < sizeof(Unsigned); ++i)
    out.push_back(static_cast<char>(static_cast<unsigned char>(value >> (8 * i))));
}

}  // namespace handgrad
