// How every backend finds actions and moves numbers about.

#include "core/backend.h"

#include "tests/support/any_backend.h"
#include "tests/support/arrays.h"

using namespace handgrad;

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

TEST_CASE("Rows are gathered in the order asked for, some of them twice") {
  const auto backend = any_backend();
  const auto source = on(*backend, {0, 1, 10, 11, 20, 21});
  const auto rows = indices_on(*backend, {2, 0, 2, 1});
  Buffer<Real> out(*backend, 8);
  backend->gather_rows(source.matrix(3, 2), rows.span(), out.matrix(4, 2));
  CHECK(out.to_host() == std::vector<Real>{20, 21, 0, 1, 20, 21, 10, 11});
}
