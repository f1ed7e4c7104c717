#pragma once

#include "cuda/column_major_product.h"

namespace handgrad::cuda {

/// Computes the product on the host, one element after the other as it is written down, sums in order of k. C and the gradient
/// of the bias are NaN first: whoever reads them as an operand sees it.
///
/// Throws Error if an extent is not positive or a leading dimension is less than the rows that its matrix is stored with.
void multiply_on_host(const ColumnMajorProduct& product);

/// What multiply_on_host and a GPU access, in elements from the pointer on: the last column ends with its last row.
struct ProductExtents {
  std::int64_t a, b, c;
};
ProductExtents extents(const ColumnMajorProduct& product);

}  // namespace handgrad::cuda
