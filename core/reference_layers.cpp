// The reference backend, first half: linear layers, losses and targets.

#include <algorithm>
#include <cmath>

#include "reference_backend.h"

namespace handgrad::inline HANDGRAD_PRECISION {
namespace {

Real activate(Activation f, Real z) {
  switch (f) {
    case Activation::relu: return z < 0 ? 0 : z;  // NaN stays NaN
    case Activation::tanh: return std::tanh(z);
    case Activation::none: break;
  }
  return z;
}

/// dz = dy f'(z), from y = f(z) alone: that is why only outputs are kept for the backward pass.
Real activate_backward(Activation f, Real y, Real dy) {
  switch (f) {
    case Activation::relu: return y <= 0 ? 0 : dy;  // Trap: the slope at exactly 0 is 0; where y is NaN, dy is not lost
    case Activation::tanh: return dy * (1 - y * y);
    case Activation::none: break;
  }
  return dy;
}

struct Element {
  Real value, slope;
};

/// The loss of one element, d = prediction - target, and its derivative with respect to the prediction.
Element element_loss(const LossSpec& spec, Real d) {
  const Real delta = static_cast<Real>(spec.delta);
  const Real size = std::abs(d);
  switch (spec.kind) {
    case LossKind::huber:
      if (size <= delta) return {d * d / 2, d};
      return {delta * (size - delta / 2), d > 0 ? delta : -delta};
    case LossKind::smooth_l1:
      if (size < delta) return {d * d / (2 * delta), d / delta};
      return {size - delta / 2, d > 0 ? Real(1) : Real(-1)};
    case LossKind::mse: break;
  }
  return {d * d, 2 * d};
}

/// A NaN difference fails every comparison above and would come out as a slope of ±1: it has to stay NaN.
Element checked_element_loss(const LossSpec& spec, Real d) { return std::isnan(d) ? Element{d, d} : element_loss(spec, d); }

Real reduction_scale(const LossSpec& spec, std::int64_t elements) {
  return spec.reduction == Reduction::mean ? 1 / static_cast<Real>(elements) : Real(1);
}

void put_loss(Vector loss, Real value) {
  loss[kLossValue] = value;
  loss[kLossSum] += value;
}

std::int64_t largest_column(ConstMatrix Q, std::int64_t row) {
  std::int64_t best = 0;
  for (std::int64_t a = 1; a < Q.cols; ++a) {
    if (Q(row, a) > Q(row, best)) best = a;
  }
  return best;
}

}  // namespace

void ReferenceBackend::linear_forward(ConstMatrix X, ConstMatrix W, ConstVector b, Activation f, Matrix Y) {
  // y[n,o] = f(b[o] + Σ_i x[n,i] w[o,i])
  for (std::int64_t n = 0; n < Y.rows; ++n) {
    for (std::int64_t o = 0; o < Y.cols; ++o) {
      Real z = b[static_cast<std::size_t>(o)];
      for (std::int64_t i = 0; i < X.cols; ++i) z += X(n, i) * W(o, i);
      Y(n, o) = activate(f, z);
    }
  }
}

void ReferenceBackend::linear_backward(ConstMatrix X, ConstMatrix W, ConstMatrix Y, Activation f, Matrix dY, Matrix dX,
                                       Matrix dW, Vector db) {
  // dz[n,o] = dy[n,o] f'(y[n,o])
  const Matrix dZ = dY;
  for (std::int64_t n = 0; n < dZ.rows; ++n) {
    for (std::int64_t o = 0; o < dZ.cols; ++o) dZ(n, o) = activate_backward(f, Y(n, o), dY(n, o));
  }
  // dw[o,i] = Σ_n dz[n,o] x[n,i]
  for (std::int64_t o = 0; o < dW.rows; ++o) {
    for (std::int64_t i = 0; i < dW.cols; ++i) {
      Real sum = 0;
      for (std::int64_t n = 0; n < X.rows; ++n) sum += dZ(n, o) * X(n, i);
      dW(o, i) = sum;
    }
  }
  // db[o] = Σ_n dz[n,o]
  for (std::int64_t o = 0; o < dZ.cols; ++o) {
    Real sum = 0;
    for (std::int64_t n = 0; n < dZ.rows; ++n) sum += dZ(n, o);
    db[static_cast<std::size_t>(o)] = sum;
  }
  // dx[n,i] = Σ_o dz[n,o] w[o,i]
  if (dX.empty()) return;
  for (std::int64_t n = 0; n < dX.rows; ++n) {
    for (std::int64_t i = 0; i < dX.cols; ++i) {
      Real sum = 0;
      for (std::int64_t o = 0; o < W.rows; ++o) sum += dZ(n, o) * W(o, i);
      dX(n, i) = sum;
    }
  }
}

void ReferenceBackend::loss_selected(const LossSpec& spec, ConstMatrix Q, ConstIndices action, ConstVector target,
                                     ConstVector weight, Matrix dQ, Vector td, Vector loss) {
  const Real scale = reduction_scale(spec, Q.rows);
  Real sum = 0;
  std::ranges::fill(dQ.flat(), Real(0));
  for (std::int64_t n = 0; n < Q.rows; ++n) {
    const auto row = static_cast<std::size_t>(n);
    const Real d = Q(n, action[row]) - target[row];
    const Element element = checked_element_loss(spec, d);
    const Real factor = weight.empty() ? scale : scale * weight[row];
    sum += factor * element.value;
    dQ(n, action[row]) = factor * element.slope;
    if (!td.empty()) td[row] = -d;
  }
  put_loss(loss, sum);
}

void ReferenceBackend::loss_full(const LossSpec& spec, ConstMatrix Y, ConstMatrix target, ConstVector weight, Matrix dY,
                                 Vector loss) {
  const Real scale = reduction_scale(spec, Y.size());
  Real sum = 0;
  for (std::int64_t n = 0; n < Y.rows; ++n) {
    const Real factor = weight.empty() ? scale : scale * weight[static_cast<std::size_t>(n)];
    for (std::int64_t o = 0; o < Y.cols; ++o) {
      const Element element = checked_element_loss(spec, Y(n, o) - target(n, o));
      sum += factor * element.value;
      dY(n, o) = factor * element.slope;
    }
  }
  put_loss(loss, sum);
}

void ReferenceBackend::td_target(ConstMatrix next_target, ConstMatrix next_online, ConstVector reward, ConstVector discount,
                                 Vector y) {
  const ConstMatrix chooser = next_online.empty() ? next_target : next_online;
  for (std::int64_t n = 0; n < next_target.rows; ++n) {
    const auto row = static_cast<std::size_t>(n);
    y[row] = reward[row] + discount[row] * next_target(n, largest_column(chooser, n));
  }
}

void ReferenceBackend::put_selected(ConstMatrix base, ConstIndices action, ConstVector value, Matrix T) {
  for (std::int64_t n = 0; n < T.rows; ++n) {
    const auto row = static_cast<std::size_t>(n);
    for (std::int64_t a = 0; a < T.cols; ++a) T(n, a) = a == action[row] ? value[row] : base(n, a);
  }
}

void ReferenceBackend::argmax(ConstMatrix Q, Indices out) {
  for (std::int64_t n = 0; n < Q.rows; ++n) {
    out[static_cast<std::size_t>(n)] = static_cast<std::int32_t>(largest_column(Q, n));
  }
}

}  // namespace handgrad::inline HANDGRAD_PRECISION
