#include "simd_backend.h"

#if !defined(HANDGRAD_DOUBLE)  // the kernels are float

#include <algorithm>
#include <memory>

#include "error.h"

namespace handgrad::inline HANDGRAD_PRECISION {
namespace {

constexpr std::size_t kAlignment = 64 / sizeof(float);

const simd::Kernels& kernels(InstructionSet set) {
  switch (set) {
#if defined(__x86_64__)
    case InstructionSet::avx2: return simd::avx2_kernels();
    case InstructionSet::avx512: return simd::avx512_kernels();
#elif defined(__aarch64__)
    case InstructionSet::neon: return simd::neon_kernels();
#endif
    default: return simd::baseline_kernels();
  }
}

simd::In in(ConstMatrix x) { return {x.data, x.rows, x.cols}; }
simd::Out out(Matrix x) { return {x.data, x.rows, x.cols}; }
long size(ConstVector x) { return static_cast<long>(x.size()); }

}  // namespace

SimdBackend::SimdBackend(InstructionSet set) : set_(set), name_(text("simd:", to_string(set))), kernels_(&kernels(set)) {
  require(std::ranges::count(available_instruction_sets(), set) == 1, "this processor does not have the instruction set ",
          to_string(set));
  panel_.resize(simd::kPanelFloats + kAlignment);
}

// Grows with the largest layer it has seen: nothing is allocated after the first train step.
simd::Scratch SimdBackend::scratch(std::int64_t listed_rows, std::int64_t small) {
  const auto grow = [](auto& array, std::int64_t size) {
    if (static_cast<std::int64_t>(array.size()) < size) array.resize(static_cast<std::size_t>(size));
  };
  grow(rows_, listed_rows * simd::kSlice);
  grow(counts_, listed_rows);
  grow(places_, listed_rows * simd::kMostListed);
  grow(small_, small);
  void* panel = panel_.data();
  std::size_t space = panel_.size() * sizeof(float);
  std::align(kAlignment * sizeof(float), simd::kPanelFloats * sizeof(float), panel, space);
  return {static_cast<float*>(panel), rows_.data(), counts_.data(), places_.data(), small_.data()};
}

void SimdBackend::linear_forward(ConstMatrix X, ConstMatrix W, ConstVector b, Activation f, Matrix Y) {
  kernels_->linear_forward(in(X), in(W), b.data(), f, out(Y), scratch(X.rows, 0));
}

void SimdBackend::linear_backward(ConstMatrix X, ConstMatrix W, ConstMatrix Y, Activation f, Matrix dY, Matrix dX, Matrix dW,
                                  Vector db) {
  const std::int64_t small = dW.cols < simd::kNarrow ? dW.size() : 0;
  kernels_->linear_backward(in(X), in(W), in(Y), f, out(dY), out(dX), out(dW), db.data(),
                            scratch(std::max(X.rows, W.rows), small));
}

void SimdBackend::loss_selected(const LossSpec& spec, ConstMatrix Q, ConstIndices action, ConstVector target,
                                ConstVector weight, Matrix dQ, Vector td, Vector loss) {
  kernels_->loss_selected(spec, in(Q), action.data(), target.data(), weight.data(), out(dQ), td.data(), loss.data());
}

void SimdBackend::loss_full(const LossSpec& spec, ConstMatrix Y, ConstMatrix target, ConstVector weight, Matrix dY,
                            Vector loss) {
  kernels_->loss_full(spec, in(Y), in(target), weight.data(), out(dY), loss.data());
}

void SimdBackend::td_target(ConstMatrix next_target, ConstMatrix next_online, ConstVector reward, ConstVector discount,
                            Vector y) {
  kernels_->td_target(in(next_target), in(next_online), reward.data(), discount.data(), y.data());
}

void SimdBackend::put_selected(ConstMatrix base, ConstIndices action, ConstVector value, Matrix T) {
  std::ranges::copy(base.flat(), T.data);
  for (std::int64_t n = 0; n < T.rows; ++n) {
    const auto row = static_cast<std::size_t>(n);
    T.data[n * T.cols + action[row]] = value[row];
  }
}

void SimdBackend::sgd_step(const SgdSpec& spec, ConstVector lr, Vector p, ConstVector g, Vector velocity) {
  kernels_->sgd_step(spec, lr[0], size(p), p.data(), g.data(), velocity.data());
}

void SimdBackend::rmsprop_step(const RmspropSpec& spec, ConstVector lr, Vector p, ConstVector g, Vector mean_square,
                               Vector mean, Vector velocity) {
  kernels_->rmsprop_step(spec, lr[0], size(p), p.data(), g.data(), mean_square.data(), mean.data(), velocity.data());
}

void SimdBackend::adam_step(const AdamSpec& spec, ConstVector coefficients, Vector p, ConstVector g, Vector m, Vector v,
                            Vector v_max) {
  kernels_->adam_step(spec, coefficients.data(), size(p), p.data(), g.data(), m.data(), v.data(), v_max.data());
}

void SimdBackend::clip_by_value(Vector g, Real limit) { kernels_->clip_by_value(limit, size(g), g.data()); }

void SimdBackend::clip_by_norm(Vector g, Real max_norm, Vector norm) {
  l2_norm(g, norm);
  const Real factor = std::min(Real(1), max_norm / (norm[0] + Real(1e-6)));
  if (factor != 1) kernels_->scale(factor, size(g), g.data());  // NaN is not 1 either
}

void SimdBackend::update_target(ConstVector online, Real tau, Vector target) {
  if (tau == 1) {  // Trap: 0 · target is NaN if target is not finite, and -0.0 + 0.0 is 0.0
    std::ranges::copy(online, target.begin());
    return;
  }
  kernels_->mix(tau, size(target), online.data(), target.data());
}

void SimdBackend::gather_rows(ConstMatrix source, ConstIndices rows, Matrix out_) {
  kernels_->gather_rows(in(source), rows.data(), out(out_));
}

void SimdBackend::argmax(ConstMatrix Q, Indices out_) { kernels_->argmax(in(Q), out_.data()); }

void SimdBackend::l2_norm(ConstVector x, Vector out_) { out_[0] = kernels_->l2_norm(size(x), x.data()); }

}  // namespace handgrad::inline HANDGRAD_PRECISION

#endif
