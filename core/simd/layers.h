#pragma once

#include "products.h"
#include "tanh.h"

// Linear layers, losses and targets for one instruction set.

namespace handgrad::simd {
namespace {

/// Below so many rows packing the weights costs more than it saves.
constexpr long kFewRows = 4;
/// What the sum within a register costs, in multiply-adds a result.
constexpr long kSumCost = 4;

void linear_forward(In X, In W, const float* b, Activation f, Out Y, Scratch scratch) {
  const bool relu = f == Activation::relu;
  const long B = X.rows, I = X.cols, O = W.rows;
  if (B < kFewRows) {
    dots<1>(X, W, b, relu, Y);
  } else if (O * ((I + kLanes - 1) / kLanes + kSumCost) < I * ((O + kLanes - 1) / kLanes)) {
    if (O == 1) {
      dots<static_cast<int>(kLanes)>(X, W, b, relu, Y);
    } else {
      dots<static_cast<int>(kLanes) / 2>(X, W, b, relu, Y);
    }
  } else {
    product<true>(B, I, O, {X.data, I, 1}, W.data, I, Y.data, {b, false, relu}, scratch.panel);
  }
  if (f == Activation::tanh) tanh_in_place(B * O, Y.data);
}

/// dZ = dY ∘ f'(Y) in place, and its column sums, for kLanes or `part` columns at a time.
template <class Slope, class Read, class Write>
inline void masked_column_sums(const float* Y, float* dY, long rows, long cols, float* db, Slope slope, Read read,
                               Write write) {
  V total = zero();
  for (long n = 0; n < rows; ++n) {
    const V dz = slope(read(Y + n * cols), read(dY + n * cols));
    write(dY + n * cols, dz);
    total = total + dz;
  }
  write(db, total);
}

template <class Slope>
void through_activation(In Y, Out dY, float* db, Slope slope) {
  const long rows = dY.rows, cols = dY.cols, rest = cols % kLanes;
  long o = 0;
  constexpr long kGroup = 4;  // a whole cache line or more of each row, and four sums that do not wait for each other
  for (; o + kGroup * kLanes <= cols; o += kGroup * kLanes) {
    V total[kGroup] = {zero(), zero(), zero(), zero()};
    for (long n = 0; n < rows; ++n) {
      for (long v = 0; v < kGroup; ++v) {
        const long at = n * cols + o + v * kLanes;
        const V dz = slope(load(Y.data + at), load(dY.data + at));
        store(dY.data + at, dz);
        total[v] = total[v] + dz;
      }
    }
    for (long v = 0; v < kGroup; ++v) store(db + o + v * kLanes, total[v]);
  }
  for (; o + kLanes <= cols; o += kLanes) {
    masked_column_sums(Y.data + o, dY.data + o, rows, cols, db + o, slope, load, store);
  }
  if (rest != 0) {
    masked_column_sums(
        Y.data + o, dY.data + o, rows, cols, db + o, slope, [rest](const float* p) { return load_part(p, rest); },
        [rest](float* p, V x) { store_part(p, x, rest); });
  }
}

/// The slope of every activation is a function of its output alone.
void through_activation(In Y, Activation f, Out dY, float* db) {
  switch (f) {
    case Activation::none: return through_activation(Y, dY, db, [](V, V dy) { return dy; });
    case Activation::relu: return through_activation(Y, dY, db, [](V y, V dy) { return where_positive(y, dy); });
    case Activation::tanh: return through_activation(Y, dY, db, [](V y, V dy) { return dy * (all(1.0F) - y * y); });
  }
}

void linear_backward(In X, In W, In Y, Activation f, Out dY, Out dX, Out dW, float* db, Scratch scratch) {
  const long B = X.rows, I = X.cols, O = W.rows;
  through_activation(Y, f, dY, db);
  const float* dZ = dY.data;
  constexpr Ends kPlain{nullptr, false, false};
  if (I < kNarrow && I < O) {
    // Rows of dW this short leave most of a register empty: its transpose has long ones.
    product<false>(I, B, O, {X.data, 1, I}, dZ, O, scratch.small, kPlain, scratch.panel);
    for (long o = 0; o < O; ++o) {
      for (long i = 0; i < I; ++i) dW.data[o * I + i] = scratch.small[i * O + o];
    }
  } else {
    product<false>(O, B, I, {dZ, 1, O}, X.data, I, dW.data, kPlain, scratch.panel);
  }
  if (dX.data != nullptr) product<false>(B, O, I, {dZ, O, 1}, W.data, I, dX.data, kPlain, scratch.panel);
}

}  // namespace
}  // namespace handgrad::simd
