#pragma once

#include "kernels.h"

// Matrix products, written once over a vector register V (vector_*.h), compiled for each instruction set.
//
// Two ways to sum over the inner dimension k:
//   tiles   a vector holds neighbouring columns of the product; k runs outside, one multiply-add a vector and k. No sums
//           within a register, but the right factor has to have its columns side by side: it is packed.
//   dots    a vector holds neighbouring k; each element of the product ends with a sum within a register. Both factors as
//           they lie, which is what a batch of one or a handful of columns want.

namespace handgrad::simd {
namespace {

/// How a tile's sums begin and end.
struct Ends {
  const float* bias;  ///< a value a column to begin with; null: zero
  bool go_on;         ///< begin with what the product holds already, instead
  bool relu;          ///< end with max(0, ·)
};

/// A left factor: element (m, k) is data[m * row + k * inner].
struct Left {
  const float* data;
  long row, inner;
};

/// A right factor: element (k, n) is data[k * row + n].
struct Right {
  const float* data;
  long row;
};

/// C[R, NV vectors] = A · B over `depth` inner elements; the last vector has `last` columns. kPadded: all of it can be read.
/// Everything is unrolled, so that all sums are in registers.
template <int R, int NV, bool kPadded>
inline void tile(long depth, Left A, Right B, float* C, long C_row, long last, const Ends& ends) {
  V sums[R][NV];
  for (int v = 0; v < NV; ++v) {
    const V start = ends.bias == nullptr           ? zero()
                    : v + 1 < NV || last == kLanes ? load(ends.bias + v * kLanes)
                                                   : load_part(ends.bias + v * kLanes, last);
    for (int r = 0; r < R; ++r) sums[r][v] = start;
  }
  if (ends.go_on) {
    for (int r = 0; r < R; ++r) {
      for (int v = 0; v < NV; ++v) {
        const float* c = C + r * C_row + v * kLanes;
        sums[r][v] = v + 1 < NV || last == kLanes ? load(c) : load_part(c, last);
      }
    }
  }
  for (long k = 0; k < depth; ++k) {
    V b[NV];
#pragma GCC unroll 8
    for (int v = 0; v < NV; ++v) {
      b[v] = kPadded || v + 1 < NV ? load(B.data + v * kLanes) : load_part(B.data + v * kLanes, last);
    }
#pragma GCC unroll 16
    for (int r = 0; r < R; ++r) {
      const V a = all(A.data[r * A.row]);
#pragma GCC unroll 8
      for (int v = 0; v < NV; ++v) sums[r][v] = multiply_add(a, b[v], sums[r][v]);
    }
    B.data += B.row;
    A.data += A.inner;
  }
  for (int r = 0; r < R; ++r) {
    for (int v = 0; v < NV; ++v) {
      const V y = ends.relu ? larger(zero(), sums[r][v]) : sums[r][v];  // in this order NaN stays NaN
      float* c = C + r * C_row + v * kLanes;
      if (v + 1 < NV || last == kLanes) {
        store(c, y);
      } else {
        store_part(c, y, last);
      }
    }
  }
}

/// All rows of NV vectors of columns.
template <int NV, bool kPadded>
void tiles(long rows, long depth, Left A, Right B, float* C, long C_row, long last, const Ends& ends) {
  constexpr int R = kTileRows<NV>;
  long m = 0;
  const auto at = [&](long row) { return Left{A.data + row * A.row, A.row, A.inner}; };
  for (; m + R <= rows; m += R) tile<R, NV, kPadded>(depth, at(m), B, C + m * C_row, C_row, last, ends);
  for (; m + 4 <= rows; m += 4) tile<4, NV, kPadded>(depth, at(m), B, C + m * C_row, C_row, last, ends);
  for (; m + 2 <= rows; m += 2) tile<2, NV, kPadded>(depth, at(m), B, C + m * C_row, C_row, last, ends);
  for (; m < rows; ++m) tile<1, NV, kPadded>(depth, at(m), B, C + m * C_row, C_row, last, ends);
}

template <bool kPadded>
void tiles(long NV, long rows, long depth, Left A, Right B, float* C, long C_row, long last, const Ends& ends) {
  if (NV == 1) tiles<1, kPadded>(rows, depth, A, B, C, C_row, last, ends);
  if (NV == 2) tiles<2, kPadded>(rows, depth, A, B, C, C_row, last, ends);
  if constexpr (kTileVectors > 2) {
    if (NV == 3) tiles<3, kPadded>(rows, depth, A, B, C, C_row, last, ends);
  }
}

/// Rows k of B, columns [0, columns), side by side in `vectors` vectors a row, filled up with zeros.
void pack(const float* B, long B_row, long depth, long columns, long vectors, float* panel) {
  const long whole = columns / kLanes, rest = columns % kLanes;
  for (long k = 0; k < depth; ++k) {
    for (long v = 0; v < whole; ++v) store(panel + v * kLanes, load(B + v * kLanes));
    if (rest != 0) store(panel + whole * kLanes, load_part(B + whole * kLanes, rest));
    B += B_row;
    panel += vectors * kLanes;
  }
}

/// The same of a B that lies transposed: column n is B[n * B_column], its elements side by side.
void pack_transposed(const float* B, long B_column, long depth, long columns, long vectors, float* panel) {
  const long width = vectors * kLanes;
  for (long n = 0; n < width; n += kLanes) {
    const long present = columns - n < kLanes ? columns - n : kLanes;
    for (long k = 0; k < depth; k += kLanes) {
      const long count = depth - k < kLanes ? depth - k : kLanes;
      V block[kLanes];
      for (long i = 0; i < kLanes; ++i) {
        const float* row = B + (n + i) * B_column + k;
        block[i] = i >= present ? zero() : count == kLanes ? load(row) : load_part(row, count);
      }
      transpose(block);
      for (long i = 0; i < count; ++i) store(panel + (k + i) * width + n, block[i]);
    }
  }
}

/// Up to so many rows a panel is not used often enough to be worth its packing.
constexpr long kTooFewToPack = 16;

/// C [rows, columns] = A [rows, inner] · B [inner, columns], B as it lies (B_step between its rows) or transposed (B_step between
/// its columns). Panels of B are as alike in width as they can be.
template <bool kTransposed>
void product(long rows, long inner, long columns, Left A, const float* B, long B_step, float* C, const Ends& ends,
             float* panel) {
  const long vectors = (columns + kLanes - 1) / kLanes;
  const long panels = (vectors + kTileVectors - 1) / kTileVectors;
  long first = 0;
  for (long p = 0; p < panels; ++p) {
    const long NV = (vectors - first) / (panels - p), n = first * kLanes;
    const long width = columns - n < NV * kLanes ? columns - n : NV * kLanes, last = width - (NV - 1) * kLanes;
    for (long k = 0; k < inner; k += kDepth) {
      const long depth = inner - k < kDepth ? inner - k : kDepth;
      const Left slice{A.data + k * A.inner, A.row, A.inner};
      const Ends part{ends.bias == nullptr || k > 0 ? nullptr : ends.bias + n, ends.go_on || k > 0,
                      ends.relu && k + depth == inner};
      const float* source = kTransposed ? B + n * B_step + k : B + k * B_step + n;
      // B as it lies is best where its rows are read in one stream. Trap: where A is read across its rows too, strides that are
      // powers of two drive both out of the first-level cache, and a panel of B stays.
      if (!kTransposed && (rows <= kTooFewToPack || (A.inner == 1 && last == kLanes))) {
        const Right lying{source, B_step};
        if (last == kLanes) {
          tiles<true>(NV, rows, depth, slice, lying, C + n, columns, last, part);
        } else {
          tiles<false>(NV, rows, depth, slice, lying, C + n, columns, last, part);
        }
        continue;
      }
      if constexpr (kTransposed) {
        pack_transposed(source, B_step, depth, width, NV, panel);
      } else {
        pack(source, B_step, depth, width, NV, panel);
      }
      tiles<true>(NV, rows, depth, slice, {panel, NV * kLanes}, C + n, columns, last, part);
    }
    first += NV;
  }
}

/// R x kLanes/R elements of C = A · Bᵀ + bias at once: as many sums as a register has lanes, so that one register takes the
/// results. Rows and columns that are not there are computed again from the last one and dropped.
template <int R>
void dots(In A, In B, const float* bias, bool relu, Out C) {
  constexpr int N = static_cast<int>(kLanes) / R;
  const long inner = A.cols, rest = inner % kLanes;
  for (long m = 0; m < A.rows; m += R) {
    for (long n = 0; n < B.rows; n += N) {
      const float *a[R], *b[N];
      for (int r = 0; r < R; ++r) a[r] = A.data + (m + r < A.rows ? m + r : A.rows - 1) * inner;
      for (int c = 0; c < N; ++c) b[c] = B.data + (n + c < B.rows ? n + c : B.rows - 1) * inner;
      V total[kLanes];
      for (V& t : total) t = zero();
      const auto add = [&](auto read) {
        V x[R];
        for (int r = 0; r < R; ++r) x[r] = read(a[r]);
        for (int c = 0; c < N; ++c) {
          const V y = read(b[c]);
          for (int r = 0; r < R; ++r) total[r * N + c] = multiply_add(x[r], y, total[r * N + c]);
        }
      };
      for (long k = 0; k + kLanes <= inner; k += kLanes) {
        add([k](const float* p) { return load(p + k); });
      }
      if (rest != 0) {
        add([k = inner - rest, rest](const float* p) { return load_part(p + k, rest); });
      }
      float results[kLanes];
      store(results, sums(total));
      for (int r = 0; r < R && m + r < A.rows; ++r) {
        for (int c = 0; c < N && n + c < B.rows; ++c) {
          const float y = results[r * N + c] + bias[n + c];
          C.data[(m + r) * C.cols + n + c] = relu && y < 0.0F ? 0.0F : y;
        }
      }
    }
  }
}

}  // namespace
}  // namespace handgrad::simd
