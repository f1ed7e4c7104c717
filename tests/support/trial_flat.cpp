// Oracles of what works on flat arrays: clipping, norms, target updates, filling.

#include "tests/support/trial.h"

namespace handgrad {
namespace {

Rounded norm_of(const std::vector<Real>& x) {
  Sum squares;
  for (const Real value : x) squares.add(Rounded(value) * Rounded(value));
  return sqrt(squares.total());
}

Trial clip_by_value(Draw& draw) {
  const std::int64_t P = draw.length();
  const Real limit = Real(0.75);
  Trial trial(text("clip_by_value, P ", P), draw);
  std::vector<Real> before = draw.values(P), after = before;
  for (Real& value : after) value = value > limit ? limit : value < -limit ? -limit : value;
  const bool may_flush = draw.numbers() == Numbers::denormal;
  auto& g = may_flush ? trial.computes_some("g", std::move(before), {after.begin(), after.end()})
                      : trial.moves("g", std::move(before), std::move(after));
  trial.calls([&, limit](Backend& backend) { backend.clip_by_value(g.span(), limit); });
  return trial;
}

Trial clip_by_norm(Draw& draw) {
  const std::int64_t P = draw.length();
  const Real limit = draw.one_of({Real(0.1), Real(3), Real(1000)});
  Trial trial(text("clip_by_norm ", limit, ", P ", P), draw);
  std::vector<Real> before = draw.ordinary(P);
  const Rounded norm = norm_of(before);
  const Rounded factor = Rounded(limit) / (norm + Rounded(static_cast<Real>(1e-6)));
  std::vector<Rounded> after;
  for (const Real value : before) after.push_back(factor.value < 1 ? factor * Rounded(value) : Rounded(value));
  auto& g = trial.computes("g", std::move(before), std::move(after));
  auto& out = trial.computes("norm", draw.values(1), {norm});
  trial.calls([&, limit](Backend& backend) { backend.clip_by_norm(g.span(), limit, out.span()); });
  return trial;
}

Trial l2_norm(Draw& draw) {
  const std::int64_t P = draw.length();
  Trial trial(text("l2_norm, P ", P), draw);
  auto& x = trial.reads("x", draw.ordinary(P));
  auto& out = trial.computes("out", draw.values(1), {norm_of(x.initial())});
  trial.calls([&](Backend& backend) { backend.l2_norm(x.span(), out.span()); });
  return trial;
}

Trial update_target_softly(Draw& draw) {
  const std::int64_t P = draw.length();
  const Real tau = draw.one_of({Real(0.005), Real(0.3), Real(0.5)});
  Trial trial(text("update_target ", tau, ", P ", P), draw);
  auto& online = trial.reads("online", draw.values(P));
  std::vector<Real> before = draw.values(P);
  std::vector<Rounded> after;
  for (std::size_t i = 0; i < before.size(); ++i) {
    after.push_back(Rounded(tau) * Rounded(online.initial()[i]) + (Rounded(1) - Rounded(tau)) * Rounded(before[i]));
  }
  auto& target = trial.computes("target", std::move(before), std::move(after));
  trial.calls([&, tau](Backend& backend) { backend.update_target(online.span(), tau, target.span()); });
  return trial;
}

Trial update_target_exactly(Draw& draw) {
  const std::int64_t P = draw.length();
  Trial trial(text("update_target 1, P ", P), draw);
  auto& online = trial.reads("online", draw.values(P));
  auto& target = trial.moves("target", draw.values(P), online.initial());
  trial.calls([&](Backend& backend) { backend.update_target(online.span(), 1, target.span()); });
  return trial;
}

Trial fill(Draw& draw) {
  const std::int64_t P = draw.length();
  const Real value = draw.values(1)[0];
  Trial trial(text("fill ", value, ", P ", P), draw);
  auto& x = trial.moves("x", draw.values(P), std::vector<Real>(static_cast<std::size_t>(P), value));
  trial.calls([&, value](Backend& backend) { backend.fill(x.span(), value); });
  return trial;
}

}  // namespace

std::vector<Operation> flat_operations() {
  return {{"clip_by_value", clip_by_value},
          {"clip_by_norm", clip_by_norm},
          {"l2_norm", l2_norm},
          {"update_target softly", update_target_softly},
          {"update_target exactly", update_target_exactly},
          {"fill", fill}};
}

}  // namespace handgrad
