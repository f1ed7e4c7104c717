// Losses of every backend, against values worked out by hand.

#include "core/backend.h"

#include <limits>

#include "tests/support/any_backend.h"
#include "tests/support/arrays.h"

using namespace handgrad;

namespace {

constexpr Real kNan = std::numeric_limits<Real>::quiet_NaN();
constexpr Real kInfinity = std::numeric_limits<Real>::infinity();

/// What a loss operation leaves behind.
struct LossResult {
  std::vector<Real> gradient, td, loss;
};

LossResult selected(Backend& backend, const LossSpec& spec, std::vector<Real> Q, std::vector<std::int32_t> action,
                    std::vector<Real> target, std::vector<Real> weight = {}) {
  const auto B = static_cast<std::int64_t>(action.size()), A = static_cast<std::int64_t>(Q.size()) / B;
  const auto q = on(backend, Q), y = on(backend, target), w = on(backend, weight);
  const auto a = on(backend, action);
  auto dQ = on(backend, std::vector<Real>(Q.size(), 7)), td = on(backend, std::vector<Real>(action.size(), 7)),
       loss = on(backend, {7, 100});
  backend.loss_selected(spec, q.matrix(B, A), a.span(), y.span(), weight.empty() ? ConstVector{} : w.span(), dQ.matrix(B, A),
                        td.span(), loss.span());
  return {dQ.to_host(), td.to_host(), loss.to_host()};
}

LossResult full(Backend& backend, const LossSpec& spec, std::int64_t B, std::vector<Real> Y, std::vector<Real> target,
                std::vector<Real> weight = {}) {
  const auto O = static_cast<std::int64_t>(Y.size()) / B;
  const auto y = on(backend, Y), t = on(backend, target), w = on(backend, weight);
  auto dY = on(backend, std::vector<Real>(Y.size(), 7)), loss = on(backend, {7, 100});
  backend.loss_full(spec, y.matrix(B, O), t.matrix(B, O), weight.empty() ? ConstVector{} : w.span(), dY.matrix(B, O),
                    loss.span());
  return {dY.to_host(), {}, loss.to_host()};
}

}  // namespace

TEST_CASE("Every backend computes each loss on the selected actions") {
  const auto backend = any_backend();
  // d = (-0.5, 3, -2): Q[i, action] - target
  const std::vector<Real> Q{1, 9, 9, 5, -1, 9}, target{1.5, 2, 1};
  const std::vector<std::int32_t> action{0, 1, 0};
  const auto run = [&](LossKind kind, double delta, Reduction reduction, std::vector<Real> weight = {}) {
    return selected(*backend, {kind, delta, reduction}, Q, action, target, std::move(weight));
  };
  const LossResult mse = run(LossKind::mse, 1, Reduction::sum);
  CHECK(mse.loss == std::vector<Real>{0.25 + 9 + 4, 100 + 13.25});
  CHECK(mse.gradient == std::vector<Real>{-1, 0, 0, 6, -4, 0});
  CHECK(mse.td == std::vector<Real>{0.5, -3, 2});
  const LossResult huber = run(LossKind::huber, 2, Reduction::sum);  // 0.125, 2 (3 - 1), 2 at the kink
  CHECK(huber.loss == std::vector<Real>{0.125 + 4 + 2, 100 + 6.125});
  CHECK(huber.gradient == std::vector<Real>{-0.5, 0, 0, 2, -2, 0});
  const LossResult smooth = run(LossKind::smooth_l1, 2, Reduction::sum);  // 0.0625, 3 - 1, 1 at the kink
  CHECK(smooth.loss == std::vector<Real>{0.0625 + 2 + 1, 100 + 3.0625});
  CHECK(smooth.gradient == std::vector<Real>{-0.25, 0, 0, 1, -1, 0});

  const LossResult mean = run(LossKind::mse, 1, Reduction::mean);
  CHECK(difference(mean.loss, std::vector<double>{13.25 / 3, 100 + 13.25 / 3}) == "");
  CHECK(difference(mean.gradient, std::vector<double>{-1 / 3.0, 0, 0, 2, -4 / 3.0, 0}) == "");
  // Divided by the number of rows, not by the sum of weights.
  const LossResult weighted = run(LossKind::mse, 1, Reduction::mean, {2, 0, 0.5});
  CHECK(difference(weighted.loss, std::vector<double>{2.5 / 3, 100 + 2.5 / 3}) == "");
  CHECK(difference(weighted.gradient, std::vector<double>{-2 / 3.0, 0, 0, 0, -2 / 3.0, 0}) == "");
  CHECK(weighted.td == mse.td);
}

TEST_CASE("Every backend computes each loss on the whole output, with a weight a row") {
  const auto backend = any_backend();
  const std::vector<Real> Y{1, 5, -1, 0}, target{1.5, 2, 1, 0};  // d = (-0.5, 3; -2, 0)
  const LossResult mse = full(*backend, {LossKind::mse, 1, Reduction::mean}, 2, Y, target);
  CHECK(mse.loss == std::vector<Real>{13.25 / 4, 100 + 13.25 / 4});
  CHECK(mse.gradient == std::vector<Real>{-0.25, 1.5, -1, 0});
  const LossResult weighted = full(*backend, {LossKind::huber, 1, Reduction::sum}, 2, Y, target, {2, 0.5});
  CHECK(weighted.loss == std::vector<Real>{2 * (0.125 + 2.5) + 0.5 * 1.5, 100 + 6});
  CHECK(weighted.gradient == std::vector<Real>{-1, 2, -0.5, 0});
}

TEST_CASE("A loss adds to its running sum and overwrites its value") {
  const auto backend = any_backend();
  const auto Q = on(*backend, {3}), y = on(*backend, {1});
  const auto action = indices_on(*backend, {0});
  Buffer<Real> dQ(*backend, 1), loss(*backend, kLossOutputs);
  for (const Real sum : std::vector<Real>{4, 8, 12}) {
    backend->loss_selected({}, Q.matrix(1, 1), action.span(), y.span(), {}, dQ.matrix(1, 1), {}, loss.span());
    CHECK(loss.to_host() == std::vector<Real>{4, sum});
  }
  backend->loss_full({}, Q.matrix(1, 1), y.matrix(1, 1), {}, dQ.matrix(1, 1), loss.span());
  CHECK(loss.to_host() == std::vector<Real>{4, 16});
}

TEST_CASE("NaN and infinity stay what they are in every loss") {
  const auto backend = any_backend();
  const LossKind kind = GENERATE(LossKind::mse, LossKind::huber, LossKind::smooth_l1);
  const LossResult nan = selected(*backend, {kind}, {kNan, 1, 1, 1}, {0, 1}, {0, 0});
  CHECK(std::isnan(nan.loss[kLossValue]));
  CHECK(std::isnan(nan.gradient[0]));
  CHECK(nan.gradient[1] == 0);
  CHECK(std::isfinite(nan.gradient[3]));
  CHECK(std::isnan(full(*backend, {kind}, 1, {1, kNan}, {0, 0}).gradient[1]));
  const LossResult infinite = full(*backend, {kind, 1, Reduction::sum}, 1, {kInfinity}, {0});
  CHECK(infinite.loss[kLossValue] == kInfinity);
  CHECK(infinite.gradient[0] == (kind == LossKind::mse ? kInfinity : 1));
}
