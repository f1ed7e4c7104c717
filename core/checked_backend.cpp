#include "checked_backend.h"

#include <algorithm>
#include <cmath>

#include "error.h"

namespace handgrad::inline HANDGRAD_PRECISION {
namespace {

constexpr bool kIsDouble = sizeof(Real) == sizeof(double);
constexpr double kRelative = kIsDouble ? 1e-11 : 5e-5;
constexpr double kAbsolute = kIsDouble ? 1e-14 : 1e-6;

bool same(double found, double expected, double tolerance) {
  if (std::isnan(expected) || std::isinf(expected)) {
    return std::isnan(expected) ? std::isnan(found) : found == expected;
  }
  return std::abs(found - expected) <= tolerance;
}

}  // namespace

CheckedBackend::CheckedBackend(std::unique_ptr<Backend> oracle, std::unique_ptr<Backend> candidate)
    : oracle_(std::move(oracle)), candidate_(std::move(candidate)), name_(text("checked:", candidate_->name())) {}

CheckedBackend::~CheckedBackend() = default;

void* CheckedBackend::allocate(std::size_t bytes) {
  void* memory = oracle_->allocate(bytes);
  twins_[static_cast<const std::byte*>(memory)] = {bytes, candidate_->allocate(bytes)};
  return memory;
}

void CheckedBackend::deallocate(void* memory) noexcept {
  const auto found = twins_.find(static_cast<const std::byte*>(memory));
  assert(found != twins_.end());
  candidate_->deallocate(found->second.candidate);
  twins_.erase(found);
  oracle_->deallocate(memory);
}

template <class T>
T* CheckedBackend::twin(T* p) const {
  if (p == nullptr) return nullptr;
  const auto* place = reinterpret_cast<const std::byte*>(p);
  auto after = twins_.upper_bound(place);
  require(after != twins_.begin(), "the checked backend was handed memory that it did not allocate");
  const auto& [begin, memory] = *std::prev(after);
  const auto offset = static_cast<std::size_t>(place - begin);
  require(offset <= memory.bytes, "the checked backend was handed memory that it did not allocate");
  return reinterpret_cast<T*>(static_cast<std::byte*>(memory.candidate) + offset);
}

void CheckedBackend::upload(void* to, const void* from_host, std::size_t bytes) {
  oracle_->upload(to, from_host, bytes);
  candidate_->upload(twin(static_cast<std::byte*>(to)), from_host, bytes);
}

void CheckedBackend::download(void* to_host, const void* from, std::size_t bytes) { oracle_->download(to_host, from, bytes); }

void CheckedBackend::fill(Vector x, Real value) {
  oracle_->fill(x, value);
  candidate_->fill(twin(x), value);
  compare("fill", "x", x);
}

void CheckedBackend::begin_step() {
  oracle_->begin_step();
  candidate_->begin_step();
}

void CheckedBackend::end_step() {
  candidate_->end_step();
  oracle_->end_step();
}

void CheckedBackend::compare(const char* operation, const char* array, Vector result) {
  if (result.empty()) return;
  expected_.resize(result.size());
  found_.resize(result.size());
  oracle_->download(expected_.data(), result.data(), result.size_bytes());
  candidate_->download(found_.data(), twin(result.data()), result.size_bytes());
  double largest = 0;
  for (const Real value : expected_) {
    if (std::isfinite(value)) largest = std::max(largest, std::abs(static_cast<double>(value)));
  }
  const double tolerance = kRelative * largest + kAbsolute;
  for (std::size_t i = 0; i < expected_.size(); ++i) {
    require(same(static_cast<double>(found_[i]), static_cast<double>(expected_[i]), tolerance), candidate_->name(),
            " differs from ", oracle_->name(), " in ", operation, ": element ", i, " of ", array, " is ", found_[i],
            ", expected ", expected_[i], " to within ", tolerance);
  }
  candidate_->upload(twin(result.data()), expected_.data(), result.size_bytes());
}

void CheckedBackend::compare(const char* operation, const char* array, Indices result) {
  expected_indices_.resize(result.size());
  found_indices_.resize(result.size());
  oracle_->download(expected_indices_.data(), result.data(), result.size_bytes());
  candidate_->download(found_indices_.data(), twin(result.data()), result.size_bytes());
  for (std::size_t i = 0; i < expected_indices_.size(); ++i) {
    require(found_indices_[i] == expected_indices_[i], candidate_->name(), " differs from ", oracle_->name(), " in ",
            operation, ": element ", i, " of ", array, " is ", found_indices_[i], ", expected ", expected_indices_[i]);
  }
}

void CheckedBackend::linear_forward(ConstMatrix X, ConstMatrix W, ConstVector b, Activation f, Matrix Y) {
  oracle_->linear_forward(X, W, b, f, Y);
  candidate_->linear_forward(twin(X), twin(W), twin(b), f, twin(Y));
  compare("linear_forward", "Y", Y);
}

void CheckedBackend::linear_backward(ConstMatrix X, ConstMatrix W, ConstMatrix Y, Activation f, Matrix dY, Matrix dX,
                                     Matrix dW, Vector db) {
  oracle_->linear_backward(X, W, Y, f, dY, dX, dW, db);
  candidate_->linear_backward(twin(X), twin(W), twin(Y), f, twin(dY), twin(dX), twin(dW), twin(db));
  compare("linear_backward", "dY", dY);
  compare("linear_backward", "dX", dX);
  compare("linear_backward", "dW", dW);
  compare("linear_backward", "db", db);
}

void CheckedBackend::loss_selected(const LossSpec& spec, ConstMatrix Q, ConstIndices action, ConstVector target,
                                   ConstVector weight, Matrix dQ, Vector td, Vector loss) {
  oracle_->loss_selected(spec, Q, action, target, weight, dQ, td, loss);
  candidate_->loss_selected(spec, twin(Q), twin(action), twin(target), twin(weight), twin(dQ), twin(td), twin(loss));
  compare("loss_selected", "dQ", dQ);
  compare("loss_selected", "td", td);
  compare("loss_selected", "loss", loss);
}

void CheckedBackend::loss_full(const LossSpec& spec, ConstMatrix Y, ConstMatrix target, ConstVector weight, Matrix dY,
                               Vector loss) {
  oracle_->loss_full(spec, Y, target, weight, dY, loss);
  candidate_->loss_full(spec, twin(Y), twin(target), twin(weight), twin(dY), twin(loss));
  compare("loss_full", "dY", dY);
  compare("loss_full", "loss", loss);
}

void CheckedBackend::td_target(ConstMatrix next_target, ConstMatrix next_online, ConstVector reward, ConstVector discount,
                               Vector y) {
  oracle_->td_target(next_target, next_online, reward, discount, y);
  candidate_->td_target(twin(next_target), twin(next_online), twin(reward), twin(discount), twin(y));
  compare("td_target", "y", y);
}

void CheckedBackend::put_selected(ConstMatrix base, ConstIndices action, ConstVector value, Matrix T) {
  oracle_->put_selected(base, action, value, T);
  candidate_->put_selected(twin(base), twin(action), twin(value), twin(T));
  compare("put_selected", "T", T);
}

void CheckedBackend::sgd_step(const SgdSpec& spec, ConstVector lr, Vector p, ConstVector g, Vector velocity) {
  oracle_->sgd_step(spec, lr, p, g, velocity);
  candidate_->sgd_step(spec, twin(lr), twin(p), twin(g), twin(velocity));
  compare("sgd_step", "p", p);
  compare("sgd_step", "velocity", velocity);
}

void CheckedBackend::rmsprop_step(const RmspropSpec& spec, ConstVector lr, Vector p, ConstVector g, Vector mean_square,
                                  Vector mean, Vector velocity) {
  oracle_->rmsprop_step(spec, lr, p, g, mean_square, mean, velocity);
  candidate_->rmsprop_step(spec, twin(lr), twin(p), twin(g), twin(mean_square), twin(mean), twin(velocity));
  compare("rmsprop_step", "p", p);
  compare("rmsprop_step", "mean_square", mean_square);
  compare("rmsprop_step", "mean", mean);
  compare("rmsprop_step", "velocity", velocity);
}

void CheckedBackend::adam_step(const AdamSpec& spec, ConstVector coefficients, Vector p, ConstVector g, Vector m, Vector v,
                               Vector v_max) {
  oracle_->adam_step(spec, coefficients, p, g, m, v, v_max);
  candidate_->adam_step(spec, twin(coefficients), twin(p), twin(g), twin(m), twin(v), twin(v_max));
  compare("adam_step", "p", p);
  compare("adam_step", "m", m);
  compare("adam_step", "v", v);
  compare("adam_step", "v_max", v_max);
}

void CheckedBackend::clip_by_value(Vector g, Real limit) {
  oracle_->clip_by_value(g, limit);
  candidate_->clip_by_value(twin(g), limit);
  compare("clip_by_value", "g", g);
}

void CheckedBackend::clip_by_norm(Vector g, Real max_norm, Vector norm) {
  oracle_->clip_by_norm(g, max_norm, norm);
  candidate_->clip_by_norm(twin(g), max_norm, twin(norm));
  compare("clip_by_norm", "g", g);
  compare("clip_by_norm", "norm", norm);
}

void CheckedBackend::update_target(ConstVector online, Real tau, Vector target) {
  oracle_->update_target(online, tau, target);
  candidate_->update_target(twin(online), tau, twin(target));
  compare("update_target", "target", target);
}

void CheckedBackend::gather_rows(ConstMatrix source, ConstIndices rows, Matrix out) {
  oracle_->gather_rows(source, rows, out);
  candidate_->gather_rows(twin(source), twin(rows), twin(out));
  compare("gather_rows", "out", out);
}

void CheckedBackend::argmax(ConstMatrix Q, Indices out) {
  oracle_->argmax(Q, out);
  candidate_->argmax(twin(Q), twin(out));
  compare("argmax", "out", out);
}

void CheckedBackend::l2_norm(ConstVector x, Vector out) {
  oracle_->l2_norm(x, out);
  candidate_->l2_norm(twin(x), twin(out));
  compare("l2_norm", "out", out);
}

}  // namespace handgrad::inline HANDGRAD_PRECISION
