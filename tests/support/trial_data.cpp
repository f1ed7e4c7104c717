// Oracles of what looks for the best action and of what moves numbers about.

#include "tests/support/trial.h"

namespace handgrad {
namespace {

/// The lowest column among those with the largest value of a row of A.
std::size_t best_of(const Real* row, std::int64_t A) { return static_cast<std::size_t>(std::max_element(row, row + A) - row); }

std::vector<Real> action_values(std::int64_t n, Draw& draw) { return draw.coin() ? draw.few_values(n) : draw.ordinary(n); }

Trial td_target(Draw& draw) {
  const std::int64_t B = draw.extent(), A = draw.extent();
  const bool is_double = draw.coin();
  Trial trial(text("td_target", is_double ? " double" : "", ", B ", B, ", A ", A), draw);
  auto& next_target = trial.reads("next_target", action_values(B * A, draw));
  auto& next_online = trial.reads("next_online", action_values(B * A, draw));
  auto& reward = trial.reads("reward", draw.values(B));
  auto& discount = trial.reads("discount", draw.values(B));

  std::vector<Rounded> targets;
  const auto& chooser = is_double ? next_online.initial() : next_target.initial();
  for (std::int64_t n = 0; n < B; ++n) {
    const auto row = static_cast<std::size_t>(n), first = static_cast<std::size_t>(n * A);
    const Rounded q = next_target.initial()[first + best_of(chooser.data() + first, A)];
    targets.push_back(Rounded(reward.initial()[row]) + Rounded(discount.initial()[row]) * q);
  }
  auto& y = trial.computes("y", draw.values(B), std::move(targets));
  trial.calls([&, is_double, B, A](Backend& backend) {
    backend.td_target(next_target.matrix(B, A), is_double ? ConstMatrix(next_online.matrix(B, A)) : ConstMatrix{},
                      reward.span(), discount.span(), y.span());
  });
  return trial;
}

Trial argmax(Draw& draw) {
  const std::int64_t B = draw.extent(), A = draw.extent();
  Trial trial(text("argmax, B ", B, ", A ", A), draw);
  auto& Q = trial.reads("Q", action_values(B * A, draw));
  std::vector<std::int32_t> best;
  for (std::int64_t n = 0; n < B; ++n) best.push_back(static_cast<std::int32_t>(best_of(Q.initial().data() + n * A, A)));
  auto& out = trial.moves("out", draw.indices(B, 300), std::move(best));
  trial.calls([&, B, A](Backend& backend) { backend.argmax(Q.matrix(B, A), out.span()); });
  return trial;
}

Trial put_selected(Draw& draw) {
  const std::int64_t B = draw.extent(), A = draw.extent();
  Trial trial(text("put_selected, B ", B, ", A ", A), draw);
  auto& base = trial.reads("base", draw.values(B * A));
  auto& action = trial.reads("action", draw.indices(B, A));
  auto& value = trial.reads("value", draw.values(B));
  std::vector<Real> t = base.initial();
  for (std::size_t n = 0; n < value.initial().size(); ++n) {
    t[n * static_cast<std::size_t>(A) + static_cast<std::size_t>(action.initial()[n])] = value.initial()[n];
  }
  auto& T = trial.moves("T", draw.values(B * A), std::move(t));
  trial.calls(
      [&, B, A](Backend& backend) { backend.put_selected(base.matrix(B, A), action.span(), value.span(), T.matrix(B, A)); });
  return trial;
}

Trial gather_rows(Draw& draw) {
  const std::int64_t N = draw.extent(), B = draw.extent(), I = draw.extent();
  Trial trial(text("gather_rows, N ", N, ", B ", B, ", I ", I), draw);
  auto& source = trial.reads("source", draw.values(N * I));
  auto& rows = trial.reads("rows", draw.indices(B, N));
  std::vector<Real> gathered;
  for (const std::int32_t row : rows.initial()) {
    const auto begin = source.initial().begin() + row * I;
    gathered.insert(gathered.end(), begin, begin + I);
  }
  auto& out = trial.moves("out", draw.values(B * I), std::move(gathered));
  trial.calls([&, N, B, I](Backend& backend) { backend.gather_rows(source.matrix(N, I), rows.span(), out.matrix(B, I)); });
  return trial;
}

}  // namespace

std::vector<Operation> data_operations() {
  return {{"td_target", td_target}, {"argmax", argmax}, {"put_selected", put_selected}, {"gather_rows", gather_rows}};
}

}  // namespace handgrad
