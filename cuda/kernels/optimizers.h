#pragma once

#include "../../core/backend.h"
#include "packs.h"

// One step of an optimiser over a flat array of parameters; the formulas are those above the specs in core/backend.h. What
// changes from step to step is read from device memory. Coefficients are computed in double and rounded once. Grid:
// elements_grid(size). Many agents that learn in lockstep are a longer array.
//
// Everything is loaded before anything is computed: a step of a small network takes as long as one trip to memory and back.

namespace handgrad::cuda {

/// v = momentum v + g;  p -= lr v,  or with Nesterov p -= lr (g + momentum v);  g += weight_decay p first.
struct SgdStep {
  static constexpr int kThreads = kElementThreads;
  float* p;
  const float* g;
  float* velocity;  ///< null without momentum
  std::int64_t size;
  const float* lr;  ///< [1]
  float momentum, weight_decay;
  bool nesterov;

  template <class Thread>
  HANDGRAD_DEVICE void operator()(Thread& thread) const {
    for_each_element(thread, size, *this);
  }

  HANDGRAD_DEVICE bool aligns() const { return aligned(p) && aligned(g) && aligned(velocity); }

  template <int N>
  HANDGRAD_DEVICE void at(std::int64_t i) const {
    const float rate = *lr;
    Pack<N> parameter = load<N>(p + i), step = load<N>(g + i), v = {};
    if (velocity != nullptr) v = load<N>(velocity + i);
    for (int j = 0; j < N; ++j) {
      const float gradient = multiply_add(weight_decay, parameter.at[j], step.at[j]);
      v.at[j] = multiply_add(momentum, v.at[j], gradient);
      if (velocity == nullptr) {
        step.at[j] = gradient;
      } else {
        step.at[j] = nesterov ? multiply_add(momentum, v.at[j], gradient) : v.at[j];
      }
      parameter.at[j] = multiply_add(-rate, step.at[j], parameter.at[j]);
    }
    store<N>(p + i, parameter);
    if (velocity != nullptr) store<N>(velocity + i, v);
  }

  friend bool operator==(const SgdStep&, const SgdStep&) = default;
};

/// velocity is empty without momentum.
inline SgdStep make_sgd_step(const SgdSpec& spec, ConstVector lr, Vector p, ConstVector g, Vector velocity) {
  return {p.data(),
          g.data(),
          velocity.data(),
          static_cast<std::int64_t>(p.size()),
          lr.data(),
          static_cast<float>(spec.momentum),
          static_cast<float>(spec.weight_decay),
          spec.nesterov};
}

/// n = alpha n + (1-alpha) g²; centred: m = alpha m + (1-alpha) g and max(0, n - m²) takes the place of n.
/// u = g / (sqrt(n) + eps) or g / sqrt(n + eps);  p -= lr u,  or with momentum v = momentum v + u, p -= lr v.
struct RmspropStep {
  static constexpr int kThreads = kElementThreads;
  float* p;
  const float* g;
  float* mean_square;
  float* mean;      ///< null unless centred
  float* velocity;  ///< null without momentum
  std::int64_t size;
  const float* lr;  ///< [1]
  float alpha, one_minus_alpha, eps, momentum, weight_decay;
  bool eps_inside_root;

  template <class Thread>
  HANDGRAD_DEVICE void operator()(Thread& thread) const {
    for_each_element(thread, size, *this);
  }

  HANDGRAD_DEVICE bool aligns() const {
    return aligned(p) && aligned(g) && aligned(mean_square) && aligned(mean) && aligned(velocity);
  }

  template <int N>
  HANDGRAD_DEVICE void at(std::int64_t i) const {
    const float rate = *lr;
    const Pack<N> gradients = load<N>(g + i);
    Pack<N> parameter = load<N>(p + i), n = load<N>(mean_square + i), m = {}, v = {};
    if (mean != nullptr) m = load<N>(mean + i);
    if (velocity != nullptr) v = load<N>(velocity + i);
    for (int j = 0; j < N; ++j) {
      const float gradient = multiply_add(weight_decay, parameter.at[j], gradients.at[j]);
      n.at[j] = multiply_add(alpha, n.at[j], one_minus_alpha * gradient * gradient);
      float variance = n.at[j];
      if (mean != nullptr) {
        m.at[j] = multiply_add(alpha, m.at[j], one_minus_alpha * gradient);
        variance = multiply_add(-m.at[j], m.at[j], variance);
        variance = variance > 0 ? variance : 0;
      }
      // Trap: PyTorch adds eps outside the root, the program of the 2015 paper inside.
      const float root = eps_inside_root ? std::sqrt(variance + eps) : std::sqrt(variance) + eps;
      float update = gradient / root;
      if (velocity != nullptr) {
        v.at[j] = multiply_add(momentum, v.at[j], update);
        update = v.at[j];
      }
      parameter.at[j] = multiply_add(-rate, update, parameter.at[j]);
    }
    store<N>(p + i, parameter);
    store<N>(mean_square + i, n);
    if (mean != nullptr) store<N>(mean + i, m);
    if (velocity != nullptr) store<N>(velocity + i, v);
  }

  friend bool operator==(const RmspropStep&, const RmspropStep&) = default;
};

/// mean is empty unless centred, velocity is empty without momentum.
inline RmspropStep make_rmsprop_step(const RmspropSpec& spec, ConstVector lr, Vector p, ConstVector g, Vector mean_square,
                                     Vector mean, Vector velocity) {
  return {p.data(),
          g.data(),
          mean_square.data(),
          mean.data(),
          velocity.data(),
          static_cast<std::int64_t>(p.size()),
          lr.data(),
          static_cast<float>(spec.alpha),
          static_cast<float>(1 - spec.alpha),
          static_cast<float>(spec.eps),
          static_cast<float>(spec.momentum),
          static_cast<float>(spec.weight_decay),
          spec.eps_inside_root};
}

/// m = beta1 m + (1-beta1) g;  v = beta2 v + (1-beta2) g²;  v_max = max(v_max, v) if there is a v_max, and it stands in for v;
/// p = decay p - step m / (sqrt(v) root_scale + eps).
struct AdamStep {
  static constexpr int kThreads = kElementThreads;
  float* p;
  const float* g;
  float* m;
  float* v;
  float* v_max;  ///< null without AMSGrad
  std::int64_t size;
  const float* coefficients;  ///< [kAdamCoefficients]
  float beta1, one_minus_beta1, beta2, one_minus_beta2, weight_decay;

  template <class Thread>
  HANDGRAD_DEVICE void operator()(Thread& thread) const {
    for_each_element(thread, size, *this);
  }

  HANDGRAD_DEVICE bool aligns() const { return aligned(p) && aligned(g) && aligned(m) && aligned(v) && aligned(v_max); }

  template <int N>
  HANDGRAD_DEVICE void at(std::int64_t i) const {
    const float decay = coefficients[kAdamDecay], step = coefficients[kAdamStep], root_scale = coefficients[kAdamRootScale],
                eps = coefficients[kAdamEps];
    const Pack<N> gradients = load<N>(g + i);
    Pack<N> parameter = load<N>(p + i), first = load<N>(m + i), second = load<N>(v + i), largest = {};
    if (v_max != nullptr) largest = load<N>(v_max + i);
    for (int j = 0; j < N; ++j) {
      const float gradient = multiply_add(weight_decay, parameter.at[j], gradients.at[j]);
      first.at[j] = multiply_add(beta1, first.at[j], one_minus_beta1 * gradient);
      second.at[j] = multiply_add(beta2, second.at[j], one_minus_beta2 * gradient * gradient);
      float under_root = second.at[j];
      if (v_max != nullptr) {
        largest.at[j] = largest.at[j] < under_root ? under_root : largest.at[j];
        under_root = largest.at[j];
      }
      const float root = multiply_add(std::sqrt(under_root), root_scale, eps);
      parameter.at[j] = multiply_add(decay, parameter.at[j], -(step * first.at[j] / root));
    }
    store<N>(p + i, parameter);
    store<N>(m + i, first);
    store<N>(v + i, second);
    if (v_max != nullptr) store<N>(v_max + i, largest);
  }

  friend bool operator==(const AdamStep&, const AdamStep&) = default;
};

/// v_max is empty without AMSGrad.
inline AdamStep make_adam_step(const AdamSpec& spec, ConstVector coefficients, Vector p, ConstVector g, Vector m, Vector v,
                               Vector v_max) {
  return {p.data(),
          g.data(),
          m.data(),
          v.data(),
          v_max.data(),
          static_cast<std::int64_t>(p.size()),
          coefficients.data(),
          static_cast<float>(spec.beta1),
          static_cast<float>(1 - spec.beta1),  // Trap: 1 - 0.999 loses five digits in float; subtract first, round afterwards
          static_cast<float>(spec.beta2),
          static_cast<float>(1 - spec.beta2),
          static_cast<float>(spec.weight_decay)};
}

}  // namespace handgrad::cuda
