#pragma once

#include <cmath>
#include <span>

namespace handgrad {

/// |x|₂ of numbers on the host, summed in double.
template <class T>
double l2_norm(std::span<const T> x) {
  double sum = 0;
  for (const T value : x) sum += static_cast<double>(value) * static_cast<double>(value);
  return std::sqrt(sum);
}

}  // namespace handgrad
