#pragma once

#include "kernels.h"
#include "loops.h"

// What works on flat arrays: optimisers, clipping, target updates, norms, gathering. Each is one pass over memory.

namespace handgrad::simd {
namespace {

void sgd_step(const SgdSpec& spec, float lr, long n, float* p, const float* g, float* velocity) {
  const V rate = all(lr), momentum = all(static_cast<float>(spec.momentum));
  const V weight_decay = all(static_cast<float>(spec.weight_decay));
  with(velocity != nullptr, [&](auto has_velocity) {
    for_each_vector(n, [&](long i, auto read, auto write) {
      const V x = read(p + i), gradient = multiply_add(weight_decay, x, read(g + i));
      V update = gradient;
      if constexpr (decltype(has_velocity)::value) {
        const V v = multiply_add(momentum, read(velocity + i), gradient);
        write(velocity + i, v);
        update = spec.nesterov ? multiply_add(momentum, v, gradient) : v;
      }
      write(p + i, x - rate * update);
    });
  });
}

void rmsprop_step(const RmspropSpec& spec, float lr, long n, float* p, const float* g, float* mean_square, float* mean,
                  float* velocity) {
  const V rate = all(lr), alpha = all(static_cast<float>(spec.alpha)), rest = all(static_cast<float>(1 - spec.alpha));
  const V eps = all(static_cast<float>(spec.eps)), momentum = all(static_cast<float>(spec.momentum));
  const V weight_decay = all(static_cast<float>(spec.weight_decay));
  with(mean != nullptr, [&](auto centered) {
    for_each_vector(n, [&](long i, auto read, auto write) {
      const V x = read(p + i), gradient = multiply_add(weight_decay, x, read(g + i));
      const V square = multiply_add(alpha, read(mean_square + i), rest * gradient * gradient);
      write(mean_square + i, square);
      V variance = square;
      if constexpr (decltype(centered)::value) {
        const V m = multiply_add(alpha, read(mean + i), rest * gradient);
        write(mean + i, m);
        variance = larger(zero(), square - m * m);
      }
      const V root = spec.eps_inside_root ? square_root(variance + eps) : square_root(variance) + eps;
      V update = gradient / root;
      if (velocity != nullptr) {
        update = multiply_add(momentum, read(velocity + i), update);
        write(velocity + i, update);
      }
      write(p + i, x - rate * update);
    });
  });
}

void adam_step(const AdamSpec& spec, const float* coefficients, long n, float* p, const float* g, float* m, float* v,
               float* v_max) {
  const V beta1 = all(static_cast<float>(spec.beta1)), rest1 = all(static_cast<float>(1 - spec.beta1));
  const V beta2 = all(static_cast<float>(spec.beta2)), rest2 = all(static_cast<float>(1 - spec.beta2));
  const V weight_decay = all(static_cast<float>(spec.weight_decay));
  const V decay = all(coefficients[kAdamDecay]), step = all(coefficients[kAdamStep]);
  const V root_scale = all(coefficients[kAdamRootScale]), eps = all(coefficients[kAdamEps]);
  with(v_max != nullptr, [&](auto amsgrad) {
    for_each_vector(n, [&](long i, auto read, auto write) {
      const V x = read(p + i), gradient = multiply_add(weight_decay, x, read(g + i));
      const V first = multiply_add(beta1, read(m + i), rest1 * gradient);
      V second = multiply_add(beta2, read(v + i), rest2 * gradient * gradient);
      write(m + i, first);
      write(v + i, second);
      if constexpr (decltype(amsgrad)::value) {
        second = larger(second, read(v_max + i));
        write(v_max + i, second);
      }
      const V root = multiply_add(square_root(second), root_scale, eps);
      write(p + i, decay * x - step * first / root);
    });
  });
}

void clip_by_value(float limit, long n, float* g) {
  for_each_vector(n, [&](long i, auto read, auto write) {
    write(g + i, larger(all(-limit), smaller(all(limit), read(g + i))));  // in this order NaN stays NaN
  });
}

void scale(float factor, long n, float* x) {
  for_each_vector(n, [&](long i, auto read, auto write) { write(x + i, all(factor) * read(x + i)); });
}

/// target = tau · online + (1 - tau) · target
void mix(float tau, long n, const float* online, float* target) {
  const V a = all(tau), b = all(1 - tau);
  for_each_vector(
      n, [&](long i, auto read, auto write) { write(target + i, multiply_add(a, read(online + i), b * read(target + i))); });
}

/// The sum of squares in float, several at a time; or where that leaves the range in which a float has all its digits, in double.
float l2_norm(long n, const float* x) {
  constexpr long kGroup = 4;
  V total[kGroup] = {zero(), zero(), zero(), zero()};
  long i = 0;
  for (; i + kGroup * kLanes <= n; i += kGroup * kLanes) {
    for (long v = 0; v < kGroup; ++v) {
      const V part = load(x + i + v * kLanes);
      total[v] = multiply_add(part, part, total[v]);
    }
  }
  for (; i < n; i += kLanes) {
    const V part = i + kLanes <= n ? load(x + i) : load_part(x + i, n - i);
    total[0] = multiply_add(part, part, total[0]);
  }
  const float squares = sum((total[0] + total[1]) + (total[2] + total[3]));
  constexpr float kSmall = 1e-20F, kLarge = 1e30F;
  if (squares > kSmall && squares < kLarge) return __builtin_sqrtf(squares);
  double precise = 0;
  for (long k = 0; k < n; ++k) precise += static_cast<double>(x[k]) * static_cast<double>(x[k]);
  return static_cast<float>(__builtin_sqrt(precise));
}

void gather_rows(In source, const int* rows, Out out) {
  const long cols = out.cols;
  float* to = out.data;
  if (cols == 4) {  // a CartPole's observation, in one move
    for (long n = 0; n < out.rows; ++n) __builtin_memcpy(to + 4 * n, source.data + 4L * rows[n], 4 * sizeof(float));
    return;
  }
  for (long n = 0; n < out.rows; ++n) {
    const float* from = source.data + rows[n] * cols;
    for_each_vector(cols, [&](long i, auto read, auto write) { write(to + i, read(from + i)); });
    to += cols;
  }
}

}  // namespace
}  // namespace handgrad::simd
