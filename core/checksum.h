#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace handgrad {

/// CRC-64/XZ: the remainder of what was added, taken as a polynomial over two elements, by the one of ECMA-182 (1992), annex B.
/// Finds every change of one bit and every changed stretch of up to 64, and of other damage all but one in 2^64. It finds
/// accidents, not intent: who changes a file on purpose can change its checksum too.
///
///   Crc64 sum;
///   sum.add(header);
///   sum.add(data);      // the same as adding both at once
///   sum.value();
class Crc64 {
 public:
  Crc64() = default;
  /// Goes on after what gave `value`.
  explicit Crc64(std::uint64_t value) : remainder_(~value) {}

  void add(std::span<const char> bytes);
  std::uint64_t value() const { return ~remainder_; }

 private:
  std::uint64_t remainder_ = ~std::uint64_t{0};
};

/// The checksum of that text.
std::uint64_t crc64(std::string_view text);

/// 16 hexadecimal digits in lower case.
std::string hexadecimal(std::uint64_t word);

/// The reverse; nothing unless `digits` are exactly what hexadecimal() writes.
std::optional<std::uint64_t> from_hexadecimal(std::string_view digits);

}  // namespace handgrad
