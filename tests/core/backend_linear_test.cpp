// Linear layers of every backend, against values worked out by hand.

#include "core/backend.h"

#include <limits>

#include "tests/support/any_backend.h"
#include "tests/support/arrays.h"

using namespace handgrad;

namespace {

constexpr Real kNan = std::numeric_limits<Real>::quiet_NaN();

}  // namespace

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
