// Oracles of the optimisers.

#include "tests/support/trial.h"

namespace handgrad {
namespace {

double some_decay(Draw& draw) { return draw.coin() ? 0.0 : 0.01; }

/// A coefficient as it arrives in an operation's loop.
Rounded real(double coefficient) { return static_cast<Wide>(static_cast<Real>(coefficient)); }

/// Gradients. RMSprop's and Adam's quotients of infinities are theirs to define; NaN has to come out as such.
std::vector<Real> gradients(std::int64_t n, Draw& draw) {
  std::vector<Real> g = draw.values(n);
  for (Real& value : g) value = std::isinf(value) ? std::nanf("") : value;
  return g;
}

Trial sgd_step(Draw& draw) {
  const std::int64_t P = draw.length();
  const SgdSpec spec{draw.one_of({0.0, 0.9}), draw.coin(), some_decay(draw)};
  const bool has_velocity = spec.momentum != 0;
  Trial trial(
      text("sgd_step momentum ", spec.momentum, spec.nesterov ? " nesterov" : "", " decay ", spec.weight_decay, ", P ", P),
      draw);
  auto& lr = trial.reads("lr", std::vector<Real>{Real(0.25)});
  auto& g = trial.reads("g", draw.values(P));
  std::vector<Real> p = draw.values(P), v = draw.values(P);

  std::vector<Rounded> p_after, v_after;
  for (std::size_t i = 0; i < p.size(); ++i) {
    Rounded step = Rounded(g.initial()[i]) + real(spec.weight_decay) * p[i];
    if (has_velocity) {
      v_after.push_back(real(spec.momentum) * v[i] + step);
      step = spec.nesterov ? step + real(spec.momentum) * v_after[i] : v_after[i];
    }
    p_after.push_back(Rounded(p[i]) - Rounded(lr.initial()[0]) * step);
  }
  auto& p_ = trial.computes("p", std::move(p), std::move(p_after));
  Guarded<Real>* velocity = nullptr;
  if (has_velocity) velocity = &trial.computes("velocity", std::move(v), std::move(v_after));
  trial.calls([&, spec, velocity](Backend& backend) {
    backend.sgd_step(spec, lr.span(), p_.span(), g.span(), velocity == nullptr ? Vector{} : velocity->span());
  });
  return trial;
}

Trial rmsprop_step(Draw& draw) {
  const std::int64_t P = draw.length();
  const RmspropSpec spec{0.9, 1e-2, draw.coin(), draw.one_of({0.0, 0.9}), some_decay(draw)};
  const bool centred = draw.coin(), has_velocity = spec.momentum != 0;
  Trial trial(text("rmsprop_step", centred ? " centred" : "", spec.eps_inside_root ? " eps inside" : "", " momentum ",
                   spec.momentum, " decay ", spec.weight_decay, ", P ", P),
              draw);
  auto& lr = trial.reads("lr", std::vector<Real>{Real(0.25)});
  auto& g = trial.reads("g", gradients(P, draw));
  std::vector<Real> p = draw.ordinary(P), n = draw.positive(P), m = draw.ordinary(P), v = draw.ordinary(P);
  for (Real& mean : m) mean /= 4;  // n - m² stays well above 0

  std::vector<Rounded> p_after, n_after, m_after, v_after;
  for (std::size_t i = 0; i < p.size(); ++i) {
    const Rounded gradient = Rounded(g.initial()[i]) + real(spec.weight_decay) * p[i];
    n_after.push_back(real(spec.alpha) * n[i] + real(1 - spec.alpha) * gradient * gradient);
    Rounded variance = n_after[i];
    if (centred) {
      m_after.push_back(real(spec.alpha) * m[i] + real(1 - spec.alpha) * gradient);
      variance = variance - m_after[i] * m_after[i];
    }
    const Rounded eps = real(spec.eps), root = spec.eps_inside_root ? sqrt(variance + eps) : sqrt(variance) + eps;
    Rounded update = gradient / root;
    if (has_velocity) {
      v_after.push_back(real(spec.momentum) * v[i] + update);
      update = v_after[i];
    }
    p_after.push_back(Rounded(p[i]) - Rounded(lr.initial()[0]) * update);
  }
  auto& p_ = trial.computes("p", std::move(p), std::move(p_after));
  auto& square = trial.computes("mean_square", std::move(n), std::move(n_after));
  Guarded<Real>*mean = nullptr, *velocity = nullptr;
  if (centred) mean = &trial.computes("mean", std::move(m), std::move(m_after));
  if (has_velocity) velocity = &trial.computes("velocity", std::move(v), std::move(v_after));
  trial.calls([&, spec, mean, velocity](Backend& backend) {
    backend.rmsprop_step(spec, lr.span(), p_.span(), g.span(), square.span(), mean == nullptr ? Vector{} : mean->span(),
                         velocity == nullptr ? Vector{} : velocity->span());
  });
  return trial;
}

/// Moments that have never been zero, or whose gradient has long been: those that decay to denormals.
std::vector<Real> moments(std::vector<Real> ordinary, Draw& draw) {
  if (draw.numbers() == Numbers::denormal) {
    for (Real& value : ordinary) value = draw.coin() ? value * std::numeric_limits<Real>::min() * Real(1.02) : value;
  }
  return ordinary;
}

Trial adam_step(Draw& draw) {
  const std::int64_t P = draw.length();
  const AdamSpec spec{0.75, 0.9, some_decay(draw)};
  const bool amsgrad = draw.coin();
  Trial trial(text("adam_step", amsgrad ? " amsgrad" : "", " decay ", spec.weight_decay, ", P ", P), draw);
  auto& coefficients = trial.reads("coefficients", std::vector<Real>{Real(0.99), Real(0.25), Real(1.5), Real(1e-3)});
  auto& g = trial.reads("g", gradients(P, draw));
  std::vector<Real> p = draw.ordinary(P), m = moments(draw.ordinary(P), draw), v = moments(draw.positive(P), draw),
                    largest = draw.positive(P);

  const auto coefficient = [&](AdamCoefficient which) { return Rounded(coefficients.initial()[which]); };
  std::vector<Rounded> p_after, m_after, v_after, largest_after;
  for (std::size_t i = 0; i < p.size(); ++i) {
    const Rounded gradient = Rounded(g.initial()[i]) + real(spec.weight_decay) * p[i];
    m_after.push_back(real(spec.beta1) * m[i] + real(1 - spec.beta1) * gradient);
    v_after.push_back(real(spec.beta2) * v[i] + real(1 - spec.beta2) * gradient * gradient);
    Rounded second = v_after[i];
    if (amsgrad && second.value < largest[i]) second = Rounded(largest[i], second.error);
    largest_after.push_back(std::isnan(second.value) ? anything() : second);  // the maximum of a number and NaN
    const Rounded root = sqrt(second) * coefficient(kAdamRootScale) + coefficient(kAdamEps);
    p_after.push_back(coefficient(kAdamDecay) * p[i] - coefficient(kAdamStep) * m_after[i] / root);
  }
  auto& p_ = trial.computes("p", std::move(p), std::move(p_after));
  auto& m_ = trial.computes("m", std::move(m), std::move(m_after));
  auto& v_ = trial.computes("v", std::move(v), std::move(v_after));
  Guarded<Real>* v_max = nullptr;
  if (amsgrad) v_max = &trial.computes("v_max", std::move(largest), std::move(largest_after));
  trial.calls([&, spec, v_max](Backend& backend) {
    backend.adam_step(spec, coefficients.span(), p_.span(), g.span(), m_.span(), v_.span(),
                      v_max == nullptr ? Vector{} : v_max->span());
  });
  return trial;
}

}  // namespace

std::vector<Operation> optimizer_operations() {
  return {{"sgd_step", sgd_step}, {"rmsprop_step", rmsprop_step}, {"adam_step", adam_step}};
}

}  // namespace handgrad
