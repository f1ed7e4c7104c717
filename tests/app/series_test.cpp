#include "app/plots/series.h"

#include "tests/support/catch.h"

using namespace handgrad::app;

namespace {

using Values = std::vector<double>;

}  // namespace

TEST_CASE("A running mean takes what there is", "[plots]") {
  CHECK(running_mean({2, 4, 6, 8}, 2) == Values{2, 3, 5, 7});
  CHECK(running_mean({2, 4}, 10) == Values{2, 3});
  CHECK(running_mean({}, 3).empty());
}

TEST_CASE("A running mean may begin with zeros, as the tutorial's does", "[plots]") {
  CHECK(running_mean_after_zeros({2, 4, 6, 8}, 3) == Values{0, 0, 4, 6});
  CHECK(running_mean_after_zeros({2, 4}, 100) == Values{0, 0});
}

TEST_CASE("A centred mean looks half a window back and half a window ahead", "[plots]") {
  // window 4: values[i - 2] up to values[i + 1]
  CHECK(centred_mean({4, 8, 12, 16, 20}, 4) == Values{6, 8, 10, 14, 16});
  CHECK(centred_mean_with_zeros({4, 8, 12, 16, 20}, 4) == Values{3, 6, 10, 14, 12});
}

TEST_CASE("Padded with zeros, a centred mean has at least a window of entries", "[plots]") {
  // max(M, N) entries: 2 values, a window of 4
  CHECK(centred_mean_with_zeros({4, 8}, 4) == Values{3, 3, 3, 2});
  const Values fifty = centred_mean_with_zeros(Values(10, 50.0), 50);
  REQUIRE(fifty.size() == 50);
  CHECK(fifty[0] == 10.0);  // (1/50) · ten values of 50
  CHECK(fifty[49] == 0.0);
}

TEST_CASE("Quantiles interpolate between order statistics", "[plots]") {
  CHECK(quantile({3, 1, 2}, 0.5) == 2.0);
  CHECK(quantile({1, 2, 3, 4}, 0.25) == 1.75);
  CHECK(quantile({5}, 0.9) == 5.0);
}
