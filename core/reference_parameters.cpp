// The reference backend, second half: what works on flat arrays. Optimisers, clipping, target updates, gathering, norms.

#include <algorithm>
#include <cmath>

#include "reference_backend.h"

namespace handgrad::inline HANDGRAD_PRECISION {

void ReferenceBackend::sgd_step(const SgdSpec& spec, ConstVector lr, Vector p, ConstVector g, Vector velocity) {
  const auto momentum = static_cast<Real>(spec.momentum);
  const auto weight_decay = static_cast<Real>(spec.weight_decay);
  for (std::size_t i = 0; i < p.size(); ++i) {
    const Real gradient = g[i] + weight_decay * p[i];
    if (velocity.empty()) {
      p[i] -= lr[0] * gradient;
      continue;
    }
    velocity[i] = momentum * velocity[i] + gradient;
    p[i] -= lr[0] * (spec.nesterov ? gradient + momentum * velocity[i] : velocity[i]);
  }
}

void ReferenceBackend::rmsprop_step(const RmspropSpec& spec, ConstVector lr, Vector p, ConstVector g, Vector mean_square,
                                    Vector mean, Vector velocity) {
  const auto alpha = static_cast<Real>(spec.alpha);
  const auto one_minus_alpha = static_cast<Real>(1 - spec.alpha);
  const auto eps = static_cast<Real>(spec.eps);
  const auto momentum = static_cast<Real>(spec.momentum);
  const auto weight_decay = static_cast<Real>(spec.weight_decay);
  for (std::size_t i = 0; i < p.size(); ++i) {
    const Real gradient = g[i] + weight_decay * p[i];
    mean_square[i] = alpha * mean_square[i] + one_minus_alpha * gradient * gradient;
    Real variance = mean_square[i];
    if (!mean.empty()) {
      mean[i] = alpha * mean[i] + one_minus_alpha * gradient;
      variance = std::max(Real(0), variance - mean[i] * mean[i]);
    }
    // Trap: PyTorch adds eps outside the root, the program of the 2015 paper inside.
    const Real root = spec.eps_inside_root ? std::sqrt(variance + eps) : std::sqrt(variance) + eps;
    Real update = gradient / root;
    if (!velocity.empty()) {
      velocity[i] = momentum * velocity[i] + update;
      update = velocity[i];
    }
    p[i] -= lr[0] * update;
  }
}

void ReferenceBackend::adam_step(const AdamSpec& spec, ConstVector coefficients, Vector p, ConstVector g, Vector m, Vector v,
                                 Vector v_max) {
  const auto beta1 = static_cast<Real>(spec.beta1);
  const auto beta2 = static_cast<Real>(spec.beta2);
  // Trap: 1 - 0.999 loses five digits in float; subtract first, round afterwards.
  const auto one_minus_beta1 = static_cast<Real>(1 - spec.beta1);
  const auto one_minus_beta2 = static_cast<Real>(1 - spec.beta2);
  const auto weight_decay = static_cast<Real>(spec.weight_decay);
  for (std::size_t i = 0; i < p.size(); ++i) {
    const Real gradient = g[i] + weight_decay * p[i];
    m[i] = beta1 * m[i] + one_minus_beta1 * gradient;
    v[i] = beta2 * v[i] + one_minus_beta2 * gradient * gradient;
    Real second = v[i];
    if (!v_max.empty()) {
      v_max[i] = std::max(v_max[i], v[i]);
      second = v_max[i];
    }
    const Real root = std::sqrt(second) * coefficients[kAdamRootScale] + coefficients[kAdamEps];
    p[i] = coefficients[kAdamDecay] * p[i] - coefficients[kAdamStep] * m[i] / root;
  }
}

void ReferenceBackend::clip_by_value(Vector g, Real limit) {
  for (Real& x : g) {
    if (x > limit) x = limit;
    if (x < -limit) x = -limit;
  }
}

void ReferenceBackend::clip_by_norm(Vector g, Real max_norm, Vector norm) {
  l2_norm(g, norm);
  const Real factor = std::min(Real(1), max_norm / (norm[0] + Real(1e-6)));
  for (Real& x : g) x *= factor;
}

void ReferenceBackend::update_target(ConstVector online, Real tau, Vector target) {
  if (tau == 1) {  // Trap: 0 · target is NaN if target is not finite, and -0.0 + 0.0 is 0.0
    std::ranges::copy(online, target.begin());
    return;
  }
  for (std::size_t i = 0; i < target.size(); ++i) target[i] = tau * online[i] + (1 - tau) * target[i];
}

void ReferenceBackend::gather_rows(ConstMatrix source, ConstIndices rows, Matrix out) {
  for (std::int64_t n = 0; n < out.rows; ++n)
    std::ranges::copy(source.row(rows[static_cast<std::size_t>(n)]), out.row(n).begin());
}

void ReferenceBackend::l2_norm(ConstVector x, Vector out) {
  // In double, so that squares neither overflow nor vanish in float.
  double sum = 0;
  for (const Real value : x) sum += static_cast<double>(value) * static_cast<double>(value);
  out[0] = static_cast<Real>(std::sqrt(sum));
}

}  // namespace handgrad::inline HANDGRAD_PRECISION
