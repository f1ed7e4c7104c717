// Clipping and norms of every backend, against values worked out by hand.

#include "core/backend.h"

#include <limits>

#include "tests/support/any_backend.h"
#include "tests/support/arrays.h"

using namespace handgrad;

namespace {

constexpr Real kNan = std::numeric_limits<Real>::quiet_NaN();
constexpr Real kInfinity = std::numeric_limits<Real>::infinity();

}  // namespace

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
