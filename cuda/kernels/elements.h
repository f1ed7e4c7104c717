#pragma once

#include "../../core/backend.h"
#include "packs.h"

// What is done to each element by itself: filling, clipping, following, the slope of an activation. Grid: elements_grid(size).
// Many agents are a longer array.

namespace handgrad::cuda {

/// x = value.
struct Fill {
  static constexpr int kThreads = kElementThreads;
  float* x;
  std::int64_t size;
  float value;

  template <class Thread>
  HANDGRAD_DEVICE void operator()(Thread& thread) const {
    for_each_element(thread, size, *this);
  }

  HANDGRAD_DEVICE bool aligns() const { return aligned(x); }

  template <int N>
  HANDGRAD_DEVICE void at(std::int64_t i) const {
    Pack<N> filled;
    for (float& element : filled.at) element = value;
    store<N>(x + i, filled);
  }

  friend bool operator==(const Fill&, const Fill&) = default;
};

/// g = clamp(g, -limit, limit). NaN stays NaN.
struct ClipByValue {
  static constexpr int kThreads = kElementThreads;
  float* g;
  std::int64_t size;
  float limit;

  template <class Thread>
  HANDGRAD_DEVICE void operator()(Thread& thread) const {
    for_each_element(thread, size, *this);
  }

  HANDGRAD_DEVICE bool aligns() const { return aligned(g); }

  template <int N>
  HANDGRAD_DEVICE void at(std::int64_t i) const {
    Pack<N> clipped = load<N>(g + i);
    for (float& element : clipped.at) {
      if (element > limit) element = limit;
      if (element < -limit) element = -limit;
    }
    store<N>(g + i, clipped);
  }

  friend bool operator==(const ClipByValue&, const ClipByValue&) = default;
};

/// target = tau online + rest target, with rest = 1 - tau; tau = 1 copies.
struct UpdateTarget {
  static constexpr int kThreads = kElementThreads;
  const float* online;
  float* target;
  std::int64_t size;
  float tau, rest;

  template <class Thread>
  HANDGRAD_DEVICE void operator()(Thread& thread) const {
    for_each_element(thread, size, *this);
  }

  HANDGRAD_DEVICE bool aligns() const { return aligned(online) && aligned(target); }

  template <int N>
  HANDGRAD_DEVICE void at(std::int64_t i) const {
    Pack<N> updated = load<N>(online + i);
    if (tau != 1) {  // Trap: 0 · target is NaN if target is not finite, and -0.0 + 0.0 is 0.0
      const Pack<N> old = load<N>(target + i);
      for (int j = 0; j < N; ++j) updated.at[j] = multiply_add(tau, updated.at[j], rest * old.at[j]);
    }
    store<N>(target + i, updated);
  }

  friend bool operator==(const UpdateTarget&, const UpdateTarget&) = default;
};

inline UpdateTarget make_update_target(ConstVector online, float tau, Vector target) {
  return {online.data(), target.data(), static_cast<std::int64_t>(target.size()), tau, 1 - tau};
}

/// dZ = dY f'(Y), from Y = f(Z) alone.
HANDGRAD_DEVICE float activation_gradient(Activation f, float y, float dy) {
  if (f == Activation::relu) return y <= 0 ? 0 : dy;  // Trap: the slope at exactly 0 is 0; where y is NaN, dy is not lost
  if (f == Activation::tanh) return dy * multiply_add(-y, y, 1);
  return dy;
}

/// dZ = dY ∘ f'(Y), left in dY.
struct ActivationGradient {
  static constexpr int kThreads = kElementThreads;
  const float* Y;
  float* dY;
  std::int64_t size;
  Activation f;

  template <class Thread>
  HANDGRAD_DEVICE void operator()(Thread& thread) const {
    for_each_element(thread, size, *this);
  }

  HANDGRAD_DEVICE bool aligns() const { return aligned(Y) && aligned(dY); }

  template <int N>
  HANDGRAD_DEVICE void at(std::int64_t i) const {
    const Pack<N> y = load<N>(Y + i);
    Pack<N> dz = load<N>(dY + i);
    for (int j = 0; j < N; ++j) dz.at[j] = activation_gradient(f, y.at[j], dz.at[j]);
    store<N>(dY + i, dz);
  }

  friend bool operator==(const ActivationGradient&, const ActivationGradient&) = default;
};

}  // namespace handgrad::cuda
