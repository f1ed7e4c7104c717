// Optimisers of every backend, against steps worked out by hand.

#include "core/backend.h"

#include <limits>

#include "tests/support/any_backend.h"
#include "tests/support/arrays.h"

using namespace handgrad;

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
