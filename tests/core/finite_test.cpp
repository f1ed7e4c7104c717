#include "core/finite.h"

#include <cmath>
#include <limits>
#include <vector>

#include "core/denormals.h"
#include "tests/support/catch.h"

using namespace handgrad;

namespace {

template <class T>
void check_kinds() {
  using Limits = std::numeric_limits<T>;
  for (const T x : {T(0), T(-0.0), T(1), Limits::max(), Limits::lowest(), Limits::min(), Limits::denorm_min()}) {
    CAPTURE(x);
    CHECK(is_finite(x));
    CHECK(is_finite(-x));
  }
  for (const T x : {Limits::infinity(), -Limits::infinity(), Limits::quiet_NaN(), -Limits::quiet_NaN()}) {
    CAPTURE(x);
    CHECK_FALSE(is_finite(x));
    CHECK(std::isfinite(x) == is_finite(x));
  }
}

template <class T>
void check_every_place() {
  for (const std::size_t n : {std::size_t{1}, std::size_t{3}, std::size_t{67}}) {
    std::vector<T> x(n, std::numeric_limits<T>::max());
    const std::span<const T> all(x);
    CHECK(all_finite(all));
    CHECK(first_non_finite(all) == n);
    for (std::size_t i = 0; i < n; ++i) {
      x[i] = i % 2 == 0 ? std::numeric_limits<T>::quiet_NaN() : -std::numeric_limits<T>::infinity();
      CHECK_FALSE(all_finite(all));
      CHECK(first_non_finite(all) == i);
      x[i] = T(1);
    }
  }
  CHECK(all_finite(std::span<const T>()));
}

}  // namespace

TEST_CASE("finite numbers are told from the others by their bits") {
  check_kinds<float>();
  check_kinds<double>();
  const FlushDenormals flush;
  check_kinds<float>();
}

TEST_CASE("one number that is not finite is found wherever it stands") {
  check_every_place<float>();
  check_every_place<double>();
}
