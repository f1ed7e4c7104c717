#pragma once

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <set>
#include <string>
#include <vector>

#include "core/error.h"
#include "tests/cuda/emulation/device_array.h"

/// What tests of kernels have in common: sizes, counting cases, comparing arrays.
namespace handgrad::cuda {

using Floats = std::vector<float>;
using Indices32 = std::vector<std::int32_t>;

/// Writes down that a kernel was compared with its oracle at a size. The program ends with how many such pairs there were.
inline void count_case(const std::string& kernel, const std::string& size) {
  static std::set<std::string>& cases = *new std::set<std::string>;
  if (cases.empty()) {
    std::atexit([] { std::cout << cases.size() << " cases of kernel and size were compared with their oracles\n"; });
  }
  cases.insert(kernel + ", " + size);
}

/// "", or the first element of `got` that is further than atol + rtol |expected| from `expected`. Infinity and NaN have to be
/// just that, of whatever sign a NaN is.
inline std::string wrong_numbers(const Floats& got, const Floats& expected, float rtol, float atol) {
  if (got.size() != expected.size()) return text(got.size(), " elements, expected ", expected.size());
  for (std::size_t i = 0; i < got.size(); ++i) {
    const bool same = got[i] == expected[i] || (std::isnan(got[i]) && std::isnan(expected[i]));
    if (same || (std::isfinite(expected[i]) && std::abs(got[i] - expected[i]) <= atol + rtol * std::abs(expected[i])))
      continue;
    return text("element ", i, " of ", got.size(), " is ", got[i], ", expected ", expected[i]);
  }
  return "";
}

/// The same numbers to the bit, the sign of zero included, that of NaN not.
inline std::string wrong_bits(const Floats& got, const Floats& expected) {
  if (got.size() != expected.size()) return text(got.size(), " elements, expected ", expected.size());
  for (std::size_t i = 0; i < got.size(); ++i) {
    if (std::memcmp(&got[i], &expected[i], sizeof(float)) == 0 || (std::isnan(got[i]) && std::isnan(expected[i]))) continue;
    return text("element ", i, " of ", got.size(), " is ", got[i], ", expected ", expected[i], " to the bit");
  }
  return "";
}

/// An array on a device, at an address that is so many elements behind an aligned one.
class Shifted {
 public:
  Shifted(EmulatedDevice& device, const Floats& host, std::int64_t shift)
      : shift_(shift), array_(device, padded(host, shift)) {}

  float* data() { return array_.data() + shift_; }
  Floats host() const {
    const Floats all = array_.host();
    for (std::int64_t i = 0; i < shift_; ++i) {
      require(all[static_cast<std::size_t>(i)] == kGuard, "element ", shift_ - i, " before the first was written");
    }
    return {all.begin() + shift_, all.end()};
  }

 private:
  static constexpr float kGuard = 12345;
  static Floats padded(const Floats& host, std::int64_t shift) {
    Floats all(static_cast<std::size_t>(shift), kGuard);
    all.insert(all.end(), host.begin(), host.end());
    return all;
  }

  std::int64_t shift_;
  DeviceArray<float> array_;
};

/// The part of agent k, of an array that all agents have equal parts of.
template <class T>
std::vector<T> part(const std::vector<T>& all, std::int64_t k, std::int64_t agents) {
  const auto size = static_cast<std::int64_t>(all.size()) / agents;
  return {all.begin() + k * size, all.begin() + (k + 1) * size};
}

}  // namespace handgrad::cuda
