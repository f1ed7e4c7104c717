#pragma once

#include "kernels.h"

// Losses and targets. Rows are a handful of actions, less than a register: plain loops, without branches on data where a
// processor would guess wrong.

namespace handgrad::simd {
namespace {

struct Element {
  float value, slope;
};

/// The loss of one element, d = prediction - target, and its derivative. With c = clamp(d, ±delta) the two-piece formulas
/// become one: huber = c (d - c/2). NaN stays NaN.
struct ElementLoss {
  bool squared;
  float delta, scale;

  explicit ElementLoss(const LossSpec& spec)
      : squared(spec.kind == LossKind::mse),
        delta(static_cast<float>(spec.delta)),
        scale(spec.kind == LossKind::smooth_l1 ? 1 / delta : 1.0F) {}

  Element operator()(float d) const {
    const float below = d > delta ? delta : d;
    const float c = below < -delta ? -delta : below;
    return squared ? Element{d * d, 2 * d} : Element{scale * c * (d - c / 2), scale * c};
  }
};

inline float reduction_scale(const LossSpec& spec, long elements) {
  return spec.reduction == Reduction::mean ? 1 / static_cast<float>(elements) : 1.0F;
}

void loss_selected(const LossSpec& spec, In Q, const int* action, const float* target, const float* weight, Out dQ, float* td,
                   float* loss) {
  const ElementLoss element_loss(spec);
  const float scale = reduction_scale(spec, Q.rows);
  const long A = Q.cols;
  float sum = 0;
  __builtin_memset(dQ.data, 0, static_cast<unsigned long>(Q.rows * A) * sizeof(float));
  for (long n = 0; n < Q.rows; ++n) {
    const long at = n * A + action[n];
    const float d = Q.data[at] - target[n];
    const Element element = element_loss(d);
    const float factor = weight == nullptr ? scale : scale * weight[n];
    sum += factor * element.value;
    dQ.data[at] = factor * element.slope;
    if (td != nullptr) td[n] = -d;
  }
  loss[kLossValue] = sum;
  loss[kLossSum] += sum;
}

void loss_full(const LossSpec& spec, In Y, In target, const float* weight, Out dY, float* loss) {
  const ElementLoss element_loss(spec);
  const float scale = reduction_scale(spec, Y.rows * Y.cols);
  float sum = 0;
  for (long n = 0; n < Y.rows; ++n) {
    const float factor = weight == nullptr ? scale : scale * weight[n];
    for (long at = n * Y.cols; at < (n + 1) * Y.cols; ++at) {
      const Element element = element_loss(Y.data[at] - target.data[at]);
      sum += factor * element.value;
      dY.data[at] = factor * element.slope;
    }
  }
  loss[kLossValue] = sum;
  loss[kLossSum] += sum;
}

/// Lowest column among equals.
inline long largest_column(const float* q, long A) {
  long best = 0;
  float largest = q[0];
  for (long a = 1; a < A; ++a) {
    const bool better = q[a] > largest;
    best = better ? a : best;
    largest = better ? q[a] : largest;
  }
  return best;
}

void td_target(In next_target, In next_online, const float* reward, const float* discount, float* y) {
  const long A = next_target.cols;
  const float* chooser = next_online.data == nullptr ? next_target.data : next_online.data;
  for (long n = 0; n < next_target.rows; ++n) {
    y[n] = reward[n] + discount[n] * next_target.data[n * A + largest_column(chooser + n * A, A)];
  }
}

void argmax(In Q, int* out) {
  for (long n = 0; n < Q.rows; ++n) out[n] = static_cast<int>(largest_column(Q.data + n * Q.cols, Q.cols));
}

}  // namespace
}  // namespace handgrad::simd
