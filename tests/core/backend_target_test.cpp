// Targets of every backend, and target networks that follow, against values worked out by hand.

#include "core/backend.h"

#include <limits>

#include "tests/support/any_backend.h"
#include "tests/support/arrays.h"

using namespace handgrad;

namespace {

constexpr Real kNan = std::numeric_limits<Real>::quiet_NaN();
constexpr Real kInfinity = std::numeric_limits<Real>::infinity();

}  // namespace

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
