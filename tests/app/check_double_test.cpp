#include "app/check/gradient_rows.h"
#include "core/backends.h"
#include "nn/linear.h"
#include "tests/support/catch.h"

using namespace handgrad;
using namespace handgrad::app;

namespace {

/// A Linear layer whose backward has one mistake.
class BrokenLinear : public Linear {
 public:
  enum class Mistake { none, sign_of_dx, forgotten_dx };
  BrokenLinear(Backend& backend, Mistake mistake) : Linear(backend, 3, 4), backend_(backend), mistake_(mistake) {}

  void backward(ConstMatrix X, ConstMatrix Y, Matrix dY, Matrix dX) override {
    Linear::backward(X, Y, dY, dX);
    if (mistake_ == Mistake::sign_of_dx) {
      std::vector<Real> host(static_cast<std::size_t>(dX.size()));
      backend_.download(host.data(), dX.data, host.size() * sizeof(Real));
      for (Real& d : host) d = -d;
      backend_.upload(dX.data, host.data(), host.size() * sizeof(Real));
    }
    if (mistake_ == Mistake::forgotten_dx) backend_.fill(dX.flat(), 0);
  }

 private:
  Backend& backend_;
  Mistake mistake_;
};

GradientRow check(BrokenLinear::Mistake mistake) {
  const auto backend = make_backend("reference");
  BrokenLinear layer(*backend, mistake);
  return layer_row("a layer", *backend, layer, 5, [](ConstVector, ConstVector) { return true; });
}

}  // namespace

TEST_CASE("the gradient table shows a broken layer") {
  CHECK(check(BrokenLinear::Mistake::none).ok);
  const GradientRow sign = check(BrokenLinear::Mistake::sign_of_dx);
  CHECK_FALSE(sign.ok);
  CHECK(sign.max_relative_error > 1);
  const GradientRow forgotten = check(BrokenLinear::Mistake::forgotten_dx);
  CHECK_FALSE(forgotten.ok);
  CHECK(forgotten.norm == 0);
}

TEST_CASE("every row of both tables passes, on every backend and instruction set") {
  CHECK(gradient_backends() == computing_backends());  // this test sees handgrad in double
  for (const auto& backend : gradient_backends()) {
    for (const auto& row : gradient_table(backend)) {
      CAPTURE(row.backend, row.what, row.max_relative_error, row.norm);
      CHECK(row.ok);
    }
  }
  for (const auto& backend : operation_backends()) {
    for (const auto& row : operation_table(backend)) {
      CAPTURE(row.backend, row.operation, row.largest_difference);
      CHECK(row.ok);
    }
  }
}
