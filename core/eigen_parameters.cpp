// The eigen backend, second half: what works on flat arrays. Optimisers, clipping, target updates, gathering, norms.
//
// Each optimiser goes over its arrays in blocks that stay in the first-level cache, so that the formulas can be written one
// expression a line without a pass over memory each.

#include <algorithm>
#include <cmath>

#include "eigen_backend.h"
#include "eigen_maps.h"

namespace handgrad::inline HANDGRAD_PRECISION {
namespace {

constexpr std::size_t kBlock = 512;  // elements: five arrays of them are 10 KiB in float

/// Calls work(offset, count) for each block of n elements.
template <class Work>
void for_each_block(std::size_t n, const Work& work) {
  for (std::size_t offset = 0; offset < n; offset += kBlock) work(offset, std::min(kBlock, n - offset));
}

template <class T>
auto block(std::span<T> x, std::size_t offset, std::size_t count) {
  return array(x.subspan(offset, count));
}

/// Room for the gradient of one block where weight decay changes it.
using BlockArray = Eigen::Array<Real, 1, Eigen::Dynamic, Eigen::RowMajor, 1, static_cast<int>(kBlock)>;

}  // namespace

void EigenBackend::sgd_step(const SgdSpec& spec, ConstVector lr, Vector p, ConstVector g, Vector velocity) {
  const auto momentum = static_cast<Real>(spec.momentum);
  const auto weight_decay = static_cast<Real>(spec.weight_decay);
  for_each_block(p.size(), [&](std::size_t offset, std::size_t count) {
    auto x = block(p, offset, count);
    const BlockArray gradient = block(g, offset, count) + weight_decay * x;
    if (velocity.empty()) {
      x -= lr[0] * gradient;
      return;
    }
    auto v = block(velocity, offset, count);
    v = momentum * v + gradient;
    if (spec.nesterov) {
      x -= lr[0] * (gradient + momentum * v);
    } else {
      x -= lr[0] * v;
    }
  });
}

void EigenBackend::rmsprop_step(const RmspropSpec& spec, ConstVector lr, Vector p, ConstVector g, Vector mean_square,
                                Vector mean, Vector velocity) {
  const auto alpha = static_cast<Real>(spec.alpha);
  const auto one_minus_alpha = static_cast<Real>(1 - spec.alpha);
  const auto eps = static_cast<Real>(spec.eps);
  const auto momentum = static_cast<Real>(spec.momentum);
  const auto weight_decay = static_cast<Real>(spec.weight_decay);
  for_each_block(p.size(), [&](std::size_t offset, std::size_t count) {
    auto x = block(p, offset, count);
    const BlockArray gradient = block(g, offset, count) + weight_decay * x;
    auto n = block(mean_square, offset, count);
    n = alpha * n + one_minus_alpha * gradient.square();
    BlockArray variance = n;
    if (!mean.empty()) {
      auto m = block(mean, offset, count);
      m = alpha * m + one_minus_alpha * gradient;
      variance = (n - m.square()).cwiseMax(Real(0));
    }
    BlockArray update = gradient / (variance + eps).sqrt();
    if (!spec.eps_inside_root) update = gradient / (variance.sqrt() + eps);
    if (velocity.empty()) {
      x -= lr[0] * update;
      return;
    }
    auto v = block(velocity, offset, count);
    v = momentum * v + update;
    x -= lr[0] * v;
  });
}

void EigenBackend::adam_step(const AdamSpec& spec, ConstVector coefficients, Vector p, ConstVector g, Vector m, Vector v,
                             Vector v_max) {
  const auto beta1 = static_cast<Real>(spec.beta1);
  const auto beta2 = static_cast<Real>(spec.beta2);
  const auto one_minus_beta1 = static_cast<Real>(1 - spec.beta1);
  const auto one_minus_beta2 = static_cast<Real>(1 - spec.beta2);
  const auto weight_decay = static_cast<Real>(spec.weight_decay);
  const Real decay = coefficients[kAdamDecay], step = coefficients[kAdamStep];
  const Real root_scale = coefficients[kAdamRootScale], eps = coefficients[kAdamEps];
  for_each_block(p.size(), [&](std::size_t offset, std::size_t count) {
    auto x = block(p, offset, count);
    auto first = block(m, offset, count);
    auto second = block(v, offset, count);
    const BlockArray gradient = block(g, offset, count) + weight_decay * x;
    first = beta1 * first + one_minus_beta1 * gradient;
    second = beta2 * second + one_minus_beta2 * gradient.square();
    if (v_max.empty()) {
      x = decay * x - step * first / (second.sqrt() * root_scale + eps);
      return;
    }
    auto largest = block(v_max, offset, count);
    largest = largest.cwiseMax(second);
    x = decay * x - step * first / (largest.sqrt() * root_scale + eps);
  });
}

void EigenBackend::clip_by_value(Vector g, Real limit) {
  for (Real& x : g) {  // not min and max: Eigen's may turn NaN into a bound
    x = x > limit ? limit : x;
    x = x < -limit ? -limit : x;
  }
}

void EigenBackend::clip_by_norm(Vector g, Real max_norm, Vector norm) {
  l2_norm(g, norm);
  array(g) *= std::min(Real(1), max_norm / (norm[0] + Real(1e-6)));
}

void EigenBackend::update_target(ConstVector online, Real tau, Vector target) {
  if (tau == 1) {  // Trap: 0 · target is NaN if target is not finite, and -0.0 + 0.0 is 0.0
    array(target) = array(online);
    return;
  }
  array(target) = tau * array(online) + (1 - tau) * array(target);
}

void EigenBackend::gather_rows(ConstMatrix source, ConstIndices rows, Matrix out) {
  Real* to = out.data;
  for (const std::int32_t row : rows.first(static_cast<std::size_t>(out.rows))) {
    to = std::copy_n(source.data + row * source.cols, source.cols, to);
  }
}

void EigenBackend::l2_norm(ConstVector x, Vector out) {
  out[0] = map(x).stableNorm();  // scaled, so that squares neither overflow nor vanish
}

}  // namespace handgrad::inline HANDGRAD_PRECISION
