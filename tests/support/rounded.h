#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <type_traits>

#include "core/real.h"

/// What an operation should give, and how far rounding may carry an honest computation in Real from it.
namespace handgrad {

/// What oracles compute in: wider than what they judge.
using Wide = std::conditional_t<sizeof(Real) == sizeof(float), double, long double>;

/// The relative error of one rounding to Real, and the largest that flushing a denormal makes.
constexpr Wide kUnit = std::numeric_limits<Real>::epsilon() / 2;
constexpr Wide kTiny = std::numeric_limits<Real>::min();

/// A value and a bound on its error. An operation hands on the errors of its operands to first order and adds a rounding of
/// its own (running error analysis: Higham 2002, "Accuracy and Stability of Numerical Algorithms", section 3.3).
///
/// Results that are not finite, and limits that are reached from what is not, are exact: infinity and NaN come out the same
/// in every order of evaluation.
struct Rounded {
  Wide value = 0;
  Wide error = 0;

  Rounded() = default;
  Rounded(Wide exact) : value(exact), error(std::abs(exact) < kTiny ? std::abs(exact) : 0) {}
  Rounded(Wide value_, Wide error_) : value(value_), error(std::isfinite(error_) ? error_ : 0) {}
};

/// Where the contract leaves open what comes out.
inline Rounded anything() {
  Rounded any;
  any.error = std::numeric_limits<Wide>::infinity();
  return any;
}

/// `value` after an operation with `roundings` of its own.
inline Rounded rounded(Wide value, Wide error, int roundings = 1) {
  return {value, error + roundings * kUnit * std::abs(value) + kTiny};
}

inline Rounded operator-(Rounded a) { return {-a.value, a.error}; }
inline Rounded operator+(Rounded a, Rounded b) { return rounded(a.value + b.value, a.error + b.error); }
inline Rounded operator-(Rounded a, Rounded b) { return a + -b; }
inline Rounded operator*(Rounded a, Rounded b) {
  return rounded(a.value * b.value, a.error * std::abs(b.value) + b.error * std::abs(a.value));
}
/// Two roundings: a vectorised division may multiply with a reciprocal.
inline Rounded operator/(Rounded a, Rounded b) {
  const Wide q = a.value / b.value;
  return rounded(q, (a.error + std::abs(q) * b.error) / (std::abs(b.value) - b.error), 2);
}
/// Two roundings, for the same reason. Near zero the error is that of the smallest and largest number it may have been.
inline Rounded sqrt(Rounded a) {
  const Wide root = std::sqrt(a.value);
  return rounded(root, std::max(std::sqrt(a.value + a.error) - root, root - std::sqrt(std::max(Wide(0), a.value - a.error))),
                 2);
}

/// A sum of any number of terms, added in any order.
class Sum {
 public:
  void add(Rounded term) {
    value_ += term.value;
    sizes_ += std::abs(term.value);
    errors_ += term.error;
    ++terms_;
  }
  /// For long sums: as many exact products at once.
  void add(Wide value, Wide sizes, Wide errors, std::int64_t terms) {
    value_ += value;
    sizes_ += sizes;
    errors_ += errors;
    terms_ += terms;
  }
  /// n additions and a rounding of each term: (n + 1) u Σ|terms| at worst. Roundings cancel; from some n on
  /// 8 √n u Σ|terms| is not exceeded but with a probability of 1e-14 (Higham and Mary 2019, "A new approach to probabilistic
  /// rounding error analysis", theorem 2.4 with λ = 8), and it is tight enough to miss no term.
  Rounded total() const {
    const Wide n = static_cast<Wide>(terms_) + 1;
    return {value_, errors_ + std::min(n, 8 * std::sqrt(n)) * kUnit * sizes_ + n * kTiny};
  }

 private:
  Wide value_ = 0, sizes_ = 0, errors_ = 0;
  std::int64_t terms_ = 0;
};

}  // namespace handgrad
