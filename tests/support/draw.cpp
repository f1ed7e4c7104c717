#include "tests/support/draw.h"

#include <algorithm>
#include <limits>

namespace handgrad {

std::int64_t Draw::extent() {
  if (!preferred_.empty()) {
    const std::int64_t first = preferred_.front();
    preferred_.erase(preferred_.begin());
    return first;
  }
  const std::int64_t kind = below(10);
  if (kind < 5) return 1 + below(20);
  if (kind < 7) return 8 * (1 + below(37)) + below(3) - 1;
  if (kind < 8) return 16 * (1 + below(18)) + below(3) - 1;
  return 1 + below(300);
}

std::int64_t Draw::length() { return below(4) == 0 ? extent() * (1 + below(20)) : extent(); }

std::vector<Real> Draw::ordinary(std::int64_t n) {
  std::vector<Real> x = positive(n);
  for (Real& value : x) value = coin() ? value : -value;
  return x;
}

std::vector<Real> Draw::positive(std::int64_t n) {
  std::vector<Real> x(static_cast<std::size_t>(n));
  for (Real& value : x) value = static_cast<Real>(random_.uniform(0.5, 1));
  return x;
}

std::vector<Real> Draw::values(std::int64_t n) {
  using Limits = std::numeric_limits<Real>;
  std::vector<Real> x = ordinary(n);
  if (numbers_ == Numbers::special) {
    for (std::int64_t k = below(4); k-- > 0;) {
      x[static_cast<std::size_t>(below(n))] =
          one_of({Limits::quiet_NaN(), Limits::infinity(), -Limits::infinity(), Real(0), -Real(0)});
    }
  }
  if (numbers_ == Numbers::denormal) {
    for (Real& value : x) {
      if (below(3) == 0) value *= Limits::min() / 4;
    }
  }
  return x;
}

std::vector<Real> Draw::rectified(std::vector<Real> x, std::int64_t cols) {
  const std::int64_t rows = static_cast<std::int64_t>(x.size()) / cols;
  for (Real& value : x) value = value < 0 ? one_of({Real(0), Real(-0.0)}) : value;
  for (std::int64_t k = 1 + rows / 10; k-- > 0;) std::fill_n(x.begin() + below(rows) * cols, cols, Real(0));
  return x;
}

std::vector<Real> Draw::few_values(std::int64_t n) {
  const Real largest = numbers_ == Numbers::special ? std::numeric_limits<Real>::infinity() : Real(2);
  std::vector<Real> x(static_cast<std::size_t>(n));
  for (Real& value : x) value = one_of({-largest, Real(-1), Real(-0.0), Real(0), Real(0.5), Real(1), largest});
  return x;
}

std::vector<std::int32_t> Draw::indices(std::int64_t n, std::int64_t below_this) {
  std::vector<std::int32_t> x(static_cast<std::size_t>(n));
  for (std::int32_t& value : x) value = static_cast<std::int32_t>(below(below_this));
  x[static_cast<std::size_t>(below(n))] = static_cast<std::int32_t>(below_this - 1);
  return x;
}

}  // namespace handgrad
