#pragma once

#include "../execution.h"

// Products inside a thread block: 64x64 = 64x64 · 64x64 out of shared memory, by 128 threads.
//
// Each thread keeps 4x8 of the result in registers. Per four steps along the inner dimension it reads 12 Float4 and does 128
// multiply-adds, so that arithmetic and not shared memory sets the pace.
//
// A matrix in shared memory has rows of 64 numbers, kStride apart: the four extra ones shift each row by four banks, and
// eight threads that read a Float4 each from eight consecutive rows meet in no bank.

#if defined(__CUDACC__)
#define HANDGRAD_UNROLL _Pragma("unroll")
#define HANDGRAD_UNROLL_BY_2 _Pragma("unroll 2")
#define HANDGRAD_NO_UNROLL _Pragma("unroll 1")
#else
#define HANDGRAD_UNROLL
#define HANDGRAD_UNROLL_BY_2
#define HANDGRAD_NO_UNROLL
#endif

namespace handgrad::cuda {

/// Four floats that are read and written by one instruction, where they are aligned to 16 bytes.
struct alignas(16) Float4 {
  float x, y, z, w;
};

HANDGRAD_DEVICE Float4 load4(const float* from) { return *reinterpret_cast<const Float4*>(from); }
HANDGRAD_DEVICE void store4(float* to, Float4 values) { *reinterpret_cast<Float4*>(to) = values; }

inline constexpr int kSide = 64;     // rows and columns of a matrix
inline constexpr int kStride = 68;   // floats from one row to the next
inline constexpr int kTileRows = 4;  // of the result, a thread
inline constexpr int kTileColumns = 8;
inline constexpr int kWarpRows = 16;  // of the result, a warp

/// 4 rows and 8 columns of the result.
using Tile = float[kTileRows][kTileColumns];

HANDGRAD_DEVICE void clear(Tile& tile) {
  HANDGRAD_UNROLL
  for (int i = 0; i < kTileRows; ++i) {
    HANDGRAD_UNROLL
    for (int j = 0; j < kTileColumns; ++j) tile[i][j] = 0.0f;
  }
}

/// Where a thread's tile lies: its warp has 16 rows and all columns, as 4 x 8 threads.
///
/// Trap: which lanes are neighbours matters. A warp reads Float4s in two halves of 16 lanes, each at the price of one access,
/// but only if lanes that differ in bit 0 alone, or in bit 1 alone, read the same address; else in four quarters. So bit 0
/// belongs to the row and bits 1 to 3 are the column: whether a Float4 is chosen by row or by column, one of the two holds.
struct WarpTile {
  int row;     ///< 0 to 3
  int column;  ///< 0 to 7

  static HANDGRAD_DEVICE WarpTile of(int lane) { return {(lane & 1) | ((lane >> 4) << 1), (lane >> 1) & 7}; }

  /// Row i of the tile among the warp's 16. Pairs of rows, so that four threads that write a float each, in all of eight
  /// columns, meet in no bank.
  HANDGRAD_DEVICE int row_of(int i) const { return 2 * row + (i & 1) + 8 * (i >> 1); }
  /// Column j where columns are rows of the second operand in memory (X Wᵀ).
  HANDGRAD_DEVICE int spread_column(int j) const { return column + 8 * j; }
  /// Column j where the second operand's rows run along the result's (Z W, Zᵀ X): two Float4.
  HANDGRAD_DEVICE int paired_column(int j) const { return 4 * column + (j & 3) + 32 * (j >> 2); }
};

HANDGRAD_DEVICE void multiply_add(float& sum, Float4 a, Float4 b) {
  sum += a.x * b.x;
  sum += a.y * b.y;
  sum += a.z * b.z;
  sum += a.w * b.w;
}

/// sum[i][j] += factor[i] · (left, right)[j]
HANDGRAD_DEVICE void add_outer(Tile& sum, float a0, float a1, float a2, float a3, Float4 left, Float4 right) {
  const float a[kTileRows] = {a0, a1, a2, a3};
  const float b[kTileColumns] = {left.x, left.y, left.z, left.w, right.x, right.y, right.z, right.w};
  HANDGRAD_UNROLL
  for (int i = 0; i < kTileRows; ++i) {
    HANDGRAD_UNROLL
    for (int j = 0; j < kTileColumns; ++j) sum[i][j] += a[i] * b[j];
  }
}

/// Adds X Wᵀ: rows are the warp's 16 rows of X, beginning at `X`; columns, spread, are rows of W.
HANDGRAD_DEVICE void add_x_wt(WarpTile at, const float* X, const float* W, Tile& sum) {
  const float* x = X + at.row_of(0) * kStride;
  const float* w = W + at.column * kStride;
  HANDGRAD_UNROLL_BY_2
  for (int k = 0; k < kSide; k += 4) {
    Float4 a[kTileRows];
    HANDGRAD_UNROLL
    for (int i = 0; i < kTileRows; ++i) a[i] = load4(x + ((i & 1) + 8 * (i >> 1)) * kStride + k);
    HANDGRAD_UNROLL
    for (int j = 0; j < kTileColumns; ++j) {
      const Float4 b = load4(w + 8 * j * kStride + k);
      HANDGRAD_UNROLL
      for (int i = 0; i < kTileRows; ++i) multiply_add(sum[i][j], a[i], b);
    }
  }
}

/// Adds Z W: rows are the warp's 16 rows of Z, beginning at `Z`; columns, paired, are those of W.
HANDGRAD_DEVICE void add_z_w(WarpTile at, const float* Z, const float* W, Tile& sum) {
  const float* z = Z + at.row_of(0) * kStride;
  const float* w = W + 4 * at.column;
  HANDGRAD_UNROLL_BY_2
  for (int k = 0; k < kSide; k += 4) {
    Float4 a[kTileRows];
    HANDGRAD_UNROLL
    for (int i = 0; i < kTileRows; ++i) a[i] = load4(z + ((i & 1) + 8 * (i >> 1)) * kStride + k);
    const float* row = w + k * kStride;
    add_outer(sum, a[0].x, a[1].x, a[2].x, a[3].x, load4(row), load4(row + 32));
    row += kStride;
    add_outer(sum, a[0].y, a[1].y, a[2].y, a[3].y, load4(row), load4(row + 32));
    row += kStride;
    add_outer(sum, a[0].z, a[1].z, a[2].z, a[3].z, load4(row), load4(row + 32));
    row += kStride;
    add_outer(sum, a[0].w, a[1].w, a[2].w, a[3].w, load4(row), load4(row + 32));
  }
}

/// Adds Zᵀ X over all 64 rows of both: rows are the warp's 16 columns of Z, beginning at `Z`, of which a thread has
/// 4 · at.row to 4 · at.row + 3; columns, paired, are those of X.
HANDGRAD_DEVICE void add_zt_x(WarpTile at, const float* Z, const float* X, Tile& sum) {
  const float* z = Z + 4 * at.row;
  const float* x = X + 4 * at.column;
  HANDGRAD_UNROLL_BY_2
  for (int b = 0; b < kSide; b += 4) {
    HANDGRAD_UNROLL
    for (int k = 0; k < 4; ++k) {
      const Float4 a = load4(z + (b + k) * kStride);
      add_outer(sum, a.x, a.y, a.z, a.w, load4(x + (b + k) * kStride), load4(x + (b + k) * kStride + 32));
    }
  }
}

/// Sums over the four threads of a warp that have the same columns, that is over all 16 rows. Of the eight sums each of the
/// four is left with two: those of columns kept_column() and the next.
template <class Thread>
HANDGRAD_DEVICE void sum_over_rows(Thread& thread, float (&values)[kTileColumns], float (&kept)[2]) {
  const bool upper = (thread.lane() & 16) != 0, odd = (thread.lane() & 1) != 0;
  float half[4];
  HANDGRAD_UNROLL
  for (int j = 0; j < 4; ++j) {
    const float given = upper ? values[j] : values[j + 4], own = upper ? values[j + 4] : values[j];
    half[j] = own + thread.shuffle_xor(given, 16);
  }
  HANDGRAD_UNROLL
  for (int j = 0; j < 2; ++j) {
    const float given = odd ? half[j] : half[j + 2], own = odd ? half[j + 2] : half[j];
    kept[j] = own + thread.shuffle_xor(given, 1);
  }
}

/// The first of the two tile columns that sum_over_rows leaves this lane with.
HANDGRAD_DEVICE int kept_column(int lane) { return ((lane >> 4) << 2) | ((lane & 1) << 1); }

/// Sums over the eight threads of a warp that have the same rows; all eight get the sum.
template <class Thread>
HANDGRAD_DEVICE float sum_over_columns(Thread& thread, float value) {
  value += thread.shuffle_xor(value, 2);
  value += thread.shuffle_xor(value, 4);
  value += thread.shuffle_xor(value, 8);
  return value;
}

}  // namespace handgrad::cuda
