// The compute contract, operation by operation: every backend against values worked out by hand, then every backend against
// the reference over sizes that fit no vector register.

#include "core/backend.h"

#include <array>
#include <limits>

#include "tests/support/arrays.h"
#include "tests/support/catch.h"

using namespace handgrad;

namespace {

constexpr Real kNan = std::numeric_limits<Real>::quiet_NaN();
constexpr Real kInfinity = std::numeric_limits<Real>::infinity();

std::unique_ptr<Backend> any_backend() {
  const std::string name = GENERATE(from_range(every_backend()));
  UNSCOPED_INFO("backend " << name);
  return make_backend(name);
}

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

TEST_CASE("Every backend gives zeroed memory aligned to 64 bytes, and copies to and from it") {
  const auto backend = any_backend();
  for (const std::int64_t size : {1, 3, 1000}) {
    Buffer<Real> x(*backend, size);
    CHECK(reinterpret_cast<std::uintptr_t>(x.data()) % 64 == 0);
    CHECK(x.to_host() == std::vector<Real>(static_cast<std::size_t>(size)));
    backend->fill(x.span(), 2.5);
    CHECK(x.to_host() == std::vector<Real>(static_cast<std::size_t>(size), 2.5));
  }
}

TEST_CASE("Every backend computes Y = f(X Wᵀ + b)") {
  const auto backend = any_backend();
  // X [2,3], W [2,3], b [2]
  const auto X = on(*backend, {1, 2, 3, -1, 0, 2}), W = on(*backend, {1, 0, -1, 2, 1, 0.5}), b = on(*backend, {0.5, -1});
  auto Y = on(*backend, {9, 9, 9, 9});
  const auto forward = [&](Activation f) {
    backend->linear_forward(X.matrix(2, 3), W.matrix(2, 3), b.span(), f, Y.matrix(2, 2));
    return Y.to_host();
  };
  // Z[0] = (1 - 3 + 0.5, 2 + 2 + 1.5 - 1), Z[1] = (-1 - 2 + 0.5, -2 + 1 - 1)
  CHECK(forward(Activation::none) == std::vector<Real>{-1.5, 4.5, -2.5, -2});
  CHECK(forward(Activation::relu) == std::vector<Real>{0, 4.5, 0, 0});
  CHECK(difference(forward(Activation::tanh),
                   std::vector<double>{std::tanh(-1.5), std::tanh(4.5), std::tanh(-2.5), std::tanh(-2.0)})
            .empty());
}

TEST_CASE("Every backend's tanh is right from the smallest to the largest numbers") {
  const auto backend = any_backend();
  std::vector<Real> z;
  std::vector<double> expected;
  for (double x = 1e-30; x < 1e30; x *= 1.37) {
    for (const double signed_x : {x, -x}) {
      z.push_back(static_cast<Real>(signed_x));
      expected.push_back(std::tanh(static_cast<double>(z.back())));
    }
  }
  const auto B = static_cast<std::int64_t>(z.size());
  const auto X = on(*backend, z), W = on(*backend, {1}), b = on(*backend, {0});
  Buffer<Real> Y(*backend, B);
  backend->linear_forward(X.matrix(B, 1), W.matrix(1, 1), b.span(), Activation::tanh, Y.matrix(B, 1));
  CHECK(difference(Y.to_host(), expected, kIsDouble ? 1e-14 : 1e-6, 0) == "");
}

TEST_CASE("Every backend computes dZ, dX, dW and db and overwrites what was there") {
  const auto backend = any_backend();
  const auto X = on(*backend, {1, 2, 3, -1, 0, 2}), W = on(*backend, {1, 0, -1, 2, 1, 0.5});
  auto dX = on(*backend, {9, 9, 9, 9, 9, 9}), dW = dX.size() == 6 ? on(*backend, {9, 9, 9, 9, 9, 9}) : Buffer<Real>{},
       db = on(*backend, {9, 9});

  SECTION("without an activation") {
    const auto Y = on(*backend, {-1.5, 4.5, -2.5, -2});
    auto dY = on(*backend, {1, -2, 0.5, 4});
    backend->linear_backward(X.matrix(2, 3), W.matrix(2, 3), Y.matrix(2, 2), Activation::none, dY.matrix(2, 2),
                             dX.matrix(2, 3), dW.matrix(2, 3), db.span());
    CHECK(dY.to_host() == std::vector<Real>{1, -2, 0.5, 4});
    CHECK(dX.to_host() == std::vector<Real>{1 - 4, -2, -1 - 1, 0.5 + 8, 4, -0.5 + 2});
    CHECK(dW.to_host() == std::vector<Real>{1 - 0.5, 2, 3 + 1, -2 - 4, -4, -6 + 8});
    CHECK(db.to_host() == std::vector<Real>{1.5, 2});
  }
  SECTION("with relu, whose slope is 0 at 0 and at -0.0") {
    const auto Y = on(*backend, {0, 4.5, -0.0, 1});
    auto dY = on(*backend, {1, -2, 0.5, 4});
    backend->linear_backward(X.matrix(2, 3), W.matrix(2, 3), Y.matrix(2, 2), Activation::relu, dY.matrix(2, 2),
                             dX.matrix(2, 3), dW.matrix(2, 3), db.span());
    CHECK(dY.to_host() == std::vector<Real>{0, -2, 0, 4});
    CHECK(dX.to_host() == std::vector<Real>{-4, -2, -1, 8, 4, 2});
    CHECK(dW.to_host() == std::vector<Real>{0, 0, 0, -2 - 4, -4, -6 + 8});
    CHECK(db.to_host() == std::vector<Real>{0, 2});
  }
  SECTION("with tanh, whose slope is 1 - y²") {
    const auto Y = on(*backend, {0.5, 0, -0.5, 1});
    auto dY = on(*backend, {1, -2, 4, 4});
    backend->linear_backward(X.matrix(2, 3), W.matrix(2, 3), Y.matrix(2, 2), Activation::tanh, dY.matrix(2, 2),
                             dX.matrix(2, 3), dW.matrix(2, 3), db.span());
    CHECK(dY.to_host() == std::vector<Real>{0.75, -2, 3, 0});
    CHECK(dX.to_host() == std::vector<Real>{0.75 - 4, -2, -0.75 - 1, 3, 0, -3});
    CHECK(db.to_host() == std::vector<Real>{3.75, -2});
  }
  SECTION("without dX, where nobody wants it") {
    const auto Y = on(*backend, {-1.5, 4.5, -2.5, -2});
    auto dY = on(*backend, {1, -2, 0.5, 4});
    backend->linear_backward(X.matrix(2, 3), W.matrix(2, 3), Y.matrix(2, 2), Activation::none, dY.matrix(2, 2), {},
                             dW.matrix(2, 3), db.span());
    CHECK(dW.to_host() == std::vector<Real>{0.5, 2, 4, -6, -4, 2});
    CHECK(dX.to_host() == std::vector<Real>(6, 9));
  }
}

TEST_CASE("NaN stays NaN through every activation, forward and backward") {
  const auto backend = any_backend();
  const Activation f = GENERATE(Activation::none, Activation::relu, Activation::tanh);
  constexpr std::int64_t kRows = 37;  // NaN in the middle of a vector register and in what is left over
  std::vector<Real> x(kRows, 0.5);
  x[3] = x[36] = kNan;
  const auto X = on(*backend, x), W = on(*backend, {1}), b = on(*backend, {0});
  Buffer<Real> Y(*backend, kRows), dX(*backend, kRows), dW(*backend, 1), db(*backend, 1);
  backend->linear_forward(X.matrix(kRows, 1), W.matrix(1, 1), b.span(), f, Y.matrix(kRows, 1));
  const std::vector<Real> y = Y.to_host();
  auto dY = on(*backend, y);  // a gradient that came from those outputs
  backend->linear_backward(X.matrix(kRows, 1), W.matrix(1, 1), Y.matrix(kRows, 1), f, dY.matrix(kRows, 1), dX.matrix(kRows, 1),
                           dW.matrix(1, 1), db.span());
  const std::vector<Real> dx = dX.to_host();
  for (std::size_t i = 0; i < x.size(); ++i) {
    INFO("row " << i);
    CHECK(std::isnan(y[i]) == std::isnan(x[i]));
    CHECK(std::isnan(dx[i]) == std::isnan(x[i]));
  }
  CHECK(std::isnan(dW.to_host()[0]));
  CHECK(std::isnan(db.to_host()[0]));
}

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

TEST_CASE("A target is the reward plus the discounted value of the best next action") {
  const auto backend = any_backend();
  const auto next_target = on(*backend, {1, 5, 2, 3, 3, 1}), reward = on(*backend, {10, 20}),
             discount = on(*backend, {0.5, 0});
  const auto next_online = on(*backend, {4, 0, 0, 0, 0, 9});
  Buffer<Real> y(*backend, 2);
  backend->td_target(next_target.matrix(2, 3), {}, reward.span(), discount.span(), y.span());
  CHECK(y.to_host() == std::vector<Real>{12.5, 20});
  // Double: the online network chooses, the target network judges.
  backend->td_target(next_target.matrix(2, 3), next_online.matrix(2, 3), reward.span(), discount.span(), y.span());
  CHECK(y.to_host() == std::vector<Real>{10.5, 20});
}

TEST_CASE("A selected column is put over a row of other values") {
  const auto backend = any_backend();
  const auto base = on(*backend, {1, 2, 3, 4, 5, 6}), value = on(*backend, {-7, 8});
  auto T = on(*backend, {9, 9, 9, 9, 9, 9});
  backend->put_selected(base.matrix(2, 3), indices_on(*backend, {2, 0}).span(), value.span(), T.matrix(2, 3));
  CHECK(T.to_host() == std::vector<Real>{1, 2, -7, 8, 5, 6});
  CHECK(base.to_host() == std::vector<Real>{1, 2, 3, 4, 5, 6});
}

TEST_CASE("The lowest of equally good actions is the greedy one") {
  const auto backend = any_backend();
  const auto Q = on(*backend, {1, 1, 1, 0, 2, 2, -3, -5, -3, -0.0, 0, -1});
  Buffer<std::int32_t> best(*backend, 4);
  backend->argmax(Q.matrix(4, 3), best.span());
  CHECK(best.to_host() == std::vector<std::int32_t>{0, 1, 0, 0});
}

TEST_CASE("Every backend makes the steps of SGD as they are written") {
  const auto backend = any_backend();
  const auto lr = on(*backend, {0.5}), g = on(*backend, {1, -2});
  auto p = on(*backend, {1, 1}), v = on(*backend, {4, 0});
  SECTION("plain") {
    backend->sgd_step({}, lr.span(), p.span(), g.span(), {});
    CHECK(p.to_host() == std::vector<Real>{0.5, 2});
  }
  SECTION("with weight decay") {
    backend->sgd_step({.weight_decay = 0.5}, lr.span(), p.span(), g.span(), {});
    CHECK(p.to_host() == std::vector<Real>{0.25, 1.75});
  }
  SECTION("with momentum: v = v/2 + g = (3, -2)") {
    backend->sgd_step({.momentum = 0.5}, lr.span(), p.span(), g.span(), v.span());
    CHECK(v.to_host() == std::vector<Real>{3, -2});
    CHECK(p.to_host() == std::vector<Real>{-0.5, 2});
  }
  SECTION("with Nesterov's momentum: p -= (g + v/2)/2") {
    backend->sgd_step({.momentum = 0.5, .nesterov = true}, lr.span(), p.span(), g.span(), v.span());
    CHECK(p.to_host() == std::vector<Real>{1 - 1.25, 1 + 1.5});
  }
}

TEST_CASE("Every backend makes the steps of RMSprop as they are written") {
  const auto backend = any_backend();
  const auto lr = on(*backend, {1}), g = on(*backend, {2});
  auto p = on(*backend, {0}), n = on(*backend, {28}), m = on(*backend, {2}), v = on(*backend, {1});
  SECTION("plain: n = 28/2 + 4/2 = 16, p = -2 / (4 + 1)") {
    backend->rmsprop_step({.alpha = 0.5, .eps = 1}, lr.span(), p.span(), g.span(), n.span(), {}, {});
    CHECK(n.to_host()[0] == 16);
    CHECK(difference(p.to_host(), std::vector<double>{-0.4}) == "");
  }
  SECTION("centred: m = 2, n - m² = 12") {
    backend->rmsprop_step({.alpha = 0.5, .eps = 1}, lr.span(), p.span(), g.span(), n.span(), m.span(), {});
    CHECK(m.to_host()[0] == 2);
    CHECK(difference(p.to_host(), std::vector<double>{-2 / (std::sqrt(12) + 1)}) == "");
  }
  SECTION("centred with eps inside the root: -2 / sqrt(12 + 4)") {
    backend->rmsprop_step({.alpha = 0.5, .eps = 4, .eps_inside_root = true}, lr.span(), p.span(), g.span(), n.span(), m.span(),
                          {});
    CHECK(difference(p.to_host(), std::vector<double>{-0.5}) == "");
  }
  SECTION("with momentum: v = 1/2 + 2/5") {
    backend->rmsprop_step({.alpha = 0.5, .eps = 1, .momentum = 0.5}, lr.span(), p.span(), g.span(), n.span(), {}, v.span());
    CHECK(difference(v.to_host(), std::vector<double>{0.9}) == "");
    CHECK(difference(p.to_host(), std::vector<double>{-0.9}) == "");
  }
  SECTION("centred, with n - m² below zero by rounding: cut off there") {
    backend->fill(n.span(), 4 - 16 * std::numeric_limits<Real>::epsilon());  // m² = 4 exactly
    backend->rmsprop_step({.alpha = 0.5, .eps = 0.5}, lr.span(), p.span(), g.span(), n.span(), m.span(), {});
    CHECK(p.to_host()[0] == -4);
  }
}

TEST_CASE("Every backend makes the steps of Adam as they are written") {
  const auto backend = any_backend();
  // decay 1/2, step 3, root scale 2, eps 1
  const auto coefficients = on(*backend, {0.5, 3, 2, 1}), g = on(*backend, {2});
  auto p = on(*backend, {10}), m = on(*backend, {4}), v = on(*backend, {28}), v_max = on(*backend, {25});
  SECTION("plain: m = 3, v = 16, p = 10/2 - 3 · 3 / (4 · 2 + 1)") {
    backend->adam_step({0.5, 0.5, 0}, coefficients.span(), p.span(), g.span(), m.span(), v.span(), {});
    CHECK(m.to_host()[0] == 3);
    CHECK(v.to_host()[0] == 16);
    CHECK(difference(p.to_host(), std::vector<double>{4}) == "");
  }
  SECTION("with L2: g = 2 + 10/5 = 4") {
    backend->adam_step({0.5, 0.5, 0.2}, coefficients.span(), p.span(), g.span(), m.span(), v.span(), {});
    CHECK(difference(m.to_host(), std::vector<double>{4}) == "");
    CHECK(difference(v.to_host(), std::vector<double>{22}) == "");
  }
  SECTION("AMSGrad, whose maximum is in force: v_max = 25") {
    backend->adam_step({0.5, 0.5, 0}, coefficients.span(), p.span(), g.span(), m.span(), v.span(), v_max.span());
    CHECK(v_max.to_host()[0] == 25);
    CHECK(difference(p.to_host(), std::vector<double>{5 - 9 / 11.0}) == "");
  }
  SECTION("AMSGrad, whose maximum is beaten: v_max = v = 16") {
    backend->fill(v_max.span(), 1);
    backend->adam_step({0.5, 0.5, 0}, coefficients.span(), p.span(), g.span(), m.span(), v.span(), v_max.span());
    CHECK(v_max.to_host()[0] == 16);
  }
}

TEST_CASE("Clipping by value cuts at both ends and leaves NaN alone") {
  const auto backend = any_backend();
  auto g = on(*backend, {-3, -1, -0.5, 0, 1, 1.5, kNan, kInfinity, -kInfinity});
  backend->clip_by_value(g.span(), 1);
  const std::vector<Real> clipped = g.to_host();
  CHECK(std::vector<Real>(clipped.begin(), clipped.begin() + 6) == std::vector<Real>{-1, -1, -0.5, 0, 1, 1});
  CHECK(std::isnan(clipped[6]));
  CHECK(clipped[7] == 1);
  CHECK(clipped[8] == -1);
}

TEST_CASE("Clipping by norm shrinks above the limit, barely at it, and not at all below it") {
  const auto backend = any_backend();
  Buffer<Real> norm(*backend, 1);
  const auto clip = [&](std::initializer_list<Real> gradient, double limit) {
    auto g = on(*backend, gradient);
    backend->clip_by_norm(g.span(), static_cast<Real>(limit), norm.span());
    return g.to_host();
  };
  CHECK(difference(clip({30, 40}, 5), std::vector<double>{30 * 5 / (50 + 1e-6), 40 * 5 / (50 + 1e-6)}) == "");
  CHECK(norm.to_host()[0] == 50);
  CHECK(difference(clip({3, 4}, 5), std::vector<double>{3 * 5 / (5 + 1e-6), 4 * 5 / (5 + 1e-6)}) == "");
  CHECK(clip({3, 4}, 5)[0] < 3);  // as PyTorch does: 1e-6 is added to the norm
  CHECK(clip({3, 4}, 5.5) == std::vector<Real>{3, 4});
  CHECK(norm.to_host()[0] == 5);
  CHECK(clip({0, 0}, 1) == std::vector<Real>{0, 0});
  CHECK(norm.to_host()[0] == 0);
  // Squares that neither float holds: 1e60 and 1e-60.
  CHECK(difference(clip({Real(3e30), Real(4e30)}, 1), std::vector<double>{0.6, 0.8}) == "");
  CHECK(difference(norm.to_host(), std::vector<double>{5e30}) == "");
  backend->l2_norm(on(*backend, {Real(3e-30), Real(4e-30)}).span(), norm.span());
  CHECK(difference(norm.to_host(), std::vector<double>{5e-30}, 1e-5, 0) == "");
}

TEST_CASE("A norm over NaN or infinity is not finite") {
  const auto backend = any_backend();
  const Real odd = GENERATE(kNan, kInfinity);
  const std::int64_t place = GENERATE(0, 5, 36);
  Buffer<Real> norm(*backend, 1);
  std::vector<Real> x(37, 1);
  x[static_cast<std::size_t>(place)] = odd;
  auto g = on(*backend, x);
  backend->l2_norm(g.span(), norm.span());
  CHECK(!std::isfinite(norm.to_host()[0]));
  backend->clip_by_norm(g.span(), 1, norm.span());
  CHECK(std::isnan(g.to_host()[static_cast<std::size_t>(place)]));
}

TEST_CASE("A target network moves by tau, and becomes an exact copy with tau = 1") {
  const auto backend = any_backend();
  const auto online = on(*backend, {1, 2, -4, Real(0.1), -0.0});
  auto target = on(*backend, {3, 2, 4, 1000, 5});
  backend->update_target(online.span(), 0.25, target.span());
  CHECK(difference(target.to_host(), std::vector<double>{2.5, 2, 2, 750.025, 3.75}) == "");
  backend->update_target(online.span(), 1, target.span());
  CHECK(same_bits(target.to_host(), online.to_host()));
}

TEST_CASE("An exact copy of the online network replaces a target network that is not finite") {
  const auto backend = any_backend();
  const auto online = on(*backend, {1, 2, -4});
  auto target = on(*backend, {kNan, kInfinity, -kInfinity});
  backend->update_target(online.span(), 1, target.span());
  CHECK(target.to_host() == online.to_host());
}

TEST_CASE("Rows are gathered in the order asked for, some of them twice") {
  const auto backend = any_backend();
  const auto source = on(*backend, {0, 1, 10, 11, 20, 21});
  const auto rows = indices_on(*backend, {2, 0, 2, 1});
  Buffer<Real> out(*backend, 8);
  backend->gather_rows(source.matrix(3, 2), rows.span(), out.matrix(4, 2));
  CHECK(out.to_host() == std::vector<Real>{20, 21, 0, 1, 20, 21, 10, 11});
}

// Every operation on the reference and on another backend side by side: `checked:NAME` throws at the first that differs.

namespace {

constexpr std::array<std::int64_t, 8> kSizes = {1, 2, 3, 7, 31, 33, 130, 257};

std::unique_ptr<Backend> compared_backend() {
  std::vector<std::string> names = every_backend();
  std::erase_if(names, [](const std::string& name) { return name == "reference" || name == "checked"; });
  return make_backend("checked:" + GENERATE_COPY(from_range(names)));
}

}  // namespace

TEST_CASE("Every backend's linear layers agree with the reference over odd sizes") {
  const auto backend = compared_backend();
  Generator random(1);
  for (std::size_t k = 0; k < kSizes.size() * kSizes.size(); ++k) {
    const std::int64_t B = kSizes[k % 8], I = kSizes[k / 8], O = kSizes[(3 * (k / 8) + k + 5) % 8];
    INFO("B " << B << ", I " << I << ", O " << O);
    const auto f = std::array{Activation::none, Activation::relu, Activation::tanh}[k % 3];
    const auto X = on(*backend, random_reals(B * I, random)), W = on(*backend, random_reals(O * I, random)),
               b = on(*backend, random_reals(O, random));
    auto Y = on(*backend, random_reals(B * O, random)), dY = on(*backend, random_reals(B * O, random));
    auto dX = on(*backend, random_reals(B * I, random)), dW = on(*backend, random_reals(O * I, random)),
         db = on(*backend, random_reals(O, random));
    CHECK_NOTHROW(backend->linear_forward(X.matrix(B, I), W.matrix(O, I), b.span(), f, Y.matrix(B, O)));
    CHECK_NOTHROW(backend->linear_backward(X.matrix(B, I), W.matrix(O, I), Y.matrix(B, O), f, dY.matrix(B, O),
                                           k % 2 == 0 ? dX.matrix(B, I) : Matrix{}, dW.matrix(O, I), db.span()));
  }
}

TEST_CASE("Every backend's losses, targets and greedy actions agree with the reference over odd sizes") {
  const auto backend = compared_backend();
  Generator random(2);
  for (std::size_t k = 0; k < kSizes.size() * kSizes.size(); ++k) {
    const std::int64_t B = kSizes[k % 8], A = kSizes[k / 8];
    INFO("B " << B << ", A " << A);
    const LossSpec spec{std::array{LossKind::mse, LossKind::huber, LossKind::smooth_l1}[k % 3], k % 2 == 0 ? 1.0 : 0.3,
                        k % 5 < 3 ? Reduction::mean : Reduction::sum};
    const auto Q = on(*backend, random_reals(B * A, random)), R = on(*backend, random_reals(B * A, random));
    const auto y = on(*backend, random_reals(B, random)), w = on(*backend, random_reals(B, random, 0, 2));
    std::vector<std::int32_t> actions(static_cast<std::size_t>(B));
    for (std::int32_t& action : actions) action = static_cast<std::int32_t>(random.integers(0, A));
    const auto a = on(*backend, actions);
    Buffer<std::int32_t> best(*backend, B);
    Buffer<Real> dQ(*backend, B * A), td(*backend, B), loss(*backend, kLossOutputs);
    const ConstVector weight = k % 4 < 2 ? w.span() : ConstVector{};
    CHECK_NOTHROW(
        backend->loss_selected(spec, Q.matrix(B, A), a.span(), y.span(), weight, dQ.matrix(B, A), td.span(), loss.span()));
    CHECK_NOTHROW(backend->loss_full(spec, Q.matrix(B, A), R.matrix(B, A), weight, dQ.matrix(B, A), loss.span()));
    CHECK_NOTHROW(
        backend->td_target(Q.matrix(B, A), k % 2 == 0 ? R.matrix(B, A) : ConstMatrix{}, y.span(), w.span(), td.span()));
    CHECK_NOTHROW(backend->put_selected(Q.matrix(B, A), a.span(), y.span(), dQ.matrix(B, A)));
    CHECK_NOTHROW(backend->argmax(Q.matrix(B, A), best.span()));
    Buffer<Real> rows(*backend, B * A);
    for (std::int32_t& action : actions) action = static_cast<std::int32_t>(random.integers(0, B));
    const auto chosen = on(*backend, actions);
    CHECK_NOTHROW(backend->gather_rows(Q.matrix(B, A), chosen.span(), rows.matrix(B, A)));
  }
}

TEST_CASE("Every backend's optimisers, clipping and target updates agree with the reference over odd sizes") {
  const auto backend = compared_backend();
  Generator random(3);
  std::vector<std::int64_t> sizes(kSizes.begin(), kSizes.end());
  for (const std::int64_t more : {511, 512, 513, 1025, 5001}) sizes.push_back(more);
  for (const std::int64_t P : sizes) {
    INFO("P " << P);
    const auto positive = [&] { return on(*backend, random_reals(P, random, 1e-3, 1)); };
    const auto any = [&] { return on(*backend, random_reals(P, random)); };
    auto p = any(), m = any(), v = positive(), v_max = positive(), g = any();
    const auto lr = on(*backend, {Real(0.01)}), coefficients = on(*backend, {Real(0.999), Real(0.01), 3, Real(1e-8)});
    for (const double decay : {0.0, 0.01}) {
      CHECK_NOTHROW(backend->sgd_step({0.0, false, decay}, lr.span(), p.span(), g.span(), {}));
      CHECK_NOTHROW(backend->sgd_step({0.9, false, decay}, lr.span(), p.span(), g.span(), m.span()));
      CHECK_NOTHROW(backend->sgd_step({0.9, true, decay}, lr.span(), p.span(), g.span(), m.span()));
      for (const bool inside : {false, true}) {
        auto mean = on(*backend, random_reals(P, random, -0.01, 0.01)), square = positive(), velocity = any();
        CHECK_NOTHROW(
            backend->rmsprop_step({0.9, 1e-3, inside, 0.0, decay}, lr.span(), p.span(), g.span(), square.span(), {}, {}));
        CHECK_NOTHROW(backend->rmsprop_step({0.9, 1e-3, inside, 0.9, decay}, lr.span(), p.span(), g.span(), square.span(),
                                            mean.span(), velocity.span()));
      }
      CHECK_NOTHROW(backend->adam_step({0.9, 0.999, decay}, coefficients.span(), p.span(), g.span(), m.span(), v.span(), {}));
      CHECK_NOTHROW(
          backend->adam_step({0.9, 0.999, decay}, coefficients.span(), p.span(), g.span(), m.span(), v.span(), v_max.span()));
    }
    auto norm = on(*backend, {0});
    CHECK_NOTHROW(backend->update_target(p.span(), Real(0.005), m.span()));
    CHECK_NOTHROW(backend->l2_norm(g.span(), norm.span()));
    CHECK_NOTHROW(backend->clip_by_value(g.span(), Real(0.5)));
    CHECK_NOTHROW(backend->clip_by_norm(g.span(), Real(0.1), norm.span()));
    CHECK_NOTHROW(backend->fill(g.span(), 3));
  }
}
