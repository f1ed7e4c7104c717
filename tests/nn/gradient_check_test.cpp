#include "nn/gradient_check.h"

#include <limits>

#include "nn/linear.h"
#include "tests/support/arrays.h"
#include "tests/support/catch.h"

using namespace handgrad;

namespace {

constexpr double kAllowed = kIsDouble ? 1e-7 : 2e-2;
constexpr double kCaught = 0.1;

/// A linear layer whose backward is wrong in one place.
class WrongLinear : public Linear {
 public:
  enum class Mistake { none, sign_of_dX, sign_of_one_weight, forgotten_bias, forgotten_slope };
  WrongLinear(Backend& backend, std::int64_t in, std::int64_t out, Activation f, Mistake mistake)
      : Linear(backend, in, out, f), backend_(backend), plain_(backend, in, out), mistake_(mistake) {}

  void bind(Vector parameters, Vector gradients) override {
    Linear::bind(parameters, gradients);
    plain_.bind(parameters, gradients);
    gradients_ = gradients;
  }
  void backward(ConstMatrix X, ConstMatrix Y, Matrix dY, Matrix dX) override {
    if (mistake_ == Mistake::forgotten_slope) {
      plain_.backward(X, Y, dY, dX);
    } else {
      Linear::backward(X, Y, dY, dX);
    }
    if (mistake_ == Mistake::sign_of_dX) scale(dX.flat(), -1);
    if (mistake_ == Mistake::sign_of_one_weight) scale(gradients_.subspan(1, 1), -1);
    if (mistake_ == Mistake::forgotten_bias) scale(gradients_.last(1), 0);
  }

 private:
  void scale(Vector x, Real factor) {
    std::vector<Real> host = to_host(backend_, x);
    for (Real& value : host) value *= factor;
    backend_.upload(x.data(), host.data(), x.size_bytes());
  }
  Backend& backend_;
  Linear plain_;
  Mistake mistake_;
  Vector gradients_;
};

LayerCheck check(Activation f, WrongLinear::Mistake mistake, const std::string& name = "reference") {
  const auto backend = make_backend(name);
  constexpr std::int64_t B = 4, I = 3, O = 2;
  // Inputs and weights keep every pre-activation at least 0.1 away from relu's kink.
  std::vector<Real> x{1, 0.5, -0.25, -1, 0.75, 0.5, 0.25, -0.5, 1, -0.75, -1, -0.5};
  const std::vector<Real> p{0.5, -0.25, 0.75, -0.5, 1, 0.25, 0.125, -0.375};
  WrongLinear layer(*backend, I, O, f, mistake);
  Generator random(12);
  return check_layer(*backend, layer, {x.data(), B, I}, p, random);
}

}  // namespace

TEST_CASE("A right backward pass agrees with finite differences, and is not zero") {
  const auto name = GENERATE(as<std::string>{}, "reference", default_backend(), "unreadable");
  const Activation f = GENERATE(Activation::none, Activation::relu, Activation::tanh);
  const LayerCheck result = check(f, WrongLinear::Mistake::none, name);
  INFO("parameter " << result.parameters.worst << ": " << result.parameters.analytic << " and " << result.parameters.numeric);
  CHECK(result.input.max_relative_error < kAllowed);
  CHECK(result.parameters.max_relative_error < kAllowed);
  CHECK(result.input.norm > 0.1);
  CHECK(result.parameters.norm > 0.1);
}

TEST_CASE("A wrong sign in dX is caught") {
  const LayerCheck result = check(Activation::tanh, WrongLinear::Mistake::sign_of_dX);
  CHECK(result.input.max_relative_error > 1.9);
  CHECK(result.parameters.max_relative_error < kAllowed);
}

TEST_CASE("A wrong sign of a single weight's gradient is caught and named") {
  const LayerCheck result = check(Activation::relu, WrongLinear::Mistake::sign_of_one_weight);
  CHECK(result.input.max_relative_error < kAllowed);
  CHECK(result.parameters.max_relative_error > 1.9);
  CHECK(result.parameters.worst == 1);
  CHECK(result.parameters.analytic == Approx(-result.parameters.numeric).epsilon(0.02));
}

TEST_CASE("A forgotten bias gradient is caught") {
  const LayerCheck result = check(Activation::none, WrongLinear::Mistake::forgotten_bias);
  CHECK(result.parameters.max_relative_error > kCaught);
  CHECK(result.parameters.worst == 7);
}

TEST_CASE("A forgotten slope of the activation is caught") {
  for (const Activation f : {Activation::relu, Activation::tanh}) {
    const LayerCheck result = check(f, WrongLinear::Mistake::forgotten_slope);
    CHECK(result.input.max_relative_error > kCaught);
    CHECK(result.parameters.max_relative_error > kCaught);
  }
}

TEST_CASE("A check of an all-zero gradient says so") {
  std::vector<Real> x(3, 1), zero(3);
  const GradientCheck result = check_gradient([](ConstVector) { return 7.0; }, x, zero);
  CHECK(result.max_relative_error == 0);
  CHECK(result.norm == 0);
}

// Story: a NaN was larger than nothing and nothing was larger than it, so the next element's small error took its place.
TEST_CASE("A gradient that is NaN or infinite does not pass for right") {
  const Real odd = GENERATE(std::numeric_limits<Real>::quiet_NaN(), std::numeric_limits<Real>::infinity());
  const std::size_t place = GENERATE(0U, 1U, 2U);
  std::vector<Real> x(3, 1), analytic(3, 2);
  analytic[place] = odd;
  const auto sum_of_squares = [](ConstVector v) {
    double sum = 0;
    for (const Real value : v) sum += static_cast<double>(value) * static_cast<double>(value);
    return sum;
  };
  const GradientCheck result = check_gradient(sum_of_squares, x, analytic);
  CHECK(!(result.max_relative_error < kCaught));
  CHECK(result.worst == place);
}

TEST_CASE("A function that becomes NaN does not pass either") {
  std::vector<Real> x{0, 1};
  const std::vector<Real> analytic{1, 1};
  const GradientCheck result =
      check_gradient([](ConstVector v) { return v[0] < 0 ? std::nan("") : static_cast<double>(v[0] + v[1]); }, x, analytic);
  CHECK(std::isnan(result.max_relative_error));
  CHECK(result.worst == 0);
}

TEST_CASE("A gradient check leaves its input as it was") {
  std::vector<Real> x{Real(0.1), Real(-1e6), Real(3)};
  const std::vector<Real> before = x;
  check_gradient([](ConstVector v) { return static_cast<double>(v[0]); }, x, std::vector<Real>{1, 0, 0});
  CHECK(same_bits(x, before));
}
