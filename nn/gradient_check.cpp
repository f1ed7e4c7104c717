#include "gradient_check.h"

#include <algorithm>
#include <cmath>

#include "../core/buffer.h"

namespace handgrad::inline HANDGRAD_PRECISION {
namespace {

constexpr double kStep = sizeof(Real) == sizeof(double) ? 6e-6 : 5e-3;

/// f = Σ R ∘ Y, summed in double.
double weighted_sum(const std::vector<Real>& R, const std::vector<Real>& Y) {
  double sum = 0;
  for (std::size_t i = 0; i < Y.size(); ++i) sum += static_cast<double>(R[i]) * static_cast<double>(Y[i]);
  return sum;
}

}  // namespace

GradientCheck check_gradient(const std::function<double(ConstVector)>& f, Vector x, ConstVector analytic) {
  require(x.size() == analytic.size(), "one gradient an element: ", x.size(), " elements, ", analytic.size(), " gradients");
  GradientCheck result;
  double largest = 0;
  for (const Real a : analytic) {
    largest = std::max(largest, std::abs(static_cast<double>(a)));
    result.norm += static_cast<double>(a) * static_cast<double>(a);
  }
  result.norm = std::sqrt(result.norm);

  for (std::size_t i = 0; i < x.size(); ++i) {
    const Real here = x[i];
    const double h = kStep * std::max(1.0, std::abs(static_cast<double>(here)));
    x[i] = static_cast<Real>(static_cast<double>(here) + h);
    const double above = f(x), x_above = static_cast<double>(x[i]);
    x[i] = static_cast<Real>(static_cast<double>(here) - h);
    const double below = f(x), x_below = static_cast<double>(x[i]);
    x[i] = here;

    const double a = static_cast<double>(analytic[i]);
    const double n = (above - below) / (x_above - x_below);  // the step that was really made, after rounding
    const double scale = std::max({std::abs(a), std::abs(n), 1e-3 * largest});
    const double error = a == n ? 0 : std::abs(a - n) / scale;
    // Trap: NaN is larger than nothing and nothing is larger than NaN. The first one found stays the worst.
    if (std::isnan(error) ? !std::isnan(result.max_relative_error) : error > result.max_relative_error) {
      result.max_relative_error = error;
      result.worst = i;
      result.analytic = a;
      result.numeric = n;
    }
  }
  return result;
}

LayerCheck check_layer(Backend& backend, Layer& layer, ConstMatrix X, ConstVector parameters, Generator& random) {
  require(X.cols == layer.in_features(), "the layer takes rows of ", layer.in_features(), " features, got ", X.cols);
  require(static_cast<std::int64_t>(parameters.size()) == layer.parameter_count(), "the layer has ", layer.parameter_count(),
          " parameters, got ", parameters.size());
  const std::int64_t batch = X.rows, out = layer.out_features();
  Buffer<Real> x(backend, X.size()), dx(backend, X.size()), y(backend, batch * out), dy(backend, batch * out);
  Buffer<Real> p(backend, layer.parameter_count()), dp(backend, layer.parameter_count());
  layer.bind(p.span(), dp.span());

  std::vector<Real> host_x(X.flat().begin(), X.flat().end()), host_p(parameters.begin(), parameters.end());
  std::vector<Real> R(static_cast<std::size_t>(batch * out));
  for (Real& r : R) r = static_cast<Real>(random.uniform(-1, 1));

  const auto f = [&] {
    x.upload(host_x);
    p.upload(host_p);
    layer.forward(x.matrix(batch, X.cols), y.matrix(batch, out));
    return weighted_sum(R, y.to_host());
  };
  f();
  dy.upload(R);
  layer.backward(x.matrix(batch, X.cols), y.matrix(batch, out), dy.matrix(batch, out), dx.matrix(batch, X.cols));

  LayerCheck result;
  result.input = check_gradient([&](ConstVector) { return f(); }, host_x, dx.to_host());
  result.parameters = check_gradient([&](ConstVector) { return f(); }, host_p, dp.to_host());
  return result;
}

}  // namespace handgrad::inline HANDGRAD_PRECISION
