#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace handgrad {

/// A named array as a safetensors file stores it: whatever its type, bytes in little-endian order.
struct RawTensor {
  std::string name;
  std::string type;                 ///< safetensors' name of it: "F64", "F32", "I64", "I32", "U8" ...
  std::vector<std::int64_t> shape;  ///< row-major; {} is a scalar
  std::vector<char> bytes;          ///< as many as shape and type say
};

/// Safetensors' name of a C++ type.
template <class T>
constexpr std::string_view type_name() {
  if constexpr (std::same_as<T, double>) {
    return "F64";
  } else if constexpr (std::same_as<T, float>) {
    return "F32";
  } else if constexpr (std::same_as<T, std::int64_t>) {
    return "I64";
  } else if constexpr (std::same_as<T, std::int32_t>) {
    return "I32";
  } else if constexpr (std::same_as<T, std::uint32_t>) {
    return "U32";
  } else {
    static_assert(std::same_as<T, std::uint8_t>, "safetensors has a name for it, this function has none");
    return "U8";
  }
}

}  // namespace handgrad
