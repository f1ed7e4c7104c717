#include "data_type.h"

#include <bit>
#include <cmath>
#include <limits>

namespace handgrad {
namespace {

/// 1 sign bit, 5 of exponent with bias 15, 10 of fraction: (-1)^s · 2^(e-15) · (1 + f/1024), or with e = 0
/// (-1)^s · 2^-14 · f/1024, or with e = 31 infinity (f = 0) and NaN.
std::optional<float> from_f16(const char* bytes) {
  const auto bits = load_little_endian<std::uint16_t>(bytes);
  const int exponent = (bits >> 10) & 31;
  const int fraction = bits & 1023;
  float magnitude = 0.0f;
  if (exponent == 31) {
    magnitude = fraction == 0 ? std::numeric_limits<float>::infinity() : std::numeric_limits<float>::quiet_NaN();
  } else if (exponent == 0) {
    magnitude = std::ldexp(static_cast<float>(fraction), -24);
  } else {
    magnitude = std::ldexp(static_cast<float>(1024 + fraction), exponent - 25);
  }
  return (bits & 0x8000) != 0 ? -magnitude : magnitude;
}

std::optional<float> from_bf16(const char* bytes) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(load_little_endian<std::uint16_t>(bytes)) << 16);
}

std::optional<float> from_f32(const char* bytes) { return std::bit_cast<float>(load_little_endian<std::uint32_t>(bytes)); }

std::optional<float> from_f64(const char* bytes) {
  const auto value = std::bit_cast<double>(load_little_endian<std::uint64_t>(bytes));
  const auto rounded = static_cast<float>(value);
  if (std::isfinite(value) && !std::isfinite(rounded)) return {};
  return rounded;
}

constexpr DataType kDataTypes[] = {
    {"F32", 4, from_f32}, {"F64", 8, from_f64}, {"F16", 2, from_f16}, {"BF16", 2, from_bf16},  {"I64", 8, nullptr},
    {"U64", 8, nullptr},  {"I32", 4, nullptr},  {"U32", 4, nullptr},  {"I16", 2, nullptr},     {"U16", 2, nullptr},
    {"I8", 1, nullptr},   {"U8", 1, nullptr},   {"BOOL", 1, nullptr}, {"F8_E4M3", 1, nullptr}, {"F8_E5M2", 1, nullptr},
};

}  // namespace

const DataType* find_data_type(std::string_view name) {
  for (const DataType& type : kDataTypes) {
    if (type.name == name) return &type;
  }
  return nullptr;
}

}  // namespace handgrad
