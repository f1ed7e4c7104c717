#pragma once

#include <cmath>

#include "../../core/backend.h"
#include "packs.h"

// What a product leaves to do where its library does not do it: the bias and activation of a layer, and the bias's gradient.

namespace handgrad::cuda {

/// Y = f(Y + b), b for each row. Grid: elements_grid(B O).
struct BiasActivation {
  static constexpr int kThreads = kElementThreads;
  float* Y;        ///< [B, O]
  const float* b;  ///< [O]
  std::int64_t size, O;
  Activation f;

  template <class Thread>
  HANDGRAD_DEVICE void operator()(Thread& thread) const {
    for (std::int64_t i = thread.number(); i < size; i += thread.numbers()) {
      const float z = Y[i] + b[i % O];
      Y[i] = f == Activation::relu ? (z < 0 ? 0.0F : z) : f == Activation::tanh ? std::tanh(z) : z;  // NaN stays NaN
    }
  }

  friend bool operator==(const BiasActivation&, const BiasActivation&) = default;
};

/// db = Σ_B dZ. A block has 8 columns; its threads take the rows in turn, and add up what they have in the end, in order.
struct BiasGradient {
  static constexpr int kThreads = 1024;
  static constexpr int kColumns = 8, kTurns = kThreads / kColumns;
  static constexpr std::size_t kSharedBytes = kThreads * sizeof(float);
  const float* dZ;  ///< [B, O]
  float* db;        ///< [O]
  std::int64_t B, O;

  template <class Thread>
  HANDGRAD_DEVICE void operator()(Thread& thread) const {
    const int column = thread.index() % kColumns, turn = thread.index() / kColumns;
    const std::int64_t o = thread.block() * kColumns + column;
    float sum = 0;
    if (o < O) {
      for (std::int64_t n = turn; n < B; n += kTurns) sum += dZ[n * O + o];
    }
    float* sums = thread.template shared<float>();  // [kTurns, kColumns]
    sums[thread.index()] = sum;
    for (int half = kTurns / 2; half > 0; half /= 2) {
      thread.sync();
      if (turn < half) sums[thread.index()] += sums[thread.index() + half * kColumns];
    }
    if (turn == 0 && o < O) db[o] = sums[column];
  }

  friend bool operator==(const BiasGradient&, const BiasGradient&) = default;
};

inline Grid bias_gradient_grid(std::int64_t O) {
  return {blocks_for(O, BiasGradient::kColumns), BiasGradient::kThreads, BiasGradient::kSharedBytes, 1};
}

}  // namespace handgrad::cuda
