#pragma once

#include <string>
#include <vector>

#include "core/matrix.h"
#include "core/random.h"

namespace handgrad {

/// Which numbers operands are made of.
enum class Numbers {
  ordinary,  ///< magnitudes from 1/2 to 1, so that no term of a sum is small beside the others, and either sign
  special,   ///< a few of them NaN, infinite, 0 or -0.0
  denormal,  ///< a third of them denormal
};

/// Shapes and numbers to try operations on.
class Draw {
 public:
  Draw(std::uint64_t seed, Numbers numbers) : random_(seed), numbers_(numbers) {}

  Generator& random() { return random_; }
  Numbers numbers() const { return numbers_; }

  std::int64_t below(std::int64_t n) { return random_.integers(0, n); }
  bool coin() { return below(2) == 0; }
  template <class T>
  T one_of(std::initializer_list<T> choices) {
    return choices.begin()[below(static_cast<std::int64_t>(choices.size()))];
  }

  /// An extent of a matrix, 1 to 300: half of them up to 20, where special cases are; others next to multiples of vectors.
  std::int64_t extent();
  /// The next extents, instead of random ones.
  void prefer_extents(std::vector<std::int64_t> extents) { preferred_ = std::move(extents); }
  /// The length of a flat array, 1 to some thousands.
  std::int64_t length();

  /// n numbers of the kind asked for.
  std::vector<Real> values(std::int64_t n);
  /// x as a ReLU leaves it: 0 where it was negative, or -0.0, and in some rows of so many columns everywhere.
  std::vector<Real> rectified(std::vector<Real> x, std::int64_t cols);
  /// Ordinary numbers whatever is asked for; and such that are above 0.
  std::vector<Real> ordinary(std::int64_t n);
  std::vector<Real> positive(std::int64_t n);
  /// Of seven values, two of them zeros, so that most rows have more than one that is largest. No NaN.
  std::vector<Real> few_values(std::int64_t n);
  /// n numbers from [0, below), the largest among them: it leads to where memory ends.
  std::vector<std::int32_t> indices(std::int64_t n, std::int64_t below);

 private:
  Generator random_;
  Numbers numbers_;
  std::vector<std::int64_t> preferred_;
};

}  // namespace handgrad
