#include "core/checksum.h"

#include <vector>

#include "core/random.h"
#include "tests/support/catch.h"

using namespace handgrad;

namespace {

/// Bit by bit, as the definition has it: shifted out at the low end, the polynomial taken away for every one that falls out.
std::uint64_t by_definition(std::string_view text) {
  std::uint64_t remainder = ~std::uint64_t{0};
  for (const char c : text) {
    remainder ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) remainder = (remainder >> 1) ^ ((remainder & 1) != 0 ? 0xC96C5795D7870F42 : 0);
  }
  return ~remainder;
}

std::string random_bytes(std::size_t count) {
  Generator random(1);
  std::string bytes(count, '\0');
  for (char& c : bytes) c = static_cast<char>(random.integers(0, 256));
  return bytes;
}

}  // namespace

TEST_CASE("CRC-64/XZ gives its published check value", "[checksum]") {
  CHECK(crc64("123456789") == 0x995DC9BBDF1939FA);
  CHECK(crc64("") == 0);
}

TEST_CASE("a checksum by tables is that of the definition, however long the text and wherever it begins", "[checksum]") {
  const std::string bytes = random_bytes(100);
  for (std::size_t begin = 0; begin < 9; ++begin) {
    for (std::size_t length = 0; begin + length <= bytes.size(); ++length) {
      const std::string_view part = std::string_view(bytes).substr(begin, length);
      REQUIRE(crc64(part) == by_definition(part));
    }
  }
}

TEST_CASE("a checksum of parts is that of the whole", "[checksum]") {
  const std::string bytes = random_bytes(100);
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
    Crc64 sum;
    sum.add(std::string_view(bytes).substr(0, cut));
    Crc64 rest(sum.value());
    rest.add(std::string_view(bytes).substr(cut));
    REQUIRE(rest.value() == crc64(bytes));
  }
}

TEST_CASE("no flipped bit leaves a checksum as it was", "[checksum]") {
  std::string bytes = random_bytes(200);
  const std::uint64_t whole = crc64(bytes);
  for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
    const auto flip = static_cast<char>(1 << (bit % 8));
    bytes[bit / 8] ^= flip;
    REQUIRE(crc64(bytes) != whole);
    bytes[bit / 8] ^= flip;
  }
}

TEST_CASE("a word is written as 16 hexadecimal digits and read from exactly those", "[checksum]") {
  CHECK(hexadecimal(0) == "0000000000000000");
  CHECK(hexadecimal(0x995DC9BBDF1939FA) == "995dc9bbdf1939fa");
  for (const std::uint64_t word : {std::uint64_t{0}, std::uint64_t{0xAB}, ~std::uint64_t{0}}) {
    CHECK(from_hexadecimal(hexadecimal(word)) == word);
  }
  for (const char* wrong : {"", "0", "995DC9BBDF1939FA", "995dc9bbdf1939f", "995dc9bbdf1939fa0", "995dc9bbdf1939fg",
                            " 95dc9bbdf1939fa", "-95dc9bbdf1939fa", "0x5dc9bbdf1939fa"}) {
    CAPTURE(wrong);
    CHECK_FALSE(from_hexadecimal(wrong));
  }
}
