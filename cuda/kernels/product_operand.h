#pragma once

#include <cstdint>

#include "../execution.h"

namespace handgrad::cuda {

/// Four floats that a thread loads or stores at once.
struct alignas(16) Quad {
  float at[4];
};

/// The first `count` (at most 4; none if it is not positive) floats of `from`, and `otherwise` in place of the rest. kQuads
/// says that these are four, aligned, or none: then it is one load without a branch.
template <bool kQuads>
HANDGRAD_DEVICE Quad load_quad(const float* from, int count, float otherwise = 0) {
  Quad quad{{otherwise, otherwise, otherwise, otherwise}};
  if constexpr (kQuads) {
    if (count > 0) quad = *reinterpret_cast<const Quad*>(from);
  } else {
    for (int j = 0; j < 4; ++j) {
      if (j < count) quad.at[j] = from[j];
    }
  }
  return quad;
}

HANDGRAD_DEVICE void store_quad(float* to, const Quad& quad, int count, bool quads) {
  if (quads) {
    if (count > 0) *reinterpret_cast<Quad*>(to) = quad;
    return;
  }
  for (int j = 0; j < 4; ++j) {
    if (j < count) to[j] = quad.at[j];
  }
}

/// A row-major matrix as a product reads it. As an operand it has lines (rows of A, columns of B in A·B) of `depth` elements,
/// which the product sums over; they lie in the matrix's rows ("along") or in its columns ("across").
///
/// With a `mask` (a matrix of the same shape, what a ReLU has put out) its elements count as 0 where the mask is <= 0: dZ is
/// dY there. Where the mask is NaN they count. With `masked` they are also written to there once they are known, and
/// `masked` may be the matrix itself, while others read it: masking a masked element changes nothing, so that it does not
/// matter which of the two somebody sees.
struct ProductOperand {
  const float* matrix;
  int lines, depth;
  int row;     ///< elements from one row to the next
  bool quads;  ///< matrix and mask are aligned to 16 bytes, and rows have a multiple of 4 elements
  const float* mask = nullptr;
  float* masked = nullptr;
};

HANDGRAD_DEVICE float masked(float value, float mask) { return mask <= 0 ? 0.0F : value; }

/// Four elements on their way from an operand. Fetching is one thing and masking another, so that a thread can ask for all
/// that it needs before it waits for any of it.
template <bool kMasked>
struct Fetched {
  Quad quad;

  template <bool kQuads>
  HANDGRAD_DEVICE void fetch(const ProductOperand& operand, int offset, int count) {
    quad = load_quad<kQuads>(operand.matrix + offset, count);
  }
  HANDGRAD_DEVICE const Quad& value(const ProductOperand&, int, int) const { return quad; }
};
template <>
struct Fetched<true> {
  Quad quad, mask;

  template <bool kQuads>
  HANDGRAD_DEVICE void fetch(const ProductOperand& operand, int offset, int count) {
    quad = load_quad<kQuads>(operand.matrix + offset, count);
    mask = load_quad<kQuads>(operand.mask + offset, operand.mask == nullptr ? 0 : count, 1);
  }
  /// Masked, and written down if the operand says so; offset and count as they were fetched.
  HANDGRAD_DEVICE Quad value(const ProductOperand& operand, int offset, int count) const {
    Quad result;
    for (int j = 0; j < 4; ++j) result.at[j] = masked(quad.at[j], mask.at[j]);
    if (operand.masked != nullptr) store_quad(operand.masked + offset, result, count, operand.quads);
    return result;
  }
};

/// n / d as a product, for a d that does not change: a division takes a GPU as long as half a way to memory and back. Right for
/// n d < 2^32.
inline constexpr std::uint64_t reciprocal(std::int64_t d) {
  return ((std::uint64_t{1} << 32) + static_cast<std::uint64_t>(d) - 1) / static_cast<std::uint64_t>(d);
}
HANDGRAD_DEVICE int quotient(int n, std::uint64_t reciprocal_of_d) {
  return static_cast<int>((static_cast<std::uint64_t>(n) * reciprocal_of_d) >> 32);
}

}  // namespace handgrad::cuda
