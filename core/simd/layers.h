#pragma once

#include "sparse_products.h"
#include "tanh.h"

// Linear layers, losses and targets for one instruction set.

namespace handgrad::simd {
namespace {

/// Below so many rows packing the weights costs more than it saves.
constexpr long kFewRows = 4;
/// What the sum within a register costs, in multiply-adds a result.
constexpr long kSumCost = 4;

/// A product with or without the zeros of A, whichever is quicker.
template <bool kTransposed>
void any_product(long rows, long inner, long columns, Left A, const float* B, long B_step, float* C, const Ends& ends,
                 const Scratch& scratch) {
  if (rows >= kWorthLists && inner >= kWorthLists && columns >= kWorthLists && looks_sparse(rows, inner, A)) {
    sparse_product<kTransposed>(rows, inner, columns, A, B, B_step, C, ends, scratch);
  } else {
    product<kTransposed>(rows, inner, columns, A, B, B_step, C, ends, scratch.panel);
  }
}

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
    any_product<true>(B, I, O, {X.data, I, 1}, W.data, I, Y.data, {b, false, relu}, scratch);
  }
  if (f == Activation::tanh) tanh_in_place(B * O, Y.data);
}

/// NV vectors of columns of dZ = dY ∘ f'(Y), in place; their sums; and with kInputs > 0 their products with that many columns
/// of X, the weight gradient transposed. One pass over memory for all three.
template <int kInputs, int NV, class Slope, class Read, class Write>
inline void backward_columns(const float* Y, float* dY, long rows, long cols, const float* X, float* db, float* dW,
                             Slope slope, Read read, Write write) {
  V sums[NV], products[kInputs + 1][NV];
  for (int v = 0; v < NV; ++v) {
    sums[v] = zero();
    for (int i = 0; i < kInputs; ++i) products[i][v] = zero();
  }
  for (long n = 0; n < rows; ++n) {
    for (int v = 0; v < NV; ++v) {
      const long at = n * cols + v * kLanes;
      const V dz = slope(read(Y + at), read(dY + at));
      write(dY + at, dz);
      sums[v] = sums[v] + dz;
      for (int i = 0; i < kInputs; ++i) products[i][v] = multiply_add(all(X[n * kInputs + i]), dz, products[i][v]);
    }
  }
  for (int v = 0; v < NV; ++v) {
    write(db + v * kLanes, sums[v]);
    for (int i = 0; i < kInputs; ++i) write(dW + i * cols + v * kLanes, products[i][v]);
  }
}

template <int kInputs, class Slope>
void backward_all_columns(In Y, Out dY, const float* X, float* db, float* dW, Slope slope) {
  constexpr int NV = kInputs > 0 ? 2 : 4;  // as many as leave all sums in 16 registers
  const long rows = dY.rows, cols = dY.cols, rest = cols % kLanes;
  long o = 0;
  for (; o + NV * kLanes <= cols; o += NV * kLanes) {
    backward_columns<kInputs, NV>(Y.data + o, dY.data + o, rows, cols, X, db + o, dW + o, slope, load, store);
  }
  for (; o + kLanes <= cols; o += kLanes) {
    backward_columns<kInputs, 1>(Y.data + o, dY.data + o, rows, cols, X, db + o, dW + o, slope, load, store);
  }
  if (rest != 0) {
    const auto read = [rest](const float* p) { return load_part(p, rest); };
    const auto write = [rest](float* p, V x) { store_part(p, x, rest); };
    backward_columns<kInputs, 1>(Y.data + o, dY.data + o, rows, cols, X, db + o, dW + o, slope, read, write);
  }
}

/// The slope of every activation is a function of its output alone.
template <int kInputs>
void through_activation(In Y, Activation f, Out dY, float* db, const float* X = nullptr, float* dW = nullptr) {
  switch (f) {
    case Activation::none: return backward_all_columns<kInputs>(Y, dY, X, db, dW, [](V, V dy) { return dy; });
    case Activation::relu:
      return backward_all_columns<kInputs>(Y, dY, X, db, dW, [](V y, V dy) { return where_positive(y, dy); });
    case Activation::tanh:
      return backward_all_columns<kInputs>(Y, dY, X, db, dW, [](V y, V dy) { return dy * (all(1.0F) - y * y); });
  }
}

void linear_backward(In X, In W, In Y, Activation f, Out dY, Out dX, Out dW, float* db, Scratch scratch) {
  const long B = X.rows, I = X.cols, O = W.rows;
  const float* dZ = dY.data;
  constexpr Ends kPlain{nullptr, false, false};
  if (I < kNarrow && I < O) {
    // Rows of dW this short leave most of a register empty: its transpose has long ones.
    float* transposed = scratch.small;
    switch (I) {  // what environments observe
      case 1: through_activation<1>(Y, f, dY, db, X.data, transposed); break;
      case 2: through_activation<2>(Y, f, dY, db, X.data, transposed); break;
      case 4: through_activation<4>(Y, f, dY, db, X.data, transposed); break;
      default:
        through_activation<0>(Y, f, dY, db);
        product<false>(I, B, O, {X.data, 1, I}, dZ, O, transposed, kPlain, scratch.panel);
    }
    for (long o = 0; o < O; ++o) {
      for (long i = 0; i < I; ++i) dW.data[o * I + i] = transposed[i * O + o];
    }
  } else {
    through_activation<0>(Y, f, dY, db);
    any_product<false>(O, B, I, {dZ, 1, O}, X.data, I, dW.data, kPlain, scratch);
  }
  if (dX.data != nullptr) any_product<false>(B, O, I, {dZ, O, 1}, W.data, I, dX.data, kPlain, scratch);
}

}  // namespace
}  // namespace handgrad::simd
