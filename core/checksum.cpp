#include "checksum.h"

#include <array>
#include <charconv>

#include "data_type.h"

namespace handgrad {
namespace {

constexpr std::uint64_t kPolynomial = 0xC96C5795D7870F42;  // ECMA-182's 42F0E1EBA9EA3693, lowest power first
constexpr std::size_t kSlices = 16;
constexpr std::size_t kDigits = 16;

using Table = std::array<std::uint64_t, 256>;

/// table[k][byte]: what the remainder becomes of a byte that k zero bytes follow.
constexpr std::array<Table, kSlices> make_tables() {
  std::array<Table, kSlices> tables{};
  for (std::uint64_t byte = 0; byte < 256; ++byte) {
    std::uint64_t remainder = byte;
    for (int bit = 0; bit < 8; ++bit) remainder = (remainder >> 1) ^ ((remainder & 1) != 0 ? kPolynomial : 0);
    tables[0][byte] = remainder;
  }
  for (std::size_t k = 1; k < kSlices; ++k) {
    for (std::size_t byte = 0; byte < 256; ++byte) {
      const std::uint64_t before = tables[k - 1][byte];
      tables[k][byte] = (before >> 8) ^ tables[0][before & 255];
    }
  }
  return tables;
}

constexpr std::array<Table, kSlices> kTables = make_tables();

/// What the remainder becomes of eight bytes, the first of them lowest in `word`, that `behind` zero bytes follow.
template <std::size_t behind>
std::uint64_t look_up(std::uint64_t word) {
  std::uint64_t remainder = 0;
  for (std::size_t i = 0; i < 8; ++i) remainder ^= kTables[behind + 7 - i][(word >> (8 * i)) & 255];
  return remainder;
}

}  // namespace

void Crc64::add(std::span<const char> bytes) {
  std::uint64_t remainder = remainder_;
  const char* at = bytes.data();
  std::size_t left = bytes.size();
  // A remainder is linear in what was added, so that bytes can be looked up independently of each other, all at once
  // (Kounavis and Berry, 2005, "A systematic approach to building high performance software-based CRC generators").
  for (; left >= kSlices; left -= kSlices, at += kSlices) {
    const std::uint64_t first = load_little_endian<std::uint64_t>(at) ^ remainder;
    const auto second = load_little_endian<std::uint64_t>(at + 8);
    remainder = look_up<8>(first) ^ look_up<0>(second);
  }
  for (; left > 0; --left, ++at) {
    remainder = (remainder >> 8) ^ kTables[0][(remainder ^ static_cast<unsigned char>(*at)) & 255];
  }
  remainder_ = remainder;
}

std::uint64_t crc64(std::string_view text) {
  Crc64 sum;
  sum.add(text);
  return sum.value();
}

std::string hexadecimal(std::uint64_t word) {
  std::string digits(kDigits, '0');
  for (std::size_t i = kDigits; i > 0; --i, word >>= 4) digits[i - 1] = "0123456789abcdef"[word & 15];
  return digits;
}

std::optional<std::uint64_t> from_hexadecimal(std::string_view digits) {
  std::uint64_t word = 0;
  const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), word, 16);
  if (problem != std::errc() || end != digits.data() + digits.size() || hexadecimal(word) != digits) return std::nullopt;
  return word;
}

}  // namespace handgrad
