#pragma once

#include "../backend.h"

namespace handgrad::simd {

// What is computed for one instruction set, behind plain function pointers: chosen once, when a backend is made.
//
// Matrices are row-major without gaps. These views have no functions on purpose: of two copies of an inline function the
// linker keeps either, and one that was compiled for a wider instruction set may not run here.
struct In {
  const float* data;
  long rows, cols;
};
struct Out {
  float* data;
  long rows, cols;
};

/// Work memory that a caller lends, aligned to 64 bytes.
struct Scratch {
  float* panel;           ///< kPanelFloats: part of a factor, packed
  float* rows;            ///< kSlice for each row of the left factor,
  int* counts;            ///< one a row, and
  unsigned char* places;  ///< kMostListed a row, for lists of what is not zero
  float* small;           ///< as many floats as the largest weight matrix of fewer than 16 columns has
};

/// A product's inner dimension is worked off in slices of this many, so that a packed panel stays in the second-level cache.
constexpr long kDepth = 512;
/// The widest panel of any instruction set, in floats.
constexpr long kPanelWidth = 48;
constexpr long kPanelFloats = kDepth * kPanelWidth;
/// Products that leave zeros out (sparse_products.h) take smaller slices: a panel of B with 64 floats a row is then the size of the
/// first-level cache, and a place in a slice fits a byte. Lists are written eight places at a time.
constexpr long kSlice = 128;
constexpr long kMostListed = kSlice + 8;
/// Below so many columns a weight gradient is computed transposed.
constexpr long kNarrow = 16;

/// The operations of Backend (see there), shapes checked, for float.
struct Kernels {
  void (*linear_forward)(In X, In W, const float* b, Activation f, Out Y, Scratch);
  void (*linear_backward)(In X, In W, In Y, Activation f, Out dY, Out dX, Out dW, float* db, Scratch);
  void (*loss_selected)(const LossSpec&, In Q, const int* action, const float* target, const float* weight, Out dQ, float* td,
                        float* loss);
  void (*loss_full)(const LossSpec&, In Y, In target, const float* weight, Out dY, float* loss);
  void (*td_target)(In next_target, In next_online, const float* reward, const float* discount, float* y);
  void (*argmax)(In Q, int* out);
  void (*sgd_step)(const SgdSpec&, float lr, long n, float* p, const float* g, float* velocity);
  void (*rmsprop_step)(const RmspropSpec&, float lr, long n, float* p, const float* g, float* mean_square, float* mean,
                       float* velocity);
  void (*adam_step)(const AdamSpec&, const float* coefficients, long n, float* p, const float* g, float* m, float* v,
                    float* v_max);
  void (*clip_by_value)(float limit, long n, float* g);
  void (*scale)(float factor, long n, float* x);
  void (*mix)(float tau, long n, const float* online, float* target);
  float (*l2_norm)(long n, const float* x);
  void (*gather_rows)(In source, const int* rows, Out out);
};

const Kernels& baseline_kernels();
const Kernels& avx2_kernels();
const Kernels& avx512_kernels();
const Kernels& neon_kernels();

}  // namespace handgrad::simd
