// Corners of the compute contract that no shape leads to: where operands may lie, and what a diverged network may not do.

#include "core/backend.h"

#include <limits>

#include "tests/support/any_backend.h"
#include "tests/support/arrays.h"

using namespace handgrad;

namespace {

constexpr Real kNan = std::numeric_limits<Real>::quiet_NaN();

}  // namespace

TEST_CASE("One array may be several operands of an operation that reads them") {
  const auto backend = any_backend();
  const auto x = on(*backend, {1, 2, 3, 4});
  const ConstMatrix X = x.matrix(2, 2);
  Buffer<Real> out(*backend, 4), y(*backend, 2), loss(*backend, kLossOutputs);
  backend->linear_forward(X, X, x.first(2), Activation::none, out.matrix(2, 2));  // X Xᵀ + (1, 2)
  CHECK(out.to_host() == std::vector<Real>{6, 13, 12, 27});
  backend->loss_full({}, X, X, {}, out.matrix(2, 2), loss.span());
  CHECK(out.to_host() == std::vector<Real>{0, 0, 0, 0});
  backend->td_target(X, X, x.first(2), x.first(2), y.span());
  CHECK(y.to_host() == std::vector<Real>{1 + 1 * 2, 2 + 2 * 4});
}

TEST_CASE("Operands may lie anywhere in one array, at any multiple of a number's size") {
  const auto backend = any_backend();
  const std::int64_t gap = GENERATE(range(0, 5));
  // W [2,3], b [2] and Y [1,2] of a layer, as in an array of parameters, with gaps between them.
  std::vector<Real> all(40, -1);
  const auto put = [&](std::int64_t at, std::initializer_list<Real> values) { std::ranges::copy(values, all.begin() + at); };
  const std::int64_t x_at = 1, w_at = x_at + 3 + gap, b_at = w_at + 6 + gap, y_at = b_at + 2 + gap;
  put(x_at, {1, 2, 3});
  put(w_at, {1, 0, -1, 2, 1, 0.5});
  put(b_at, {0.5, -1});
  auto memory = on(*backend, all);
  Real* data = memory.data();
  backend->linear_forward({data + x_at, 1, 3}, {data + w_at, 2, 3}, memory.span().subspan(static_cast<std::size_t>(b_at), 2),
                          Activation::none, {data + y_at, 1, 2});
  put(y_at, {-1.5, 4.5});
  CHECK(memory.to_host() == all);
}

TEST_CASE("The greedy action among values that are NaN is an action all the same") {
  const auto backend = any_backend();
  for (const std::int64_t A : {1, 2, 5, 16, 19}) {
    const auto Q = on(*backend, std::vector<Real>(static_cast<std::size_t>(3 * A), kNan)), reward = on(*backend, {1, 2, 3}),
               discount = on(*backend, {1, 1, 1});
    Buffer<std::int32_t> best(*backend, 3);
    backend->argmax(Q.matrix(3, A), best.span());
    for (const std::int32_t action : best.to_host()) CHECK((action >= 0 && action < A));
    Buffer<Real> y(*backend, 3);
    backend->td_target(Q.matrix(3, A), {}, reward.span(), discount.span(), y.span());
    for (const Real target : y.to_host()) CHECK(std::isnan(target));
  }
}
