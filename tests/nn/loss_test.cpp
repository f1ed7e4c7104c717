#include "nn/loss.h"

#include "nn/gradient_check.h"
#include "tests/support/arrays.h"
#include "tests/support/catch.h"
#include "tests/support/error_message.h"

using namespace handgrad;

namespace {

/// The textbook's formula for one element, once more and plainly.
double textbook_loss(LossKind kind, double delta, double d) {
  const double size = d < 0 ? -d : d;
  if (kind == LossKind::mse) return d * d;
  if (kind == LossKind::huber) return size <= delta ? 0.5 * d * d : delta * (size - 0.5 * delta);
  return size < delta ? 0.5 * d * d / delta : size - 0.5 * delta;
}

double textbook_slope(LossKind kind, double delta, double d) {
  const double sign = d < 0 ? -1 : 1, size = d * sign;
  if (kind == LossKind::mse) return 2 * d;
  if (kind == LossKind::huber) return size <= delta ? d : sign * delta;
  return size < delta ? d / delta : sign;
}

struct Problem {
  std::int64_t B = 7, A = 3;
  std::vector<Real> Q, target, chosen_target, weight;
  std::vector<std::int32_t> action;

  Problem() {
    Generator random(8);
    Q = random_reals(B * A, random, -2, 2);
    target = random_reals(B * A, random, -2, 2);
    weight = random_reals(B, random, 0, 2);
    for (std::int64_t i = 0; i < B; ++i) {
      action.push_back(static_cast<std::int32_t>(random.integers(0, A)));
      chosen_target.push_back(target[static_cast<std::size_t>(i * A + action.back())]);
    }
  }
  /// Whether the loss looks at element i, and the row it is in.
  bool counts(std::size_t i, bool full) const {
    return full || action[row(i)] == static_cast<std::int32_t>(i) % static_cast<std::int32_t>(A);
  }
  std::size_t row(std::size_t i) const { return i / static_cast<std::size_t>(A); }
};

/// Value and gradient of a loss, on the whole output or on the selected actions.
struct Computed {
  double value;
  std::vector<Real> gradient, td;
};

Computed compute(Backend& backend, const LossSpec& spec, const Problem& problem, const std::vector<Real>& Q, bool full,
                 bool weighted) {
  const std::int64_t B = problem.B, A = problem.A;
  const auto q = on(backend, Q), t = on(backend, problem.target), y = on(backend, problem.chosen_target),
             w = on(backend, problem.weight);
  const auto action = on(backend, problem.action);
  Buffer<Real> dQ(backend, B * A), td(backend, B);
  const ConstVector weights = weighted ? w.span() : ConstVector{};
  Loss loss(backend, spec);
  if (full) {
    loss.full(q.matrix(B, A), t.matrix(B, A), weights, dQ.matrix(B, A));
  } else {
    loss.selected(q.matrix(B, A), action.span(), y.span(), weights, dQ.matrix(B, A), td.span());
  }
  return {loss.value(), dQ.to_host(), td.to_host()};
}

}  // namespace

TEST_CASE("Every loss, reduction and weighting agrees with the textbook, on the whole output and on selected actions") {
  const auto backend = make_backend(GENERATE(from_range(every_backend())));
  const auto kind = GENERATE(LossKind::mse, LossKind::huber, LossKind::smooth_l1);
  const auto reduction = GENERATE(Reduction::mean, Reduction::sum);
  const bool full = GENERATE(true, false), weighted = GENERATE(true, false);
  const double delta = GENERATE(1.0, 0.4);
  const Problem problem;
  const Computed got = compute(*backend, {kind, delta, reduction}, problem, problem.Q, full, weighted);

  const double elements = static_cast<double>(full ? problem.B * problem.A : problem.B);
  double value = 0;
  std::vector<double> gradient(problem.Q.size()), td;
  for (std::size_t i = 0; i < problem.Q.size(); ++i) {
    if (!problem.counts(i, full)) continue;
    const double d = static_cast<double>(problem.Q[i]) - static_cast<double>(problem.target[i]);
    const double factor =
        (weighted ? static_cast<double>(problem.weight[problem.row(i)]) : 1) / (reduction == Reduction::mean ? elements : 1);
    value += factor * textbook_loss(kind, delta, d);
    gradient[i] = factor * textbook_slope(kind, delta, d);
    td.push_back(-d);
  }
  CHECK(difference(std::vector<double>{got.value}, std::vector<double>{value}) == "");
  CHECK(difference(got.gradient, gradient) == "");
  if (!full) CHECK(difference(got.td, td) == "");
}

TEST_CASE("Every loss's gradient agrees with finite differences of its value") {
  const auto backend = make_backend("reference");
  const auto kind = GENERATE(LossKind::mse, LossKind::huber, LossKind::smooth_l1);
  const bool full = GENERATE(true, false);
  const Problem problem;
  const LossSpec spec{kind, 0.7, Reduction::mean};
  std::vector<Real> Q = problem.Q;
  const std::vector<Real> gradient = compute(*backend, spec, problem, Q, full, true).gradient;
  const GradientCheck check = check_gradient(
      [&](ConstVector x) {
        return compute(*backend, spec, problem, {x.begin(), x.end()}, full, true).value;
      },
      Q, gradient);
  INFO("element " << check.worst << ": " << check.analytic << " and " << check.numeric);
  CHECK(check.max_relative_error < (kIsDouble ? 1e-7 : 2e-2));
  CHECK(check.norm > 0.1);
}

TEST_CASE("A loss gives the mean over batches since it was last asked") {
  const auto backend = make_backend(GENERATE(from_range(every_backend())));
  Loss loss(*backend, {});
  CHECK(!loss.take_mean());
  Buffer<Real> dY(*backend, 1);
  const auto zero = on(*backend, {0});
  const auto run = [&](Real y) {
    const auto Y = on(*backend, {y});
    loss.full(Y.matrix(1, 1), zero.matrix(1, 1), {}, dY.matrix(1, 1));
  };
  run(1);
  run(3);
  CHECK(loss.value() == 9);
  CHECK(loss.take_mean() == 5);
  CHECK(!loss.take_mean());
  CHECK(loss.value() == 9);
  run(2);
  CHECK(loss.take_mean() == 4);
}

TEST_CASE("A loss that cannot be is refused") {
  const auto backend = make_backend("reference");
  for (const double delta : {0.0, -1.0, std::nan(""), HUGE_VAL}) {
    CHECK(contains(error_message([&] { Loss(*backend, {LossKind::huber, delta}); }), "delta has to be positive and finite"));
  }
}

TEST_CASE("A loss refuses arrays that do not fit") {
  const auto backend = make_backend("reference");
  Loss loss(*backend, {});
  Buffer<Real> x(*backend, 6), y(*backend, 6), d(*backend, 6);
  const auto action = indices_on(*backend, {0, 1});
  CHECK(error_message([&] { loss.full(x.matrix(2, 3), y.matrix(3, 2), {}, d.matrix(2, 3)); }) ==
        "the target has to be as large as the output, [2, 3], got [3, 2]");
  CHECK(error_message([&] { loss.full(x.matrix(2, 3), y.matrix(2, 3), {}, d.matrix(2, 2)); }) ==
        "the gradient has to be as large as the output, [2, 3], got [2, 2]");
  CHECK(error_message([&] { loss.full(x.matrix(2, 3), y.matrix(2, 3), y.first(3), d.matrix(2, 3)); }) ==
        "one weight a row: 2 rows, 3 weights");
  CHECK(error_message([&] { loss.selected(x.matrix(3, 2), action.span(), y.first(3), {}, d.matrix(3, 2), {}); }) ==
        "one action and one target a row: 3 rows, 2 actions, 3 targets");
  CHECK(error_message([&] { loss.selected(x.matrix(2, 3), action.span(), y.first(3), {}, d.matrix(2, 3), {}); }) ==
        "one action and one target a row: 2 rows, 2 actions, 3 targets");
  CHECK(error_message([&] { loss.selected(x.matrix(2, 3), action.span(), y.first(2), y.first(1), d.matrix(2, 3), {}); }) ==
        "one weight a row: 2 rows, 1 weights");
  CHECK(error_message([&] { loss.selected(x.matrix(2, 3), action.span(), y.first(2), {}, d.matrix(2, 3), y.first(1)); }) ==
        "one temporal-difference error a row: 2 rows, room for 1");
  CHECK(!loss.take_mean());  // none of them counts as a batch
}

TEST_CASE("Losses and reductions are known by name") {
  for (const LossKind kind : {LossKind::mse, LossKind::huber, LossKind::smooth_l1})
    CHECK(parse_loss(std::string(to_string(kind))) == kind);
  for (const Reduction r : {Reduction::mean, Reduction::sum}) CHECK(parse_reduction(std::string(to_string(r))) == r);
  CHECK(contains(error_message([] { parse_loss("smoothl1"); }), "Did you mean 'smooth_l1'?"));
  CHECK(contains(error_message([] { parse_reduction("average"); }), "expected mean or sum"));
}
