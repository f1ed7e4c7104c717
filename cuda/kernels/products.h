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
/// same for any number of agents: how an element is summed depends on the extents of the layer alone.
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

/// Y = f(X Wᵀ + b).
struct LinearForward {
  static constexpr int kThreads = 128;
  using Tile = ProductTile<4, 2, true, true, false>;
  using SmallTile = ProductTile<2, 2, true, true, false>;
  using Shallow = ShallowProduct<true, false>;

  const float* X;
  const float* W;
  const float* b;
  float* Y;
  int batch, in, out;
  Activation f;
  int way;  ///< see Way
  bool X_quads, W_quads;
  std::int64_t X_stride, parameters_stride, Y_stride;

  /// By what the extents suggest: a depth of at most kNarrow, at most kNarrow outputs, a batch of few rows, or none of these.
  enum Way { kShallow, kThin, kSmallTile, kTile };

  template <class Thread>
  HANDGRAD_DEVICE void operator()(Thread& thread) const {
    const std::int64_t agent = thread.agent();
    // Y [B,O] = X [B,I] · Wᵀ [I,O], both summed along their rows.
    const ProductOperand A{X + agent * X_stride, batch, in, in, X_quads},
        B{W + agent * parameters_stride, out, in, in, W_quads};
    const float* const bias = b + agent * parameters_stride;
    float* const result = Y + agent * Y_stride;
    const auto put = [=, this](int n, int o, float sum) { result[n * out + o] = activate(sum + bias[o]); };
    const int block = static_cast<int>(thread.block());
    if (way == kShallow) {
      const int columns = (out + Shallow::kColumns - 1) / Shallow::kColumns;
      Shallow::compute(thread, A, B, block / columns * Shallow::kRows, block % columns * Shallow::kColumns, put);
    } else if (way == kThin) {
      ThinProduct::compute(thread, A, B, block, put);
    } else if (way == kSmallTile) {
      compute_tile<SmallTile>(thread, A, B, block, put);
    } else {
      compute_tile<Tile>(thread, A, B, block, put);
    }
  }

  HANDGRAD_DEVICE float activate(float z) const {
    if (f == Activation::relu) return z < 0 ? 0.0F : z;  // NaN stays NaN
    return f == Activation::tanh ? std::tanh(z) : z;
  }

  template <class SomeTile, class Thread, class Put>
  HANDGRAD_DEVICE void compute_tile(Thread& thread, const ProductOperand& A, const ProductOperand& B, int block,
                                    const Put& put) const {
    const int columns = (out + SomeTile::kColumns - 1) / SomeTile::kColumns;
    SomeTile::compute(thread, A, B, block / columns * SomeTile::kRows, block % columns * SomeTile::kColumns, false, put,
                      [](int, float) {});
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
  bool X_quads, W_quads, Y_quads;
  std::int64_t X_stride, parameters_stride, Y_stride;

  template <class Thread>
  HANDGRAD_DEVICE void operator()(Thread& thread) const {
    const int block = static_cast<int>(thread.block());
    if (block < weight_blocks) {
      weight_gradient(thread, block);
    } else {
      input_gradient(thread, block - weight_blocks);
    }
  }

  /// Lines and depth as each product needs them.
  HANDGRAD_DEVICE ProductOperand dZ(std::int64_t agent, int lines, int depth, bool leave) const {
    float* const gradient = dY + agent * Y_stride;
    return {gradient, lines, depth, out, Y_quads, Y == nullptr ? nullptr : Y + agent * Y_stride, leave ? gradient : nullptr};
  }

  template <class Thread>
  HANDGRAD_DEVICE void weight_gradient(Thread& thread, int block) const {
    // dW [O,I] = dZᵀ [O,B] · X [B,I], both summed across their rows.
    const std::int64_t agent = thread.agent();
    const ProductOperand B{X + agent * X_stride, in, batch, in, X_quads};
    float* const weights = dW + agent * parameters_stride;
    float* const biases = db + agent * parameters_stride;
    const auto put_bias = [=](int o, float sum) { biases[o] = sum; };
    if (in <= kNarrow) {
      const int thin = (in + FewInputs::kThin - 1) / FewInputs::kThin;
      const auto put = [=, this](int o, int i, float sum) { weights[o * in + i] = sum; };
      FewInputs::compute(thread, dZ(agent, out, batch, true), B, block / thin * FewInputs::kWide,
                         block % thin * FewInputs::kThin, put, put_bias);
    } else if (out <= kNarrow) {
      const int thin = (out + FewOutputs::kThin - 1) / FewOutputs::kThin;
      const auto put = [=, this](int i, int o, float sum) { weights[o * in + i] = sum; };
      FewOutputs::compute(thread, B, dZ(agent, out, batch, true), block / thin * FewOutputs::kWide,
                          block % thin * FewOutputs::kThin, put, put_bias);
    } else {
      const int columns = (in + WeightTile::kColumns - 1) / WeightTile::kColumns;
      const bool first = block % columns == 0;
      const auto put = [=, this](int o, int i, float sum) { weights[o * in + i] = sum; };
      WeightTile::compute(thread, dZ(agent, out, batch, first), B, block / columns * WeightTile::kRows,
                          block % columns * WeightTile::kColumns, first, put, put_bias);
    }
  }

  template <class Thread>
  HANDGRAD_DEVICE void input_gradient(Thread& thread, int block) const {
    // dX [B,I] = dZ [B,O] · W [O,I], dZ summed along its rows, W across.
    const std::int64_t agent = thread.agent();
    const ProductOperand A = dZ(agent, batch, out, false), B{W + agent * parameters_stride, in, out, in, W_quads};
    float* const result = dX + agent * X_stride;
    const auto put = [=, this](int n, int i, float sum) { result[n * in + i] = sum; };
    if (out <= kNarrow) {
      const int columns = (in + Shallow::kColumns - 1) / Shallow::kColumns;
      Shallow::compute(thread, A, B, block / columns * Shallow::kRows, block % columns * Shallow::kColumns, put);
    } else {
      const int columns = (in + InputTile::kColumns - 1) / InputTile::kColumns;
      InputTile::compute(thread, A, B, block / columns * InputTile::kRows, block % columns * InputTile::kColumns, false, put,
                         [](int, float) {});
    }
  }

  friend bool operator==(const LinearBackward&, const LinearBackward&) = default;
};

/// How many tiles of that kind cover a matrix.
template <class Tile>
constexpr std::int64_t tiles(std::int64_t rows, std::int64_t columns) {
  return blocks_for(rows, Tile::kRows) * blocks_for(columns, Tile::kColumns);
}

/// Whether four elements at once can be loaded from every row of every agent's matrix.
inline bool by_quads(const float* matrix, std::int64_t row, std::int64_t agents, std::int64_t stride) {
  return reinterpret_cast<std::uintptr_t>(matrix) % sizeof(Quad) == 0 && row % 4 == 0 && (agents == 1 || stride % 4 == 0);
}

inline LinearForward linear_forward_kernel(const LinearShape& s, const float* X, const float* W, const float* b, Activation f,
                                           float* Y) {
  using Way = LinearForward::Way;
  const Way way = s.in <= kNarrow                              ? Way::kShallow
                  : s.out <= kNarrow                           ? Way::kThin
                  : s.batch <= LinearForward::SmallTile::kRows ? Way::kSmallTile
                                                               : Way::kTile;
  return {X,
          W,
          b,
          Y,
          static_cast<int>(s.batch),
          static_cast<int>(s.in),
          static_cast<int>(s.out),
          f,
          way,
          by_quads(X, s.in, s.agents, s.X_stride),
          by_quads(W, s.in, s.agents, s.parameters_stride),
          s.X_stride,
          s.parameters_stride,
          s.Y_stride};
}

inline Grid linear_forward_grid(const LinearShape& s) {
  using K = LinearForward;
  const auto grid = [&](std::int64_t blocks, std::size_t shared) { return Grid{blocks, K::kThreads, shared, s.agents}; };
  if (s.in <= kNarrow) return grid(tiles<K::Shallow>(s.batch, s.out), 0);
  if (s.out <= kNarrow)
    return grid(blocks_for(s.batch * ThinProduct::column_groups(static_cast<int>(s.out)), ThinProduct::kWarps), 0);
  if (s.batch <= K::SmallTile::kRows) return grid(tiles<K::SmallTile>(s.batch, s.out), K::SmallTile::kSharedBytes);
  return grid(tiles<K::Tile>(s.batch, s.out), K::Tile::kSharedBytes);
}

inline std::int64_t weight_gradient_blocks(const LinearShape& s) {
  using K = LinearBackward;
  if (s.in <= kNarrow) return blocks_for(s.out, K::FewInputs::kWide) * blocks_for(s.in, K::FewInputs::kThin);
  if (s.out <= kNarrow) return blocks_for(s.in, K::FewOutputs::kWide) * blocks_for(s.out, K::FewOutputs::kThin);
  return tiles<K::WeightTile>(s.out, s.in);
}

/// Y is what the layer put out, dX null if it is not wanted. For tanh dZ has to be in dY already (see
/// activation_gradient_first); for none and relu it is in dY afterwards.
inline LinearBackward linear_backward_kernel(const LinearShape& s, const float* X, const float* W, const float* Y,
                                             Activation f, float* dY, float* dX, float* dW, float* db) {
  return {X,
          W,
          f == Activation::relu ? Y : nullptr,
          dY,
          dX,
          dW,
          db,
          static_cast<int>(s.batch),
          static_cast<int>(s.in),
          static_cast<int>(s.out),
          static_cast<int>(weight_gradient_blocks(s)),
          by_quads(X, s.in, s.agents, s.X_stride),
          by_quads(W, s.in, s.agents, s.parameters_stride),
          by_quads(dY, s.out, s.agents, s.Y_stride) && (f != Activation::relu || by_quads(Y, s.out, s.agents, s.Y_stride)),
          s.X_stride,
          s.parameters_stride,
          s.Y_stride};
}

inline Grid linear_backward_grid(const LinearShape& s, bool with_dX) {
  using K = LinearBackward;
  const std::int64_t inputs = !with_dX           ? 0
                              : s.out <= kNarrow ? tiles<K::Shallow>(s.batch, s.in)
                                                 : tiles<K::InputTile>(s.batch, s.in);
  constexpr std::size_t kShared = std::max({K::WeightTile::kSharedBytes, K::InputTile::kSharedBytes});
  const bool weight_tile = s.in > kNarrow && s.out > kNarrow, input_tile = with_dX && s.out > kNarrow;
  return {weight_gradient_blocks(s) + inputs, K::kThreads,
          weight_tile || input_tile ? kShared : std::max(K::FewInputs::kSharedBytes, K::FewOutputs::kSharedBytes), s.agents};
}

/// Whether dZ = dY ∘ f'(Y) has to be computed into dY, by a launch of its own, before linear_backward_kernel is.
inline bool activation_gradient_first(Activation f) { return f == Activation::tanh; }

}  // namespace handgrad::cuda
