#include "app/check/gradient_rows.h"

#include <algorithm>
#include <cmath>

#include "core/backends.h"
#include "core/buffer.h"
#include "core/random.h"
#include "nn/gradient_check.h"
#include "nn/linear.h"
#include "nn/loss.h"
#include "nn/mlp.h"

namespace handgrad::app {

namespace {

// Farther from a kink than any finite-difference step.
constexpr double kMargin = 1e-3;
constexpr std::uint64_t kSeed = 1;

std::vector<Real> draw(std::int64_t count, Generator& random, double low = -1, double high = 1) {
  std::vector<Real> values(static_cast<std::size_t>(count));
  for (Real& value : values) value = random.uniform(low, high);
  return values;
}

GradientRow row(const std::string& what, Backend& backend, double error, double norm) {
  // Written so that NaN fails.
  const bool ok = error <= kGradientTolerance && norm > 0 && std::isfinite(norm);
  return {what, std::string(backend.name()), error, norm, ok};
}

// Z = X Wᵀ + b by plain loops: X [B, I], parameters W [O, I] and then b [O]; Z [B, O].
std::vector<Real> pre_activations(ConstVector X, ConstVector parameters, std::size_t in, std::size_t out) {
  std::vector<Real> Z;
  for (std::size_t b = 0; b < X.size() / in; ++b) {
    for (std::size_t o = 0; o < out; ++o) {
      Real z = parameters[out * in + o];
      for (std::size_t i = 0; i < in; ++i) z += X[b * in + i] * parameters[o * in + i];
      Z.push_back(z);
    }
  }
  return Z;
}

// ReLU has its kink at 0, and passes nothing where all of Z is negative.
bool relu_is_smooth(const std::vector<Real>& Z) {
  const bool away = std::all_of(Z.begin(), Z.end(), [](Real z) { return std::abs(z) > kMargin; });
  return away && std::any_of(Z.begin(), Z.end(), [](Real z) { return z > 0; });
}

GradientRow linear_row(Backend& backend, Activation f, std::int64_t B, std::int64_t I, std::int64_t O) {
  Linear layer(backend, I, O, f);
  const auto is_smooth = [&](ConstVector X, ConstVector parameters) {
    if (f != Activation::relu) return true;
    return relu_is_smooth(pre_activations(X, parameters, static_cast<std::size_t>(I), static_cast<std::size_t>(O)));
  };
  return layer_row(text("linear ", to_string(f), ", ", B, " x ", I, " -> ", O), backend, layer, B, is_smooth);
}

// A whole network under a mean squared error: parameters and input.
class NetworkCheck {
 public:
  NetworkCheck(Backend& backend, const MlpSpec& spec, std::int64_t batch)
      : backend_(backend),
        spec_(spec),
        batch_(batch),
        network_(make_mlp(backend, spec, batch)),
        loss_(backend, {LossKind::mse, 1.0, Reduction::mean}),
        X_(backend, batch * spec.sizes.front()),
        target_(backend, batch * spec.sizes.back()),
        dY_(backend, batch * spec.sizes.back()),
        dX_(backend, batch * spec.sizes.front()) {}

  GradientRow run(const std::string& what) {
    Generator random(kSeed);
    std::vector<Real> X, parameters;
    do {
      X = draw(X_.size(), random);
      parameters = draw(network_.parameter_count(), random);
    } while (spec_.activation == Activation::relu && !is_smooth(X, parameters));
    target_.upload(draw(target_.size(), random));

    value(X, parameters);
    network_.backward(dY_.matrix(batch_, spec_.sizes.back()), dX_.matrix(batch_, spec_.sizes.front()));
    std::vector<Real> dparameters(parameters.size());
    backend_.download(dparameters.data(), network_.gradients().data(), dparameters.size() * sizeof(Real));
    const std::vector<Real> dX = dX_.to_host();

    const auto by_parameters = check_gradient([&](ConstVector p) { return value(X, p); }, parameters, dparameters);
    const auto by_input = check_gradient([&](ConstVector x) { return value(x, parameters); }, X, dX);
    return row(what, backend_, std::max(by_parameters.max_relative_error, by_input.max_relative_error),
               std::min(by_parameters.norm, by_input.norm));
  }

 private:
  double value(ConstVector X, ConstVector parameters) {
    X_.upload(X);
    network_.set_parameters(parameters);
    const ConstMatrix Y = network_.forward(X_.matrix(batch_, spec_.sizes.front()));
    loss_.full(Y, target_.matrix(batch_, spec_.sizes.back()), {}, dY_.matrix(batch_, spec_.sizes.back()));
    return loss_.value();
  }

  // Layer by layer, hidden layers only: the last has no kink.
  bool is_smooth(std::vector<Real> activations, ConstVector parameters) const {
    for (std::size_t layer = 0; layer + 2 < spec_.sizes.size(); ++layer) {
      const auto in = static_cast<std::size_t>(spec_.sizes[layer]), out = static_cast<std::size_t>(spec_.sizes[layer + 1]);
      activations = pre_activations(activations, parameters.first((in + 1) * out), in, out);
      if (!relu_is_smooth(activations)) return false;
      for (Real& z : activations) z = std::max(z, Real{0});
      parameters = parameters.subspan((in + 1) * out);
    }
    return true;
  }

  Backend& backend_;
  MlpSpec spec_;
  std::int64_t batch_;
  Network network_;
  Loss loss_;
  Buffer<Real> X_, target_, dY_, dX_;
};

GradientRow network_row(Backend& backend, std::vector<std::int64_t> sizes, Activation f, std::int64_t batch) {
  std::string what = text("network ", to_string(f), ", ", batch, " x ");
  for (const auto size : sizes) what += (size == sizes.front() && what.back() == ' ' ? "" : "-") + std::to_string(size);
  return NetworkCheck(backend, {std::move(sizes), f, Initialization::pytorch}, batch).run(what);
}

// The slope of a loss with respect to the prediction [B, O], on the whole output or on one selected element a row.
GradientRow loss_row(Backend& backend, const LossSpec& spec, bool weighted, bool selected) {
  constexpr std::int64_t B = 7, O = 3;
  Generator random(kSeed);
  Loss loss(backend, spec);
  Buffer<Real> Y(backend, B * O), dY(backend, B * O), target(backend, selected ? B : B * O), weight(backend, B),
      td(backend, B);
  Buffer<std::int32_t> action(backend, B);
  // Three times delta on either side, so that both branches of the Huber losses are taken.
  std::vector<Real> host_Y = draw(B * O, random, -1.5, 1.5);
  target.upload(draw(target.size(), random, -1.5, 1.5));
  weight.upload(draw(B, random, 0.25, 2));
  action.upload(std::vector<std::int32_t>{0, 1, 2, 2, 0, 1, 0});
  const ConstVector weights = weighted ? ConstVector(weight.span()) : ConstVector{};

  const auto value = [&](ConstVector y) {
    Y.upload(y);
    if (selected) {
      loss.selected(Y.matrix(B, O), action.span(), target.span(), weights, dY.matrix(B, O), td.span());
    } else {
      loss.full(Y.matrix(B, O), target.matrix(B, O), weights, dY.matrix(B, O));
    }
    return loss.value();
  };
  value(host_Y);
  const std::vector<Real> analytic = dY.to_host();
  const GradientCheck check = check_gradient(value, host_Y, analytic);
  const std::string what = text("loss ", to_string(spec.kind), ", ", to_string(spec.reduction), weighted ? ", weighted" : "",
                                selected ? ", selected actions" : ", whole output");
  return row(what, backend, check.max_relative_error, check.norm);
}

}  // namespace

GradientRow layer_row(const std::string& what, Backend& backend, Layer& layer, std::int64_t batch,
                      const std::function<bool(ConstVector, ConstVector)>& is_smooth) {
  Generator random(kSeed);
  std::vector<Real> X, parameters;
  do {
    X = draw(batch * layer.in_features(), random);
    parameters = draw(layer.parameter_count(), random);
  } while (!is_smooth(X, parameters));
  const LayerCheck check = check_layer(backend, layer, {X.data(), batch, layer.in_features()}, parameters, random);
  const double error = std::max(check.input.max_relative_error, check.parameters.max_relative_error);
  const double norm = parameters.empty() ? check.input.norm : std::min(check.input.norm, check.parameters.norm);
  return row(what, backend, error, norm);
}

std::vector<std::string> gradient_backends() { return computing_backends(); }

std::vector<GradientRow> gradient_table(const std::string& backend_name) {
  const auto backend = make_backend(backend_name);
  std::vector<GradientRow> rows;
  for (const Activation f : {Activation::none, Activation::relu, Activation::tanh}) {
    rows.push_back(linear_row(*backend, f, 1, 1, 1));
    rows.push_back(linear_row(*backend, f, 5, 3, 7));
    rows.push_back(linear_row(*backend, f, 8, 17, 9));
  }
  for (const Activation f : {Activation::relu, Activation::tanh}) {
    rows.push_back(network_row(*backend, {4, 16, 16, 2}, f, 6));
    rows.push_back(network_row(*backend, {3, 7, 5, 11, 6, 1}, f, 5));
  }
  for (const LossKind kind : {LossKind::mse, LossKind::huber, LossKind::smooth_l1}) {
    for (const Reduction reduction : {Reduction::mean, Reduction::sum}) {
      for (const bool weighted : {false, true}) {
        for (const bool selected : {false, true})
          rows.push_back(loss_row(*backend, {kind, 0.5, reduction}, weighted, selected));
      }
    }
  }
  return rows;
}

}  // namespace handgrad::app
