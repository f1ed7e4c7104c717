#pragma once

#include <cmath>

#include "product_operand.h"

namespace handgrad::cuda {

// Products that have a side of at most kNarrow: what an observation of 4 numbers goes into, and what Q-values of 2 actions
// come out of. A tile would be mostly empty.
// As in a tile, put(r, c, sum, extra) is called for every element with extra(c), which is asked for early.
inline constexpr int kNarrow = 8;

/// C = A · B of a depth of at most kNarrow, straight from memory: a lane has a column of C and two of its rows. A's lines lie
/// along its rows.
template <bool kAlongB, bool kMaskedA>
struct ShallowProduct {
  static constexpr int kWarps = 4, kRowsPerWarp = 2;
  static constexpr int kRows = kWarps * kRowsPerWarp, kColumns = kWarp;

  template <class Thread, class Extra, class Put>
  static HANDGRAD_DEVICE void compute(Thread& thread, const ProductOperand& A, const ProductOperand& B, int first_row,
                                      int first_column, const Extra& extra, const Put& put) {
    const int row = first_row + thread.warp() * kRowsPerWarp, column = first_column + thread.lane();
    if (column >= B.lines) return;
    const int depth = A.depth;
    const float extra_of_column = extra(column);
    Quad b[2];
    Fetched<kMaskedA> a[kRowsPerWarp][2];
    for (int half = 0; half < 2; ++half) b[half] = load_b(B, column, half * 4, depth);
    for (int r = 0; r < kRowsPerWarp; ++r) {
      for (int half = 0; half < 2; ++half) {
        const int offset = (row + r) * A.row + half * 4;
        if (A.quads) {
          a[r][half].template fetch<true>(A, offset, count(A, row + r, half));
        } else {
          a[r][half].template fetch<false>(A, offset, count(A, row + r, half));
        }
      }
    }
    for (int r = 0; r < kRowsPerWarp; ++r) {
      float sum = 0;
      for (int half = 0; half < 2; ++half) {
        const Quad quad = a[r][half].value(A, (row + r) * A.row + half * 4, count(A, row + r, half));
        for (int k = 0; k < 4; ++k) sum = std::fma(quad.at[k], b[half].at[k], sum);
      }
      if (row + r < A.lines) put(row + r, column, sum, extra_of_column);
    }
  }

 private:
  static HANDGRAD_DEVICE int count(const ProductOperand& A, int row, int half) {
    return row < A.lines ? A.depth - half * 4 : 0;
  }
  static HANDGRAD_DEVICE Quad load_b(const ProductOperand& B, int column, int first, int depth) {
    if constexpr (kAlongB) {
      const float* const from = B.matrix + column * B.row + first;
      return B.quads ? load_quad<true>(from, depth - first) : load_quad<false>(from, depth - first);
    }
    Quad quad{};
    for (int k = 0; k < 4; ++k) {
      if (first + k < depth) quad.at[k] = B.matrix[(first + k) * B.row + column];
    }
    return quad;
  }
};

/// C = A · B with few columns, both operands along their rows: a warp computes two neighbouring elements of a row of C, its
/// lanes taking quads of the depth in turn.
struct ThinProduct {
  static constexpr int kWarps = 4, kColumns = 2;

  /// The warp's part: columns column and column + 1 of a row.
  template <class Thread, class Extra, class Put>
  static HANDGRAD_DEVICE void compute(Thread& thread, const ProductOperand& A, const ProductOperand& B, int row, int column,
                                      const Extra& extra, const Put& put) {
    if (row >= A.lines) return;  // the whole warp
    const bool second = column + 1 < B.lines;
    const float* const a = A.matrix + row * A.row;
    const float* const b = B.matrix + column * B.row;
    // Lanes 0 and 1 have one of the two elements each in the end.
    const bool mine = thread.lane() == 0 || (thread.lane() == 1 && second);
    const float extra_of_column = mine ? extra(column + thread.lane()) : 0.0F;
    float sum[kColumns] = {};
    if (A.quads && B.quads) {
      add_up<true>(a, b, second ? b + B.row : b, A.depth, thread.lane(), sum);
    } else {
      add_up<false>(a, b, second ? b + B.row : b, A.depth, thread.lane(), sum);
    }
    for (int mask = kWarp / 2; mask > 0; mask /= 2) {
      for (float& s : sum) s += thread.shuffle_xor(s, mask);
    }
    if (mine) put(row, column + thread.lane(), thread.lane() == 0 ? sum[0] : sum[1], extra_of_column);
  }

 private:
  template <bool kQuads>
  static HANDGRAD_DEVICE void add_up(const float* a, const float* b0, const float* b1, int depth, int lane,
                                     float (&sum)[kColumns]) {
    for (int k = lane * 4; k < depth; k += kWarp * 4) {
      const Quad x = load_quad<kQuads>(a + k, depth - k);
      const Quad y0 = load_quad<kQuads>(b0 + k, depth - k), y1 = load_quad<kQuads>(b1 + k, depth - k);
      for (int j = 0; j < 4; ++j) {
        sum[0] = std::fma(x.at[j], y0.at[j], sum[0]);
        sum[1] = std::fma(x.at[j], y1.at[j], sum[1]);
      }
    }
  }
};

/// C = Aᵀ · B and the sums of A's or B's columns, for a batch of rows of A and B, one of which (the thin one) has few columns.
/// A block computes 8 columns of the wide one by 4 of the thin one. Its threads stand 16 by 8: the 16 take the rows of the
/// batch in turn, and add up what they have in the end.
template <bool kMaskWide>  ///< dZ, which a mask belongs to and whose columns are summed, is the wide one; else the thin one
struct ColumnProduct {
  static constexpr int kWide = 8, kThin = 4, kWarps = 4, kRowsPerWarp = kWarp / kWide, kTurns = kWarps * kRowsPerWarp;
  static constexpr int kAtOnce = 8;  ///< rows of the batch that a thread fetches before it computes
  static constexpr int kValues = kThin + (kMaskWide ? 1 : kThin);  ///< a lane's products, and the sums of dZ
  static constexpr std::size_t kSharedBytes = kWarps * kWide * kValues * sizeof(float);

  /// put(w, t, sum) for Σ wide[n,w] thin[n,t], put_sum(c, Σ dZ[n,c]).
  template <class Thread, class Put, class PutSum>
  static HANDGRAD_DEVICE void compute(Thread& thread, ProductOperand wide, ProductOperand thin, int first_wide, int first_thin,
                                      const Put& put, const PutSum& put_sum) {
    const int lane = thread.lane(), column = lane % kWide, turn = thread.warp() * kRowsPerWarp + lane / kWide;
    const int w = first_wide + column, thin_count = thin.lines - first_thin;
    const bool inside = w < wide.lines;
    // Each element of dZ is written down by one block, and in it by one lane.
    if (first_thin != 0) wide.masked = nullptr;
    if (w != 0) thin.masked = nullptr;

    float value[kValues] = {};
    for (int first = turn; first < wide.depth; first += kTurns * kAtOnce) {
      float x[kAtOnce], x_mask[kAtOnce];
      Fetched<!kMaskWide> t[kAtOnce];
      for (int u = 0; u < kAtOnce; ++u) {
        const int n = first + u * kTurns;
        const bool there = n < wide.depth && inside;
        x[u] = there ? wide.matrix[n * wide.row + w] : 0.0F;
        if constexpr (kMaskWide) x_mask[u] = there && wide.mask != nullptr ? wide.mask[n * wide.row + w] : 1.0F;
      }
      if (thin.quads) {
        fetch<true>(thin, first, first_thin, t);
      } else {
        fetch<false>(thin, first, first_thin, t);
      }
      for (int u = 0; u < kAtOnce; ++u) {
        const int n = first + u * kTurns;
        const bool there = n < wide.depth;
        if constexpr (kMaskWide) {
          x[u] = masked(x[u], x_mask[u]);
          if (there && inside && wide.masked != nullptr) wide.masked[n * wide.row + w] = x[u];
          value[kThin] += x[u];
        }
        const Quad quad = t[u].value(thin, n * thin.row + first_thin, there ? thin_count : 0);
        for (int j = 0; j < kThin; ++j) value[j] = std::fma(x[u], quad.at[j], value[j]);
        if constexpr (!kMaskWide) {
          for (int j = 0; j < kThin; ++j) value[kThin + j] += quad.at[j];
        }
      }
    }
    for (int mask = kWide; mask < kWarp; mask *= 2) {
      for (float& v : value) v += thread.shuffle_xor(v, mask);
    }

    float* const shared = thread.template shared<float>();
    if (lane < kWide) {
      for (int v = 0; v < kValues; ++v) shared[(thread.warp() * kWide + column) * kValues + v] = value[v];
    }
    thread.sync();
    if (thread.index() >= kWide * kValues) return;
    float sum = shared[thread.index()];
    for (int s = 1; s < kWarps; ++s) sum += shared[s * kWide * kValues + thread.index()];
    put_value(wide.lines, thin.lines, first_wide + thread.index() / kValues, first_thin, thread.index() % kValues, sum, put,
              put_sum);
  }

 private:
  template <bool kQuads>
  static HANDGRAD_DEVICE void fetch(const ProductOperand& thin, int first, int first_thin,
                                    Fetched<!kMaskWide> (&rows)[kAtOnce]) {
    for (int u = 0; u < kAtOnce; ++u) {
      const int n = first + u * kTurns;
      rows[u].template fetch<kQuads>(thin, n * thin.row + first_thin, n < thin.depth ? thin.lines - first_thin : 0);
    }
  }

  /// The v-th value of a lane: a product with a thin column, or a sum of dZ's.
  template <class Put, class PutSum>
  static HANDGRAD_DEVICE void put_value(int wide_lines, int thin_lines, int w, int first_thin, int v, float sum,
                                        const Put& put, const PutSum& put_sum) {
    const int t = first_thin + v % kThin;
    if (w >= wide_lines || t >= thin_lines) return;
    if (v < kThin) {
      put(w, t, sum);
    } else if (kMaskWide) {
      if (first_thin == 0) put_sum(w, sum);
    } else if (w == 0) {
      put_sum(t, sum);
    }
  }
};

}  // namespace handgrad::cuda
