#pragma once

#include <cmath>

#include "product_operand.h"

namespace handgrad::cuda {

/// How a block of threads computes a tile of C = A · B, for matrices so small that what counts is how long the longest chain
/// of waiting is, and not how often a number is fetched.
///
/// The sum over the depth is cut into kSlices pieces, one a warp. A warp needs nobody else for its piece: it fetches 32
/// columns of depth of the tile's lines at once ("a stage", all loads under way together), lays them out in shared memory,
/// and computes the whole tile over them, a few elements of it a lane. In the end the block adds up the four pieces, in
/// order. So 128 x 128 x 128 is 64 blocks, each of which waits for memory once, and for its warps once.
///
///        depth  0 .. 31   32 .. 63   64 .. 95   96 .. 127
///               warp 0     warp 1     warp 2      warp 3      -> 4 x [16,16], folded to one
///
/// Which terms a piece has depends on the depth alone: every element is summed in the same order whatever tile it lies in.
inline constexpr int kSlices = 4;
inline constexpr int kStage = 32;
inline constexpr int kStep = 16;  // as much of a stage is computed at least, zeros if need be: loads of it overlap with sums

/// How deep the piece of a warp is: a multiple of 4, so that whole quads belong to one.
HANDGRAD_DEVICE int slice_depth(int depth) { return ((depth + kSlices - 1) / kSlices + 3) / 4 * 4; }

/// kLines lines of an operand over a stage: on their way through a lane's registers, then in shared memory as they lie in the
/// matrix, i.e. [line][depth] if lines are rows of it (along), else [depth][line].
template <bool kAlong, int kLines, bool kMasked>
struct ProductStage {
  static constexpr int kQuads = kLines * kStage / 4 / kWarp;
  // Rows of shared memory are 32 banks of 4 bytes. Without the gap the lines of a column would all lie in the same bank.
  static constexpr int kRow = kAlong ? kStage + 4 : kLines;
  static constexpr int kFloats = kAlong ? kLines * kRow : kStage * kRow;
  static constexpr int kQuadsPerRow = (kAlong ? kStage : kLines) / 4;

  Fetched<kMasked> quads[kQuads];

  /// Where the q-th quad of a lane is in the operand, and how many of its elements there are: lines from first_line on, depth
  /// from `begin` to `end`.
  struct Place {
    int offset, count;
  };
  static HANDGRAD_DEVICE Place place(const ProductOperand& operand, int first_line, int begin, int end, int lane, int q) {
    const int number = q * kWarp + lane;
    const int line = first_line + (kAlong ? number / kQuadsPerRow : number % kQuadsPerRow * 4);
    const int depth = begin + (kAlong ? number % kQuadsPerRow * 4 : number / kQuadsPerRow);
    if (line >= operand.lines || depth >= end) return {0, 0};
    return kAlong ? Place{line * operand.row + depth, end - depth} : Place{depth * operand.row + line, operand.lines - line};
  }

  HANDGRAD_DEVICE void load(const ProductOperand& operand, int first_line, int begin, int end, int lane) {
    if (operand.quads) {
      load_all<true>(operand, first_line, begin, end, lane);
    } else {
      load_all<false>(operand, first_line, begin, end, lane);
    }
  }
  template <bool kByQuads>
  HANDGRAD_DEVICE void load_all(const ProductOperand& operand, int first_line, int begin, int end, int lane) {
    for (int q = 0; q < kQuads; ++q) {
      const Place from = place(operand, first_line, begin, end, lane, q);
      quads[q].template fetch<kByQuads>(operand, from.offset, from.count);
    }
  }

  /// Into shared memory what load() of the same place has fetched, zeros where there was nothing.
  HANDGRAD_DEVICE void store(float* shared, const ProductOperand& operand, int first_line, int begin, int end,
                             int lane) const {
    for (int q = 0; q < kQuads; ++q) {
      const Place from = place(operand, first_line, begin, end, lane, q);
      const int number = q * kWarp + lane;
      const int at = number / kQuadsPerRow * kRow + number % kQuadsPerRow * 4;
      *reinterpret_cast<Quad*>(shared + at) = quads[q].value(operand, from.offset, from.count);
    }
  }

  /// Which line of the tile is the i-th of those that a lane has, one of `groups` that share the lines among them: such that
  /// the lanes find what they read in different banks.
  template <int kGroups>
  static HANDGRAD_DEVICE int line(int group, int i) {
    return kAlong ? group + kGroups * i : group * (kLines / kGroups) + i;
  }

  static HANDGRAD_DEVICE float element(const float* shared, int line, int depth) {
    return kAlong ? shared[line * kRow + depth] : shared[depth * kRow + line];
  }

  /// Those lines over four of depth.
  template <int kGroups>
  static HANDGRAD_DEVICE void read(const float* shared, int depth, int group, float (&values)[4][kLines / kGroups]) {
    constexpr int kMine = kLines / kGroups;
    if constexpr (kAlong) {
      for (int i = 0; i < kMine; ++i) {
        const Quad quad = *reinterpret_cast<const Quad*>(shared + line<kGroups>(group, i) * kRow + depth);
        for (int k = 0; k < 4; ++k) values[k][i] = quad.at[k];
      }
    } else {
      struct alignas(kMine * sizeof(float) >= 16 ? 16 : kMine * sizeof(float)) Mine {
        float at[kMine];
      };
      for (int k = 0; k < 4; ++k) {
        const Mine mine = *reinterpret_cast<const Mine*>(shared + (depth + k) * kRow + group * kMine);
        for (int i = 0; i < kMine; ++i) values[k][i] = mine.at[i];
      }
    }
  }
};

/// A tile of 4·R rows and 8·C columns: a warp's lanes stand 4 by 8, each has R by C elements.
template <int R, int C, bool kAlongA, bool kAlongB, bool kMaskedA>
struct ProductTile {
  static constexpr int kGroupsA = 4, kGroupsB = 8;
  static constexpr int kRows = kGroupsA * R, kColumns = kGroupsB * C;
  using StageA = ProductStage<kAlongA, kRows, kMaskedA>;
  using StageB = ProductStage<kAlongB, kColumns, false>;
  // What a warp has of shared memory: both operands of a stage, later its piece of the tile and of the sums of A's lines.
  static constexpr int kPieces = kRows * kColumns + kRows;
  static constexpr int kWarpFloats = StageA::kFloats + StageB::kFloats > kPieces ? StageA::kFloats + StageB::kFloats : kPieces;
  static constexpr std::size_t kSharedBytes = kSlices * kWarpFloats * sizeof(float);

  /// Calls put(r, c, sum, extra) once for every element of C in the tile, and put_line_sum(r, Σ_k A[r,k]) for its rows if
  /// `line_sums`. The extra is extra(c), asked for at the beginning: it may come from memory too.
  template <class Thread, class Extra, class Put, class PutLineSum>
  static HANDGRAD_DEVICE void compute(Thread& thread, const ProductOperand& A, const ProductOperand& B, int first_row,
                                      int first_column, bool line_sums, const Extra& extra, const Put& put,
                                      const PutLineSum& put_line_sum) {
    float* const shared = thread.template shared<float>() + thread.warp() * kWarpFloats;
    const int lane = thread.lane(), group_a = lane / kGroupsB, group_b = lane % kGroupsB;
    const int slice = slice_depth(A.depth);
    int begin = thread.warp() * slice;
    const int end = begin + slice < A.depth ? begin + slice : A.depth;

    float sum[R][C] = {};
    float line_sum = 0;
    StageA a;
    StageB b;
    a.load(A, first_row, begin, end, lane);
    b.load(B, first_column, begin, end, lane);
    static_assert(kSlices * kWarp % kColumns == 0, "in the end a thread has elements of one column only");
    const int column = first_column + thread.index() % kColumns;
    const float extra_of_column = column < B.lines ? extra(column) : 0.0F;
    while (begin < end) {
      a.store(shared, A, first_row, begin, end, lane);
      b.store(shared + StageA::kFloats, B, first_column, begin, end, lane);
      thread.sync_warp();
      const int depth = end - begin < kStage ? end - begin : kStage;
      begin += kStage;
      if (begin < end) {  // the next stage is fetched while this one is computed
        a.load(A, first_row, begin, end, lane);
        b.load(B, first_column, begin, end, lane);
      }
      for (int k = 0; k < depth; k += kStep) {
        for (int q = 0; q < kStep; q += 4) {
          float mine_a[4][R], mine_b[4][C];
          StageA::template read<kGroupsA>(shared, k + q, group_a, mine_a);
          StageB::template read<kGroupsB>(shared + StageA::kFloats, k + q, group_b, mine_b);
          for (int kk = 0; kk < 4; ++kk) {
            for (int i = 0; i < R; ++i) {
              for (int j = 0; j < C; ++j) sum[i][j] = std::fma(mine_a[kk][i], mine_b[kk][j], sum[i][j]);
            }
          }
        }
      }
      if (line_sums) line_sum += sum_of_line(shared, lane);
      thread.sync_warp();  // before others lay out the next stage here, or their pieces
    }

    for (int i = 0; i < R; ++i) {
      const int row = StageA::template line<kGroupsA>(group_a, i);
      for (int j = 0; j < C; ++j) shared[row * kColumns + StageB::template line<kGroupsB>(group_b, j)] = sum[i][j];
    }
    if (line_sums) {
      for (int mask = kRows; mask < kWarp; mask *= 2) line_sum += thread.shuffle_xor(line_sum, mask);
      if (lane < kRows) shared[kRows * kColumns + lane] = line_sum;
    }
    thread.sync();
    for (int n = thread.index(); n < kRows * kColumns; n += kSlices * kWarp) {
      const int row = first_row + n / kColumns;
      if (row < A.lines && column < B.lines) put(row, column, folded(thread, n), extra_of_column);
    }
    if (line_sums && thread.index() < kRows && first_row + thread.index() < A.lines) {
      put_line_sum(first_row + thread.index(), folded(thread, kRows * kColumns + thread.index()));
    }
  }

 private:
  /// Every other element of a line of A in this stage, or every fourth: what there are lanes for.
  static HANDGRAD_DEVICE float sum_of_line(const float* shared, int lane) {
    constexpr int kLanesPerLine = kWarp / kRows;
    float sum = 0;
    for (int k = 0; k < kStage; k += kLanesPerLine) sum += StageA::element(shared, lane % kRows, k + lane / kRows);
    return sum;
  }

  /// The pieces of all warps in order, by one thread an element.
  template <class Thread>
  static HANDGRAD_DEVICE float folded(Thread& thread, int at) {
    const float* const pieces = thread.template shared<float>();
    float sum = pieces[at];
    for (int s = 1; s < kSlices; ++s) sum += pieces[s * kWarpFloats + at];
    return sum;
  }
};

}  // namespace handgrad::cuda
