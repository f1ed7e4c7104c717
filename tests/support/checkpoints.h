#pragma once

#include <bit>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "core/checkpoint.h"

namespace handgrad::test {

inline RawTensor bytes_tensor(std::string name, std::string type, std::vector<std::int64_t> shape, std::size_t bytes) {
  RawTensor tensor{std::move(name), std::move(type), std::move(shape), std::vector<char>(bytes)};
  for (std::size_t i = 0; i < bytes; ++i) tensor.bytes[i] = static_cast<char>(tensor.name.size() + 31 * i);
  return tensor;
}

/// A value of every kind, the awkward ones too, and arrays of several types, which differ with `number`.
inline Checkpoint small_checkpoint(std::int64_t number) {
  using Limits = std::numeric_limits<double>;
  Checkpoint checkpoint;
  checkpoint.configuration = "[learner]\nname = \"dqn\"\n\n# \xC3\xA9\t\\\n";
  auto& values = checkpoint.state.values;
  values = {{"number", number},
            {"flags.yes", true},
            {"flags.no", false},
            {"least", std::numeric_limits<std::int64_t>::min()},
            {"most", std::numeric_limits<std::int64_t>::max()},
            {"zero", std::int64_t{0}},
            {"d.five", 5.0},
            {"d.minus_zero", -0.0},
            {"d.tenth", 0.1},
            {"d.large", 1e22},
            {"d.largest", Limits::max()},
            {"d.smallest", -Limits::denorm_min()},
            {"d.infinity", Limits::infinity()},
            {"d.minus_infinity", -Limits::infinity()},
            {"d.nan", Limits::quiet_NaN()},
            {"d.minus_nan", -Limits::quiet_NaN()},
            {"d.other_nan", std::bit_cast<double>(std::uint64_t{0x7FF0000000000001})},
            {"s.empty", std::string()},
            {"s.nan", std::string("nan")},
            {"s.like_a_double", std::string(R"({"double": "nan"})")},
            {"s.lines", std::string("a\nb\r\n\t\"\\\x01\x7F \xF0\x9F\x98\x80")},
            {"quoted \"name\"\n", std::string("x")}};
  checkpoint.state.arrays = {bytes_tensor("replay.terminated", "U8", {5}, 5),
                             bytes_tensor("replay.rewards", "F64", {3, 1}, 24), bytes_tensor("weights", "F32", {2, 2}, 16),
                             bytes_tensor("nothing", "I64", {0}, 0)};
  checkpoint.state.arrays[0].bytes[0] = static_cast<char>(number);
  return checkpoint;
}

inline bool same(const Checkpoint& a, const Checkpoint& b) { return a.configuration == b.configuration && a.state == b.state; }

}  // namespace handgrad::test
