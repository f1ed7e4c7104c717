// Oracles of losses and targets.

#include "tests/support/trial.h"

namespace handgrad {
namespace {

struct Element {
  Rounded value, slope;
};

/// The formulas above LossSpec, in core/backend.h.
Element element_loss(const LossSpec& spec, Rounded d) {
  if (std::isnan(d.value)) return {d, d};
  const Rounded delta = static_cast<Real>(spec.delta), size(std::abs(d.value), d.error);
  const Wide sign = d.value > 0 ? 1 : -1;
  switch (spec.kind) {
    case LossKind::huber:
      if (size.value <= delta.value) return {d * d / 2, d};
      return {delta * (size - delta / 2), rounded(sign * delta.value, 0)};
    case LossKind::smooth_l1:
      if (size.value < delta.value) return {d * d / (Rounded(2) * delta), d / delta};
      return {size - delta / 2, rounded(sign, 0)};
    case LossKind::mse: break;
  }
  return {d * d, Rounded(2) * d};
}

LossSpec some_loss(Draw& draw) {
  return {draw.one_of({LossKind::mse, LossKind::huber, LossKind::smooth_l1}), draw.one_of({0.3, 0.75, 1.0}),
          draw.one_of({Reduction::mean, Reduction::sum})};
}

std::string name_of(const LossSpec& spec) {
  const char* kind = spec.kind == LossKind::mse ? "mse" : spec.kind == LossKind::huber ? "huber" : "smooth_l1";
  return text(kind, " ", spec.delta, spec.reduction == Reduction::mean ? " mean" : " sum");
}

Rounded reduction_scale(const LossSpec& spec, std::int64_t elements) {
  return spec.reduction == Reduction::mean ? Rounded(1) / static_cast<Wide>(elements) : Rounded(1);
}

/// The loss array: its value, overwritten, and its sum, added to.
Guarded<Real>& loss_array(Trial& trial, const Sum& sum, Draw& draw) {
  std::vector<Real> before = draw.ordinary(kLossOutputs);
  const Rounded value = sum.total(), running = Rounded(before[kLossSum]) + value;
  return trial.computes("loss", std::move(before), {value, running});
}

Trial loss_selected(Draw& draw) {
  const LossSpec spec = some_loss(draw);
  const std::int64_t B = draw.extent(), A = draw.extent();
  const bool weighted = draw.coin(), wants_td = draw.coin();
  Trial trial(text("loss_selected ", name_of(spec), weighted ? " weighted" : "", ", B ", B, ", A ", A), draw);
  auto& Q = trial.reads("Q", draw.values(B * A));
  auto& action = trial.reads("action", draw.indices(B, A));
  auto& target = trial.reads("target", draw.values(B));
  auto& weight = trial.reads("weight", draw.positive(B));

  const Rounded scale = reduction_scale(spec, B);
  std::vector<Rounded> dq(static_cast<std::size_t>(B * A)), difference;
  Sum sum;
  for (std::size_t n = 0; n < target.initial().size(); ++n) {
    const std::size_t at = n * static_cast<std::size_t>(A) + static_cast<std::size_t>(action.initial()[n]);
    const Rounded d = Rounded(Q.initial()[at]) - Rounded(target.initial()[n]);
    const Rounded factor = weighted ? scale * Rounded(weight.initial()[n]) : scale;
    const Element element = element_loss(spec, d);
    sum.add(factor * element.value);
    dq[at] = factor * element.slope;
    difference.push_back(-d);
  }
  auto& dQ = trial.computes("dQ", draw.values(B * A), std::move(dq));
  Guarded<Real>* td = nullptr;
  if (wants_td) td = &trial.computes("td", draw.values(B), std::move(difference));
  auto& loss = loss_array(trial, sum, draw);
  trial.calls([&, spec, td, weighted, B, A](Backend& backend) {
    backend.loss_selected(spec, Q.matrix(B, A), action.span(), target.span(), weighted ? weight.span() : ConstVector{},
                          dQ.matrix(B, A), td == nullptr ? Vector{} : td->span(), loss.span());
  });
  return trial;
}

Trial loss_full(Draw& draw) {
  const LossSpec spec = some_loss(draw);
  const std::int64_t B = draw.extent(), O = draw.extent();
  const bool weighted = draw.coin();
  Trial trial(text("loss_full ", name_of(spec), weighted ? " weighted" : "", ", B ", B, ", O ", O), draw);
  auto& Y = trial.reads("Y", draw.values(B * O));
  auto& target = trial.reads("target", draw.values(B * O));
  auto& weight = trial.reads("weight", draw.positive(B));

  const Rounded scale = reduction_scale(spec, B * O);
  std::vector<Rounded> dy;
  Sum sum;
  for (std::size_t k = 0; k < Y.initial().size(); ++k) {
    const Rounded factor = weighted ? scale * Rounded(weight.initial()[k / static_cast<std::size_t>(O)]) : scale;
    const Element element = element_loss(spec, Rounded(Y.initial()[k]) - Rounded(target.initial()[k]));
    sum.add(factor * element.value);
    dy.push_back(factor * element.slope);
  }
  auto& dY = trial.computes("dY", draw.values(B * O), std::move(dy));
  auto& loss = loss_array(trial, sum, draw);
  trial.calls([&, spec, weighted, B, O](Backend& backend) {
    backend.loss_full(spec, Y.matrix(B, O), target.matrix(B, O), weighted ? weight.span() : ConstVector{}, dY.matrix(B, O),
                      loss.span());
  });
  return trial;
}

}  // namespace

std::vector<Operation> loss_operations() { return {{"loss_selected", loss_selected}, {"loss_full", loss_full}}; }

}  // namespace handgrad
