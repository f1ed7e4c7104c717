// The eigen backend, first half: linear layers, losses and targets.

#include <algorithm>
#include <cmath>

#include "eigen_backend.h"
#include "eigen_maps.h"

namespace handgrad::inline HANDGRAD_PRECISION {
namespace {

/// Up to here a side of a product counts as narrow: less than a vector register.
constexpr std::int64_t kNarrow = 8;

/// The largest side of a product that is made in one go: its panels fit the stack (see eigen_maps.h).
constexpr std::int64_t kSlice = 256;

/// Adds A · B to out, in slices.
template <class Out, class A, class B>
void add_product(Out& out, const A& a, const B& b) {
  if (std::max({a.rows(), a.cols(), b.cols()}) <= kSlice) {
    out.noalias() += a * b;
    return;
  }
  const auto slice = [](std::int64_t begin, std::int64_t end) { return std::min(kSlice, end - begin); };
  for (std::int64_t k = 0; k < a.cols(); k += kSlice) {
    for (std::int64_t r = 0; r < out.rows(); r += kSlice) {
      for (std::int64_t c = 0; c < out.cols(); c += kSlice) {
        const std::int64_t depth = slice(k, a.cols()), rows = slice(r, out.rows()), cols = slice(c, out.cols());
        out.block(r, c, rows, cols).noalias() += a.block(r, k, rows, depth) * b.block(k, c, depth, cols);
      }
    }
  }
}

/// Overwrites out = A · B.
template <class Out, class A, class B>
void set_product(Out out, const A& a, const B& b) {
  out.setZero();
  add_product(out, a, b);
}

struct Element {
  Real value, slope;
};

/// The loss of one element, d = prediction - target, and its derivative. With c = clamp(d, ±delta) the two-piece formulas
/// become one: huber = c (d - c/2). NaN stays NaN.
Element element_loss(const LossSpec& spec, Real d) {
  if (spec.kind == LossKind::mse) return {d * d, 2 * d};
  const auto delta = static_cast<Real>(spec.delta);
  const Real c = d > delta ? delta : d < -delta ? -delta : d;
  const Real scale = spec.kind == LossKind::huber ? Real(1) : 1 / delta;
  return {scale * c * (d - c / 2), scale * c};
}

Real reduction_scale(const LossSpec& spec, std::int64_t elements) {
  return spec.reduction == Reduction::mean ? 1 / static_cast<Real>(elements) : Real(1);
}

void put_loss(Vector loss, Real value) {
  loss[kLossValue] = value;
  loss[kLossSum] += value;
}

/// Lowest column among equals. A plain loop: rows are a handful of actions, less than one vector register.
std::int64_t largest_column(ConstMatrix Q, std::int64_t row) {
  const Real* q = Q.data + row * Q.cols;
  std::int64_t best = 0;
  for (std::int64_t a = 1; a < Q.cols; ++a) {
    if (q[a] > q[best]) best = a;
  }
  return best;
}

}  // namespace

void EigenBackend::linear_forward(ConstMatrix X, ConstMatrix W, ConstVector b, Activation f, Matrix Y) {
  auto y = map(Y);
  y.rowwise() = map(b);
  if (Y.cols <= kNarrow) {
    y += map(X).lazyProduct(map(W).transpose());  // a dot product an element: the blocked kernel wants wider rows
  } else {
    add_product(y, map(X), map(W).transpose());
  }
  switch (f) {
    case Activation::none: break;
    case Activation::relu:
      for (Real& z : Y.flat()) z = z < 0 ? Real(0) : z;  // not cwiseMax: it may turn NaN into 0
      break;
    case Activation::tanh: y = y.array().tanh(); break;
  }
}

void EigenBackend::linear_backward(ConstMatrix X, ConstMatrix W, ConstMatrix Y, Activation f, Matrix dY, Matrix dX, Matrix dW,
                                   Vector db) {
  switch (f) {
    case Activation::none: break;
    case Activation::relu:
      for (std::int64_t i = 0; i < dY.size(); ++i) dY.data[i] = Y.data[i] <= 0 ? Real(0) : dY.data[i];  // NaN stays NaN
      break;
    case Activation::tanh: array(dY) *= Real(1) - array(Y).square(); break;
  }
  const auto dZ = map(ConstMatrix(dY));
  map(db) = dZ.row(0);
  for (std::int64_t n = 1; n < dY.rows; ++n) map(db) += dZ.row(n);
  if (X.cols <= kNarrow) {
    // Rows of dW this short leave most of a vector register empty: its transpose has long ones.
    scratch_.resize(static_cast<std::size_t>(dW.size()));
    const Matrix transposed(scratch_.data(), X.cols, dY.cols);
    set_product(map(transposed), map(X).transpose(), dZ);
    map(dW) = map(transposed).transpose();
  } else {
    set_product(map(dW), dZ.transpose(), map(X));
  }
  if (!dX.empty()) set_product(map(dX), dZ, map(W));
}

void EigenBackend::loss_selected(const LossSpec& spec, ConstMatrix Q, ConstIndices action, ConstVector target,
                                 ConstVector weight, Matrix dQ, Vector td, Vector loss) {
  const Real scale = reduction_scale(spec, Q.rows);
  Real sum = 0;
  array(dQ).setZero();
  for (std::int64_t n = 0; n < Q.rows; ++n) {
    const auto row = static_cast<std::size_t>(n);
    const std::int64_t at = n * Q.cols + action[row];
    const Real d = Q.data[at] - target[row];
    const Element element = element_loss(spec, d);
    const Real factor = weight.empty() ? scale : scale * weight[row];
    sum += factor * element.value;
    dQ.data[at] = factor * element.slope;
    if (!td.empty()) td[row] = -d;
  }
  put_loss(loss, sum);
}

void EigenBackend::loss_full(const LossSpec& spec, ConstMatrix Y, ConstMatrix target, ConstVector weight, Matrix dY,
                             Vector loss) {
  const Real scale = reduction_scale(spec, Y.size());
  Real sum = 0;
  for (std::int64_t n = 0; n < Y.rows; ++n) {
    const Real factor = weight.empty() ? scale : scale * weight[static_cast<std::size_t>(n)];
    for (std::int64_t at = n * Y.cols; at < (n + 1) * Y.cols; ++at) {
      const Element element = element_loss(spec, Y.data[at] - target.data[at]);
      sum += factor * element.value;
      dY.data[at] = factor * element.slope;
    }
  }
  put_loss(loss, sum);
}

void EigenBackend::td_target(ConstMatrix next_target, ConstMatrix next_online, ConstVector reward, ConstVector discount,
                             Vector y) {
  const ConstMatrix chooser = next_online.empty() ? next_target : next_online;
  for (std::int64_t n = 0; n < next_target.rows; ++n) {
    const auto row = static_cast<std::size_t>(n);
    y[row] = reward[row] + discount[row] * next_target.data[n * next_target.cols + largest_column(chooser, n)];
  }
}

void EigenBackend::put_selected(ConstMatrix base, ConstIndices action, ConstVector value, Matrix T) {
  array(T) = array(base);
  for (std::int64_t n = 0; n < T.rows; ++n) {
    const auto row = static_cast<std::size_t>(n);
    T.data[n * T.cols + action[row]] = value[row];
  }
}

void EigenBackend::argmax(ConstMatrix Q, Indices out) {
  for (std::int64_t n = 0; n < Q.rows; ++n) {
    out[static_cast<std::size_t>(n)] = static_cast<std::int32_t>(largest_column(Q, n));
  }
}

}  // namespace handgrad::inline HANDGRAD_PRECISION
