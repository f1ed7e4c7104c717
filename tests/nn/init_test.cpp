#include "nn/init.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "core/error.h"
#include "tests/support/catch.h"
#include "tests/support/error_message.h"

using namespace handgrad;

namespace {

/// A layer's host arrays, full of what must be overwritten.
struct Layer {
  std::int64_t rows, cols;
  std::vector<Real> weights, bias;

  Layer(std::int64_t rows_, std::int64_t cols_)
      : rows(rows_),
        cols(cols_),
        weights(static_cast<std::size_t>(rows * cols), Real(777)),
        bias(static_cast<std::size_t>(rows), Real(777)) {}
  Matrix W() { return {weights.data(), rows, cols}; }
};

Layer initialized(Initialization kind, std::int64_t rows, std::int64_t cols, std::uint64_t seed, double gain = 1.0) {
  Layer layer(rows, cols);
  Generator random(seed);
  initialize(kind, layer.W(), layer.bias, random, gain);
  return layer;
}

bool all_zero(const std::vector<Real>& values) {
  return std::ranges::all_of(values, [](Real value) { return value == Real(0); });
}

/// n samples of a distribution with mean 0 and deviation s have these moments within five standard errors.
void check_moments(const std::vector<Real>& samples, double s) {
  const auto n = static_cast<double>(samples.size());
  double sum = 0.0, squares = 0.0;
  for (const Real x : samples) {
    sum += x;
    squares += static_cast<double>(x) * x;
  }
  CHECK(std::abs(sum / n) < 5.0 * s / std::sqrt(n));
  CHECK(std::abs(std::sqrt(squares / n) - s) < 5.0 * s / std::sqrt(2.0 * n));
}

/// Excess-free fourth moment over the squared second: 3 for a normal, 9/5 for a uniform distribution.
double kurtosis(const std::vector<Real>& samples) {
  double squares = 0.0, fourths = 0.0;
  for (const double x : samples) {
    squares += x * x;
    fourths += x * x * x * x;
  }
  return fourths * static_cast<double>(samples.size()) / (squares * squares);
}

/// The largest |(M Mᵀ - g² I)_ij|, M being W or, if there are more rows than columns, its transpose.
double orthogonality_error(Layer& layer, double gain) {
  const Matrix W = layer.W();
  const bool wide = W.rows <= W.cols;
  const std::int64_t vectors = std::min(W.rows, W.cols), length = std::max(W.rows, W.cols);
  double worst = 0.0;
  for (std::int64_t a = 0; a < vectors; ++a) {
    for (std::int64_t b = 0; b < vectors; ++b) {
      double dot = 0.0;
      for (std::int64_t k = 0; k < length; ++k) {
        dot += wide ? static_cast<double>(W(a, k)) * W(b, k) : static_cast<double>(W(k, a)) * W(k, b);
      }
      worst = std::max(worst, std::abs(dot - (a == b ? gain * gain : 0.0)));
    }
  }
  return worst;
}

constexpr double kTolerance = sizeof(Real) == sizeof(float) ? 1e-6 : 1e-13;
constexpr Initialization kAll[] = {Initialization::pytorch,    Initialization::glorot_uniform, Initialization::glorot_normal,
                                   Initialization::he_uniform, Initialization::he_normal,      Initialization::orthogonal,
                                   Initialization::zero};

}  // namespace

// The golden case init.scales: half-widths and deviations by weight shape.
TEST_CASE("the scales of initialisers are PyTorch's", "[init]") {
  struct Row {
    std::int64_t out, in;
    double pytorch, glorot_uniform, glorot_normal, he_uniform, he_normal;
  };
  for (const Row& row : {Row{16, 4, 0.5, 0.5477225575051661, 0.31622776601683794, 1.224744871391589, 0.7071067811865476},
                         Row{2, 16, 0.25, 0.5773502691896257, 0.3333333333333333, 0.6123724356957945, 0.3535533905932738},
                         Row{50, 100, 0.1, 0.2, 0.11547005383792516, 0.2449489742783178, 0.1414213562373095},
                         Row{64, 64, 0.125, 0.21650635094610965, 0.125, 0.30618621784789724, 0.1767766952966369}}) {
    CAPTURE(row.out, row.in);
    const auto close = [&](Initialization kind, double expected) {
      return std::abs(initialization_scale(kind, row.out, row.in) - expected) <= 1e-12 + 1e-9 * expected;
    };
    CHECK(close(Initialization::pytorch, row.pytorch));
    CHECK(close(Initialization::glorot_uniform, row.glorot_uniform));
    CHECK(close(Initialization::glorot_normal, row.glorot_normal));
    CHECK(close(Initialization::he_uniform, row.he_uniform));
    CHECK(close(Initialization::he_normal, row.he_normal));
  }
  CHECK(activation_gain(Activation::none) == 1.0);
  CHECK(std::abs(activation_gain(Activation::relu) - 1.4142135623730951) < 1e-12);
  CHECK(std::abs(activation_gain(Activation::tanh) - 1.6666666666666667) < 1e-12);
}

TEST_CASE("uniform initialisers fill their interval and never leave it", "[init]") {
  for (const Initialization kind : {Initialization::pytorch, Initialization::glorot_uniform, Initialization::he_uniform}) {
    CAPTURE(to_string(kind));
    const Layer layer = initialized(kind, 120, 80, 3);
    const double k = initialization_scale(kind, 120, 80);
    const auto [low, high] = std::ranges::minmax(layer.weights);
    CHECK(low >= static_cast<Real>(-k));
    CHECK(high <= static_cast<Real>(k));
    CHECK(low < -0.99 * k);
    CHECK(high > 0.99 * k);
    check_moments(layer.weights, k / std::sqrt(3.0));
    CHECK(std::abs(kurtosis(layer.weights) - 1.8) < 0.1);
  }
}

TEST_CASE("normal initialisers are normal and not truncated", "[init]") {
  for (const Initialization kind : {Initialization::glorot_normal, Initialization::he_normal}) {
    CAPTURE(to_string(kind));
    const Layer layer = initialized(kind, 80, 120, 3);
    const double s = initialization_scale(kind, 80, 120);
    check_moments(layer.weights, s);
    CHECK(std::abs(kurtosis(layer.weights) - 3.0) < 0.3);
    // 0.27 % of a normal distribution lie beyond three deviations: 26 of these.
    const auto beyond = std::ranges::count_if(layer.weights, [&](Real w) { return std::abs(w) > 3.0 * s; });
    CHECK(beyond > 5);
    CHECK(beyond < 60);
  }
}

TEST_CASE("only PyTorch's initialiser draws the bias, within the bound of the weights", "[init]") {
  for (const Initialization kind : kAll) {
    CAPTURE(to_string(kind));
    const Layer layer = initialized(kind, 2000, 4, 5);
    if (kind == Initialization::pytorch) {
      const double k = 0.5;
      CHECK(std::ranges::all_of(layer.bias, [&](Real b) { return std::abs(b) <= k; }));
      check_moments(layer.bias, k / std::sqrt(3.0));
    } else {
      CHECK(all_zero(layer.bias));
    }
    CHECK(all_zero(layer.weights) == (kind == Initialization::zero));
  }
}

TEST_CASE("the weights are drawn row by row and then the bias", "[init]") {
  Generator random(11);
  const Layer uniform = initialized(Initialization::pytorch, 3, 4, 11);
  for (const Real w : uniform.weights) CHECK(w == static_cast<Real>(random.uniform(-0.5, 0.5)));
  for (const Real b : uniform.bias) CHECK(b == static_cast<Real>(random.uniform(-0.5, 0.5)));

  Generator again(11);
  const Layer normal = initialized(Initialization::he_normal, 3, 8, 11);
  for (const Real w : normal.weights) CHECK(w == static_cast<Real>(0.5 * again.normal()));
}

TEST_CASE("an initialiser takes no more from its stream than it needs", "[init]") {
  Generator used(5), untouched(5);
  Layer layer(3, 4);
  initialize(Initialization::zero, layer.W(), layer.bias, used);
  CHECK(used.state() == untouched.state());
  initialize(Initialization::pytorch, layer.W(), {}, used);
  for (int i = 0; i < 12; ++i) untouched.random();
  CHECK(used.state() == untouched.state());
}

TEST_CASE("the same seed gives the same weights and another seed others", "[init]") {
  for (const Initialization kind : kAll) {
    CAPTURE(to_string(kind));
    const Layer layer = initialized(kind, 7, 5, 1);
    CHECK(layer.weights == initialized(kind, 7, 5, 1).weights);
    if (kind != Initialization::zero) CHECK(layer.weights != initialized(kind, 7, 5, 2).weights);
  }
}

TEST_CASE("orthogonal weights have orthogonal rows, or columns if there are more rows", "[init]") {
  for (const auto& [rows, cols] : {std::pair{64, 64}, {16, 64}, {64, 16}, {1, 9}, {9, 1}, {1, 1}, {2, 2}}) {
    for (const double gain : {1.0, std::sqrt(2.0), 0.01}) {
      CAPTURE(rows, cols, gain);
      Layer layer = initialized(Initialization::orthogonal, rows, cols, 4, gain);
      CHECK(orthogonality_error(layer, gain) < kTolerance * gain * gain * 3);
    }
  }
}

// One pass of Gram-Schmidt loses as many digits as the length that is left loses (seen in double alone).
TEST_CASE("orthogonal weights are orthogonal even where the rows drawn are almost parallel", "[init]") {
  Generator random(2);
  double worst = 0.0;
  for (int trial = 0; trial < 20'000; ++trial) {
    Layer layer(2, 2);
    initialize(Initialization::orthogonal, layer.W(), layer.bias, random);
    worst = std::max(worst, orthogonality_error(layer, 1.0));
  }
  CHECK(worst < 8.0 * std::numeric_limits<Real>::epsilon());
}

// Householder's QR without the correction of signs always gives the same sign here (Mezzadri 2007).
TEST_CASE("orthogonal weights are uniform: both signs and all directions are equally likely", "[init]") {
  Generator random(9);
  constexpr int kTrials = 4000;
  int positive = 0, turning = 0;
  std::vector<Real> angles, corners;
  for (int trial = 0; trial < kTrials; ++trial) {
    Layer one(1, 1), two(2, 2);
    initialize(Initialization::orthogonal, one.W(), one.bias, random);
    initialize(Initialization::orthogonal, two.W(), two.bias, random);
    positive += one.weights[0] > 0 ? 1 : 0;
    turning += two.weights[0] * two.weights[3] - two.weights[1] * two.weights[2] > 0 ? 1 : 0;
    angles.push_back(std::atan2(two.weights[1], two.weights[0]));
    corners.push_back(two.weights[3]);
  }
  const double five_deviations = 5.0 * std::sqrt(0.25 * kTrials);
  CHECK(std::abs(positive - kTrials / 2) < five_deviations);
  CHECK(std::abs(turning - kTrials / 2) < five_deviations);  // determinant +1: rotations, -1: reflections
  check_moments(angles, std::acos(-1.0) / std::sqrt(3.0));   // uniform on (-π, π)
  const double mean = std::accumulate(corners.begin(), corners.end(), 0.0) / kTrials;
  CHECK(std::abs(mean) < 5.0 * std::sqrt(0.5 / kTrials));  // the last corner too, which the correction decides
}

TEST_CASE("initialisers have names that are read back", "[init]") {
  for (const Initialization kind : kAll) CHECK(parse_initialization(std::string(to_string(kind))) == kind);
  CHECK(to_string(Initialization::he_uniform) == "he_uniform");
  const std::string message = error_message([] { parse_initialization("glorot_unifrom"); });
  CHECK(contains(message, "unknown initialization 'glorot_unifrom'; expected one of pytorch, glorot_uniform, "));
  CHECK(contains(message, "Did you mean 'glorot_uniform'?"));
  CHECK_THROWS_AS(parse_initialization(""), Error);
}

TEST_CASE("arrays that do not fit together are not initialised", "[init]") {
  Generator random(1);
  Layer layer(3, 4);
  const auto attempt = [&](Matrix W, Vector b, double gain) {
    return error_message([&] { initialize(Initialization::orthogonal, W, b, random, gain); });
  };
  CHECK(contains(attempt({}, {}, 1.0), "W is empty"));
  CHECK(contains(attempt({layer.weights.data(), 0, 4}, {}, 1.0), "found [0, 4]"));
  CHECK(contains(attempt(layer.W(), Vector(layer.bias).first(2), 1.0), "the bias has 2 elements; expected 3"));
  CHECK(contains(attempt(layer.W(), layer.bias, std::numeric_limits<double>::infinity()), "gain"));
  CHECK(contains(error_message([] { initialization_scale(Initialization::he_normal, 3, 0); }), "found [3, 0]"));
}
