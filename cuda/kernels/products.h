#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "../../core/backend.h"
#include "narrow_products.h"
#include "product_tile.h"

namespace handgrad::cuda {

/// Linear layers of small networks, by kernels of our own: one launch forward, one launch backward. Any extents will do; up to
/// about 512 they are quicker than a library that is made for large products, and unlike a library's their results are the
/// same for any number of agents: how an element is summed depends on the extents of the layer alone, and in the forward
/// direction not even on the batch.
///
///   X [B,I]   W [O,I]   b [O]   Y [B,O]   and their gradients, all row-major, without gaps
///
/// Each agent has all of them, a stride of elements after those of the agent before. A stride of X may be 0: all have the same.
/// Rows of four numbers at once are loaded where arrays and strides allow: for many agents make every stride a multiple of 4.
struct LinearShape {
  std::int64_t batch = 0, in = 0, out = 0;
  std::int64_t agents = 1;
  std::int64_t X_stride = 0;           ///< of X and dX
  std::int64_t parameters_stride = 0;  ///< of W and b, dW and db, which are parts of arrays [agents, P]
  std::int64_t Y_stride = 0;           ///< of Y and dY
};

/// How parts of a matrix, one a block or warp, are numbered: row by row.
struct PartGrid {
  int columns;               ///< parts side by side
  std::uint64_t reciprocal;  ///< of columns, see quotient()

  HANDGRAD_DEVICE int row(int part) const { return quotient(part, reciprocal); }
  HANDGRAD_DEVICE int column(int part) const { return part - row(part) * columns; }
  friend bool operator==(const PartGrid&, const PartGrid&) = default;
};

/// Y = f(X Wᵀ + b).
struct LinearForward {
  static constexpr int kThreads = 128;
  using Tile = ProductTile<4, 2, true, true, false>;
  using SmallTile = ProductTile<2, 2, true, true, false>;
  using Shallow = ShallowProduct<true, false>;

  /// By what the extents suggest: a depth of at most kNarrow, at most kNarrow outputs, a batch of few rows, or none of these.
  enum Way : int { kShallow, kThin, kSmallTile, kTile };

  const float* X;
  const float* W;
  const float* b;
  float* Y;
  int batch, in, out;
  Activation f;
  Way way;
  PartGrid parts;
  bool X_quads, W_quads;
  std::int64_t X_stride, parameters_stride, Y_stride;

  template <class Thread>
  HANDGRAD_DEVICE void operator()(Thread& thread) const {
    const std::int64_t agent = thread.agent();
    // Y [B,O] = X [B,I] · Wᵀ [I,O], both summed along their rows.
    const ProductOperand A{X + agent * X_stride, batch, in, in, X_quads},
        B{W + agent * parameters_stride, out, in, in, W_quads};
    const float* const bias = b + agent * parameters_stride;
    float* const result = Y + agent * Y_stride;
    const auto bias_of = [=](int o) { return bias[o]; };
    const auto put = [=, this](int n, int o, float sum, float bias_of_o) { result[n * out + o] = activate(sum + bias_of_o); };
    const auto no_sums = [](int, float) {};
    const int block = static_cast<int>(thread.block()),
              part = way == kThin ? block * ThinProduct::kWarps + thread.warp() : block;
    const int row = parts.row(part), column = parts.column(part);
    switch (way) {
      case kShallow: return Shallow::compute(thread, A, B, row * Shallow::kRows, column * Shallow::kColumns, bias_of, put);
      case kThin: return ThinProduct::compute(thread, A, B, row, column * ThinProduct::kColumns, bias_of, put);
      case kSmallTile:
        return SmallTile::compute(thread, A, B, row * SmallTile::kRows, column * SmallTile::kColumns, false, bias_of, put,
                                  no_sums);
      case kTile: return Tile::compute(thread, A, B, row * Tile::kRows, column * Tile::kColumns, false, bias_of, put, no_sums);
    }
  }

  HANDGRAD_DEVICE float activate(float z) const {
    if (f == Activation::relu) return z < 0 ? 0.0F : z;  // NaN stays NaN
    return f == Activation::tanh ? std::tanh(z) : z;
  }

  friend bool operator==(const LinearForward&, const LinearForward&) = default;
};

/// dW = dZᵀ X, db = Σ_B dZ and dX = dZ W (unless dX is null), side by side: the first blocks compute dW and db, the others
/// dX. dZ = dY, or for relu dY ∘ f'(Y), which is applied by everyone who reads dY and left in dY by those blocks that compute
/// db. That others read dY at the same time does no harm, see ProductOperand. It would for tanh, where reading dY twice is not
/// the same: there dZ has to be in dY before.
struct LinearBackward {
  static constexpr int kThreads = 128;
  using WeightTile = ProductTile<4, 2, false, false, true>;
  using InputTile = ProductTile<4, 2, true, false, true>;
  using FewInputs = ColumnProduct<true>;    // dZ is the wide one
  using FewOutputs = ColumnProduct<false>;  // X is
  using Shallow = ShallowProduct<false, true>;

  const float* X;
  const float* W;
  const float* Y;  ///< null: dZ = dY
  float* dY;
  float* dX;
  float* dW;
  float* db;
  int batch, in, out;
  int weight_blocks;
  PartGrid weight_parts, input_parts;
  bool X_quads, W_quads, Y_quads;
  std::int64_t X_stride, parameters_stride, Y_stride;

  template <class Thread>
  HANDGRAD_DEVICE void operator()(Thread& thread) const {
    const int block = static_cast<int>(thread.block());
    if (block < weight_blocks) {
      weight_gradient(thread, weight_parts.row(block), weight_parts.column(block));
    } else {
      input_gradient(thread, input_parts.row(block - weight_blocks), input_parts.column(block - weight_blocks));
    }
  }

  /// As an operand of that many lines and that depth; `leave` to write dZ to dY.
  HANDGRAD_DEVICE ProductOperand dZ(std::int64_t agent, int lines, int depth, bool leave) const {
    float* const gradient = dY + agent * Y_stride;
    if (Y == nullptr) return {gradient, lines, depth, out, Y_quads};
    return {gradient, lines, depth, out, Y_quads, Y + agent * Y_stride, leave ? gradient : nullptr};
  }

  template <class Thread>
  HANDGRAD_DEVICE void weight_gradient(Thread& thread, int row, int column) const {
    // dW [O,I] = dZᵀ [O,B] · X [B,I], both summed across their rows.
    const std::int64_t agent = thread.agent();
    const ProductOperand B{X + agent * X_stride, in, batch, in, X_quads};
    float* const weights = dW + agent * parameters_stride;
    float* const biases = db + agent * parameters_stride;
    const auto put = [=, this](int o, int i, float sum) { weights[o * in + i] = sum; };
    const auto put_transposed = [=, this](int i, int o, float sum) { weights[o * in + i] = sum; };
    const auto put_bias = [=](int o, float sum) { biases[o] = sum; };
    if (in <= kNarrow) {
      FewInputs::compute(thread, dZ(agent, out, batch, true), B, row * FewInputs::kWide, column * FewInputs::kThin, put,
                         put_bias);
    } else if (out <= kNarrow) {
      FewOutputs::compute(thread, B, dZ(agent, out, batch, true), row * FewOutputs::kWide, column * FewOutputs::kThin,
                          put_transposed, put_bias);
    } else {
      const bool first = column == 0;
      WeightTile::compute(
          thread, dZ(agent, out, batch, first), B, row * WeightTile::kRows, column * WeightTile::kColumns, first,
          [](int) { return 0.0F; }, [=](int o, int i, float sum, float) { put(o, i, sum); }, put_bias);
    }
  }

  template <class Thread>
  HANDGRAD_DEVICE void input_gradient(Thread& thread, int row, int column) const {
    // dX [B,I] = dZ [B,O] · W [O,I], dZ summed along its rows, W across.
    const std::int64_t agent = thread.agent();
    const ProductOperand A = dZ(agent, batch, out, false), B{W + agent * parameters_stride, in, out, in, W_quads};
    float* const result = dX + agent * X_stride;
    const auto nothing = [](int) { return 0.0F; };
    const auto put = [=, this](int n, int i, float sum, float) { result[n * in + i] = sum; };
    if (out <= kNarrow) {
      Shallow::compute(thread, A, B, row * Shallow::kRows, column * Shallow::kColumns, nothing, put);
    } else {
      InputTile::compute(thread, A, B, row * InputTile::kRows, column * InputTile::kColumns, false, nothing, put,
                         [](int, float) {});
    }
  }

  friend bool operator==(const LinearBackward&, const LinearBackward&) = default;
};

/// Parts of part_rows by part_columns elements that cover a matrix: how many, and their numbering.
struct Parts {
  std::int64_t count;
  PartGrid grid;
  Parts(std::int64_t rows, std::int64_t columns, std::int64_t part_rows, std::int64_t part_columns) {
    const std::int64_t side_by_side = blocks_for(columns, part_columns);
    count = blocks_for(rows, part_rows) * side_by_side;
    grid = {static_cast<int>(side_by_side), reciprocal(side_by_side)};
  }
};
template <class Tile>
Parts parts_of(std::int64_t rows, std::int64_t columns) {
  return {rows, columns, Tile::kRows, Tile::kColumns};
}

/// Whether four elements at once can be loaded from every row of every agent's matrix.
inline bool by_quads(const float* matrix, std::int64_t row, std::int64_t agents, std::int64_t stride) {
  return reinterpret_cast<std::uintptr_t>(matrix) % sizeof(Quad) == 0 && row % 4 == 0 && (agents == 1 || stride % 4 == 0);
}

inline LinearForward::Way forward_way(const LinearShape& s) {
  if (s.in <= kNarrow) return LinearForward::kShallow;
  if (s.out <= kNarrow) return LinearForward::kThin;
  return s.batch <= LinearForward::SmallTile::kRows ? LinearForward::kSmallTile : LinearForward::kTile;
}

inline Parts forward_parts(const LinearShape& s) {
  switch (forward_way(s)) {
    case LinearForward::kShallow: return parts_of<LinearForward::Shallow>(s.batch, s.out);
    case LinearForward::kThin: return {s.batch, s.out, 1, ThinProduct::kColumns};
    case LinearForward::kSmallTile: return parts_of<LinearForward::SmallTile>(s.batch, s.out);
    case LinearForward::kTile: break;
  }
  return parts_of<LinearForward::Tile>(s.batch, s.out);
}

inline LinearForward linear_forward_kernel(const LinearShape& s, const float* X, const float* W, const float* b, Activation f,
                                           float* Y) {
  return {X,
          W,
          b,
          Y,
          static_cast<int>(s.batch),
          static_cast<int>(s.in),
          static_cast<int>(s.out),
          f,
          forward_way(s),
          forward_parts(s).grid,
          by_quads(X, s.in, s.agents, s.X_stride),
          by_quads(W, s.in, s.agents, s.parameters_stride),
          s.X_stride,
          s.parameters_stride,
          s.Y_stride};
}

inline Grid linear_forward_grid(const LinearShape& s) {
  const LinearForward::Way way = forward_way(s);
  const std::int64_t parts = forward_parts(s).count;
  const std::size_t shared = way == LinearForward::kTile        ? LinearForward::Tile::kSharedBytes
                             : way == LinearForward::kSmallTile ? LinearForward::SmallTile::kSharedBytes
                                                                : 0;
  return {way == LinearForward::kThin ? blocks_for(parts, ThinProduct::kWarps) : parts, LinearForward::kThreads, shared,
          s.agents};
}

inline Parts weight_gradient_parts(const LinearShape& s) {
  using K = LinearBackward;
  if (s.in <= kNarrow) return {s.out, s.in, K::FewInputs::kWide, K::FewInputs::kThin};
  if (s.out <= kNarrow) return {s.in, s.out, K::FewOutputs::kWide, K::FewOutputs::kThin};
  return parts_of<K::WeightTile>(s.out, s.in);
}

inline Parts input_gradient_parts(const LinearShape& s) {
  if (s.out <= kNarrow) return parts_of<LinearBackward::Shallow>(s.batch, s.in);
  return parts_of<LinearBackward::InputTile>(s.batch, s.in);
}

/// Y is what the layer put out; dX is null if it is not wanted. For none and relu dY is dZ afterwards; for tanh it has to be
/// dZ before, see activation_gradient_first.
inline LinearBackward linear_backward_kernel(const LinearShape& s, const float* X, const float* W, const float* Y,
                                             Activation f, float* dY, float* dX, float* dW, float* db) {
  const float* const mask = f == Activation::relu ? Y : nullptr;
  const Parts weights = weight_gradient_parts(s);
  return {X,
          W,
          mask,
          dY,
          dX,
          dW,
          db,
          static_cast<int>(s.batch),
          static_cast<int>(s.in),
          static_cast<int>(s.out),
          static_cast<int>(weights.count),
          weights.grid,
          input_gradient_parts(s).grid,
          by_quads(X, s.in, s.agents, s.X_stride),
          by_quads(W, s.in, s.agents, s.parameters_stride),
          by_quads(dY, s.out, s.agents, s.Y_stride) && (mask == nullptr || by_quads(mask, s.out, s.agents, s.Y_stride)),
          s.X_stride,
          s.parameters_stride,
          s.Y_stride};
}

inline Grid linear_backward_grid(const LinearShape& s, bool with_dX) {
  using K = LinearBackward;
  const bool weight_tile = s.in > kNarrow && s.out > kNarrow, input_tile = with_dX && s.out > kNarrow;
  const std::size_t for_weights =
      weight_tile ? K::WeightTile::kSharedBytes : std::max(K::FewInputs::kSharedBytes, K::FewOutputs::kSharedBytes);
  return {weight_gradient_parts(s).count + (with_dX ? input_gradient_parts(s).count : 0), K::kThreads,
          std::max(for_weights, input_tile ? K::InputTile::kSharedBytes : 0), s.agents};
}

/// Whether dZ = dY ∘ f'(Y) has to be computed into dY, by a launch of its own, before linear_backward_kernel is.
inline bool activation_gradient_first(Activation f) { return f == Activation::tanh; }

}  // namespace handgrad::cuda
