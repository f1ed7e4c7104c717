#include "core/data_type.h"

#include <bit>
#include <cmath>
#include <limits>
#include <map>

#include "tests/support/catch.h"

using namespace handgrad;

namespace {

template <class Unsigned>
std::optional<float> convert(const char* type, Unsigned bits) {
  std::string bytes;
  append_little_endian(bytes, bits);
  const DataType* found = find_data_type(type);
  REQUIRE(found != nullptr);
  REQUIRE(found->bytes == bytes.size());
  return found->convert(bytes.data());
}

float f16(std::uint16_t bits) { return convert("F16", bits).value(); }

}  // namespace

TEST_CASE("little-endian bytes are the lowest first", "[data_type]") {
  std::string bytes;
  append_little_endian(bytes, std::uint32_t{0x89ABCDEF});
  CHECK(bytes == "\xEF\xCD\xAB\x89");
  CHECK(load_little_endian<std::uint32_t>(bytes.data()) == 0x89ABCDEF);
}

TEST_CASE("half-precision numbers widen exactly", "[data_type]") {
  CHECK(f16(0x3C00) == 1.0f);
  CHECK(f16(0xC000) == -2.0f);
  CHECK(f16(0x3555) == 0.333251953125f);
  CHECK(f16(0x7BFF) == 65504.0f);
  CHECK(f16(0x0400) == std::ldexp(1.0f, -14));  // the smallest normal one
  CHECK(f16(0x0001) == std::ldexp(1.0f, -24));  // the smallest subnormal one
  CHECK(f16(0x03FF) == std::ldexp(1023.0f, -24));
  CHECK(f16(0x7C00) == std::numeric_limits<float>::infinity());
  CHECK(f16(0xFC00) == -std::numeric_limits<float>::infinity());
  CHECK(std::isnan(f16(0x7E00)));
  CHECK(std::signbit(f16(0x8000)));
}

TEST_CASE("bfloat16 is the upper half of a float32", "[data_type]") {
  CHECK(convert("BF16", std::uint16_t{0x3F80}) == 1.0f);
  CHECK(convert("BF16", std::uint16_t{0xC049}) == -3.140625f);
  CHECK(std::isnan(convert("BF16", std::uint16_t{0x7FC0}).value()));
}

TEST_CASE("double precision rounds to the nearest float32 and does not become infinite", "[data_type]") {
  const auto f64 = [](double value) { return convert("F64", std::bit_cast<std::uint64_t>(value)); };
  CHECK(f64(0.1) == 0.1f);
  CHECK(f64(-1e-300) == 0.0f);
  CHECK(f64(std::numeric_limits<float>::max()) == std::numeric_limits<float>::max());
  CHECK(f64(1e39) == std::nullopt);
  CHECK(f64(-1e300) == std::nullopt);
  CHECK(f64(std::numeric_limits<double>::infinity()) == std::numeric_limits<float>::infinity());
  CHECK(std::isnan(f64(std::numeric_limits<double>::quiet_NaN()).value()));
}

TEST_CASE("types that networks are not made of have a size and no conversion", "[data_type]") {
  for (const auto& [name, bytes] : std::map<std::string, std::uint64_t>{
           {"I64", 8}, {"U64", 8}, {"I32", 4}, {"U32", 4}, {"I16", 2}, {"U16", 2}, {"I8", 1}, {"U8", 1}, {"BOOL", 1}}) {
    CAPTURE(name);
    const DataType* type = find_data_type(name);
    REQUIRE(type != nullptr);
    CHECK(type->bytes == bytes);
    CHECK(type->convert == nullptr);
  }
}

TEST_CASE("a name that is no type of numbers finds none", "[data_type]") {
  CHECK(find_data_type("f32") == nullptr);
  CHECK(find_data_type("") == nullptr);
}
