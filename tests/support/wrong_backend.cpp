#include "tests/support/wrong_backend.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace handgrad {
namespace {

/// In the end puts the last element back to what it was before: as if a kernel had left it out. Nothing if not `wanted`.
class LastLeftOut {
 public:
  LastLeftOut(Vector x, bool wanted) : x_(wanted ? x : Vector{}), before_(x_.empty() ? 0 : x_.back()) {}
  ~LastLeftOut() {
    if (!x_.empty()) x_.back() = before_;
  }
  LastLeftOut(const LastLeftOut&) = delete;
  LastLeftOut& operator=(const LastLeftOut&) = delete;

 private:
  Vector x_;
  Real before_;
};

ConstVector without_last(ConstVector x) { return x.first(x.size() - 1); }

std::vector<Real> copy(ConstVector x) { return {x.begin(), x.end()}; }

}  // namespace

std::map<std::string, std::string> WrongBackend::mistakes() {
  return {
      {"leaves out the last column of Y", "linear_forward"},
      {"leaves out the last row of Y", "linear_forward"},
      {"drops the last term of the products", "linear_forward"},
      {"adds the first term twice", "linear_forward"},
      {"forgets the bias", "linear_forward"},
      {"adds to Y", "linear_forward"},
      {"writes before Y", "linear_forward"},
      {"changes X", "linear_forward"},
      {"turns NaN into 0 in relu", "linear_forward"},
      {"leaves out products of zero and NaN", "linear_forward"},
      {"takes W for its transpose", "linear_backward"},
      {"leaves out the last element of dX", "linear_backward"},
      {"drops the last term of dX", "linear_backward"},
      {"drops the last row of the batch from dW", "linear_backward"},
      {"drops the last row of the batch from db", "linear_backward"},
      {"adds to dW", "linear_backward"},
      {"takes relu's slope at 0 for 1", "linear_backward"},
      {"leaves dY as it was", "linear_backward"},
      {"swaps the sign of td", "loss_selected"},
      {"overwrites the sum of the losses", "loss_selected"},
      {"leaves the other actions' gradients", "loss_selected"},
      {"leaves the last row out of the loss", "loss_selected"},
      {"forgets the weights", "loss_full"},
      {"divides by the batch", "loss_full"},
      {"takes huber for smooth_l1", "loss_full"},
      {"asks the target network to choose", "td_target"},
      {"forgets the discount", "td_target"},
      {"changes the base", "put_selected"},
      {"forgets nesterov", "sgd_step"},
      {"decays weights after momentum", "sgd_step"},
      {"puts eps in the wrong place", "rmsprop_step"},
      {"leaves out the last element of the mean", "rmsprop_step"},
      {"leaves out the last parameter", "adam_step"},
      {"forgets weight decay", "adam_step"},
      {"forgets the largest second moment", "adam_step"},
      {"scales by the wrong coefficient", "adam_step"},
      {"leaves denormals in m", "adam_step"},
      {"clips at one end", "clip_by_value"},
      {"turns NaN into a bound", "clip_by_value"},
      {"leaves out the last element", "clip_by_norm"},
      {"gives the norm after clipping", "clip_by_norm"},
      {"drops the last term of the norm", "l2_norm"},
      {"swaps the networks", "update_target softly"},
      {"multiplies by 1 - tau = 0", "update_target exactly"},
      {"gathers the next row", "gather_rows"},
      {"takes the last of equals", "argmax"},
      {"fills all but the last", "fill"},
  };
}

void WrongBackend::linear_forward(ConstMatrix X, ConstMatrix W, ConstVector b, Activation f, Matrix Y) {
  const std::vector<Real> before = copy(Y.flat());
  std::vector<Real> w = copy(W.flat()), zero(b.size());
  for (std::int64_t o = 0; o < W.rows; ++o) {
    if (makes("drops the last term of the products")) w[static_cast<std::size_t>((o + 1) * W.cols - 1)] = 0;
    if (makes("adds the first term twice")) w[static_cast<std::size_t>(o * W.cols)] *= 2;
  }
  ReferenceBackend::linear_forward(X, {w.data(), W.rows, W.cols}, makes("forgets the bias") ? ConstVector(zero) : b, f, Y);
  for (std::int64_t n = 0; n < Y.rows; ++n) {
    for (std::int64_t o = 0; o < Y.cols; ++o) {
      const Real old = before[static_cast<std::size_t>(n * Y.cols + o)];
      if (makes("leaves out the last column of Y") && o + 1 == Y.cols) Y(n, o) = old;
      if (makes("leaves out the last row of Y") && n + 1 == Y.rows) Y(n, o) = old;
      if (makes("adds to Y")) Y(n, o) += old;
      if (makes("turns NaN into 0 in relu") && f == Activation::relu && std::isnan(Y(n, o))) Y(n, o) = 0;
    }
  }
  for (std::int64_t o = 0; o < Y.cols && makes("leaves out products of zero and NaN") && f == Activation::none; ++o) {
    Y(0, o) = b[static_cast<std::size_t>(o)];
    for (std::int64_t i = 0; i < X.cols; ++i) Y(0, o) += X(0, i) == 0 ? 0 : X(0, i) * W(o, i);
  }
  if (makes("writes before Y")) Y.data[-3] = 0;
  if (makes("changes X")) const_cast<Real&>(X.flat().back()) = 3;
}

void WrongBackend::linear_backward(ConstMatrix X, ConstMatrix W, ConstMatrix Y, Activation f, Matrix dY, Matrix dX, Matrix dW,
                                   Vector db) {
  const std::vector<Real> old_dY = copy(dY.flat()), old_dW = copy(dW.flat());
  std::vector<Real> w = copy(W.flat()), y = copy(Y.flat());
  if (makes("takes W for its transpose")) {
    for (std::int64_t k = 0; k < W.size(); ++k) {
      w[static_cast<std::size_t>(k)] = W.data[k % W.rows * W.cols + k / W.rows];
    }
  }
  if (makes("drops the last term of dX")) std::fill(w.end() - W.cols, w.end(), Real(0));
  if (makes("takes relu's slope at 0 for 1")) std::ranges::replace(y, Real(0), Real(1));
  const LastLeftOut last(dX.flat(), makes("leaves out the last element of dX"));
  ReferenceBackend::linear_backward(X, {w.data(), W.rows, W.cols}, {y.data(), Y.rows, Y.cols}, f, dY, dX, dW, db);
  for (std::int64_t o = 0; o < dW.rows; ++o) {
    const Real dz = dY(dY.rows - 1, o);
    if (makes("drops the last row of the batch from db")) db[static_cast<std::size_t>(o)] -= dz;
    for (std::int64_t i = 0; i < dW.cols; ++i) {
      if (makes("drops the last row of the batch from dW")) dW(o, i) -= dz * X(X.rows - 1, i);
      if (makes("adds to dW")) dW(o, i) += old_dW[static_cast<std::size_t>(o * dW.cols + i)];
    }
  }
  if (makes("leaves dY as it was")) std::ranges::copy(old_dY, dY.data);
}

void WrongBackend::loss_selected(const LossSpec& spec, ConstMatrix Q, ConstIndices action, ConstVector target,
                                 ConstVector weight, Matrix dQ, Vector td, Vector loss) {
  const Real old_dQ = dQ.flat().back(), old_sum = loss[kLossSum];
  std::vector<Real> y = copy(target);
  if (makes("leaves the last row out of the loss")) y.back() = Q(Q.rows - 1, action.back());
  ReferenceBackend::loss_selected(spec, Q, action, y, weight, dQ, td, loss);
  if (makes("swaps the sign of td")) std::ranges::transform(td, td.begin(), std::negate<>());
  if (makes("overwrites the sum of the losses")) loss[kLossSum] -= old_sum;
  if (makes("leaves the other actions' gradients") && dQ.flat().back() == 0) dQ.flat().back() = old_dQ;
}

void WrongBackend::loss_full(const LossSpec& spec, ConstMatrix Y, ConstMatrix target, ConstVector weight, Matrix dY,
                             Vector loss) {
  LossSpec other = spec;
  if (makes("takes huber for smooth_l1") && spec.kind == LossKind::huber) other.kind = LossKind::smooth_l1;
  ReferenceBackend::loss_full(other, Y, target, makes("forgets the weights") ? ConstVector{} : weight, dY, loss);
  if (makes("divides by the batch") && spec.reduction == Reduction::mean) {
    for (Real& slope : dY.flat()) slope *= static_cast<Real>(Y.cols);
  }
}

void WrongBackend::td_target(ConstMatrix next_target, ConstMatrix next_online, ConstVector reward, ConstVector discount,
                             Vector y) {
  const std::vector<Real> ones(discount.size(), Real(1));
  ReferenceBackend::td_target(next_target, makes("asks the target network to choose") ? ConstMatrix{} : next_online, reward,
                              makes("forgets the discount") ? ConstVector(ones) : discount, y);
}

void WrongBackend::put_selected(ConstMatrix base, ConstIndices action, ConstVector value, Matrix T) {
  ReferenceBackend::put_selected(base, action, value, T);
  if (makes("changes the base")) std::ranges::copy(T.flat(), const_cast<Real*>(base.data));
}

void WrongBackend::sgd_step(const SgdSpec& spec, ConstVector lr, Vector p, ConstVector g, Vector velocity) {
  SgdSpec other = spec;
  if (makes("forgets nesterov")) other.nesterov = false;
  if (makes("decays weights after momentum")) {
    other.weight_decay = 0;
    for (Real& x : p) x *= 1 - lr[0] * static_cast<Real>(spec.weight_decay);
  }
  ReferenceBackend::sgd_step(other, lr, p, g, velocity);
}

void WrongBackend::rmsprop_step(const RmspropSpec& spec, ConstVector lr, Vector p, ConstVector g, Vector mean_square,
                                Vector mean, Vector velocity) {
  RmspropSpec other = spec;
  if (makes("puts eps in the wrong place")) other.eps_inside_root = !spec.eps_inside_root;
  const LastLeftOut last(mean, makes("leaves out the last element of the mean"));
  ReferenceBackend::rmsprop_step(other, lr, p, g, mean_square, mean, velocity);
}

void WrongBackend::adam_step(const AdamSpec& spec, ConstVector coefficients, Vector p, ConstVector g, Vector m, Vector v,
                             Vector v_max) {
  AdamSpec other = spec;
  if (makes("forgets weight decay")) other.weight_decay = 0;
  std::vector<Real> others = copy(coefficients);
  if (makes("scales by the wrong coefficient")) std::swap(others[kAdamStep], others[kAdamRootScale]);
  const LastLeftOut last(p, makes("leaves out the last parameter"));
  ReferenceBackend::adam_step(other, others, p, g, m, v, makes("forgets the largest second moment") ? Vector{} : v_max);
  if (makes("leaves denormals in m")) std::ranges::replace(m, Real(0), std::numeric_limits<Real>::denorm_min());
}

void WrongBackend::clip_by_value(Vector g, Real limit) {
  if (makes("clips at one end")) {
    for (Real& x : g) x = x > limit ? limit : x;
    return;
  }
  ReferenceBackend::clip_by_value(g, limit);
  if (!makes("turns NaN into a bound")) return;
  for (Real& x : g) x = std::isnan(x) ? limit : x;
}

void WrongBackend::clip_by_norm(Vector g, Real max_norm, Vector norm) {
  const LastLeftOut last(g, makes("leaves out the last element"));
  ReferenceBackend::clip_by_norm(g, max_norm, norm);
  if (makes("gives the norm after clipping")) norm[0] = std::min(norm[0], max_norm);
}

void WrongBackend::update_target(ConstVector online, Real tau, Vector target) {
  if (makes("multiplies by 1 - tau = 0") || makes("swaps the networks")) {
    const Real share = makes("swaps the networks") ? 1 - tau : tau;
    for (std::size_t i = 0; i < target.size(); ++i) target[i] = share * online[i] + (1 - share) * target[i];
    return;
  }
  ReferenceBackend::update_target(online, tau, target);
}

void WrongBackend::gather_rows(ConstMatrix source, ConstIndices rows, Matrix out) {
  std::vector<std::int32_t> others(rows.begin(), rows.end());
  if (makes("gathers the next row")) {
    for (std::int32_t& row : others) row = row + 1 < source.rows ? row + 1 : row;
  }
  ReferenceBackend::gather_rows(source, others, out);
}

void WrongBackend::argmax(ConstMatrix Q, Indices out) {
  ReferenceBackend::argmax(Q, out);
  if (!makes("takes the last of equals")) return;
  for (std::int64_t n = 0; n < Q.rows; ++n) {
    std::int32_t& best = out[static_cast<std::size_t>(n)];
    for (std::int64_t a = 0; a < Q.cols; ++a) best = Q(n, a) == Q(n, best) ? static_cast<std::int32_t>(a) : best;
  }
}

void WrongBackend::l2_norm(ConstVector x, Vector out) {
  ReferenceBackend::l2_norm(makes("drops the last term of the norm") ? without_last(x) : x, out);
}

void WrongBackend::fill(Vector x, Real value) {
  const LastLeftOut last(x, makes("fills all but the last"));
  ReferenceBackend::fill(x, value);
}

}  // namespace handgrad
