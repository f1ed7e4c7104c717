// Regression: a network learns a sine from noisy points, and is judged on points that it has not seen.
#include <handgrad/core/backends.h>
#include <handgrad/nn/loss.h>
#include <handgrad/nn/mlp.h>
#include <handgrad/nn/optimizer.h>

#include <cmath>
#include <cstdio>
#include <vector>

using namespace handgrad;

namespace {

constexpr std::int64_t kTrain = 256, kTest = 128, kBatch = 32;
constexpr double kNoise = 0.1;  // standard deviation

struct Points {
  std::vector<Real> x, y;
};

Points noisy_sine(std::int64_t n, Generator& random) {
  Points points;
  for (std::int64_t i = 0; i < n; ++i) {
    const double x = random.uniform(-3, 3);
    points.x.push_back(static_cast<Real>(x));
    points.y.push_back(static_cast<Real>(std::sin(2 * x) + kNoise * random.normal()));
  }
  return points;
}

/// Mean squared error of the network on all points, without learning from them.
double error_on(Network& network, const Points& points) {
  Backend& backend = network.backend();
  const auto n = static_cast<std::int64_t>(points.x.size());
  Buffer<Real> X(backend, n), T(backend, n), unused(backend, n);
  X.upload(points.x), T.upload(points.y);
  Loss mse(backend, {LossKind::mse});
  mse.full(network.forward(X.matrix(n, 1)), T.matrix(n, 1), {}, unused.matrix(n, 1));
  return mse.value();
}

}  // namespace

int main() {
  Generator random(1);
  const Points train = noisy_sine(kTrain, random), test = noisy_sine(kTest, random);

  const auto backend = make_backend(default_backend());
  Network network = make_mlp(*backend, {{1, 32, 32, 1}, Activation::tanh}, kTrain);
  network.initialize(random);
  Optimizer adam(*backend, {.lr = 5e-3}, network.parameter_count());
  Loss mse(*backend, {LossKind::mse});

  Buffer<Real> X(*backend, kBatch), T(*backend, kBatch), dY(*backend, kBatch);
  std::vector<Real> x(kBatch), y(kBatch);
  for (int step = 0; step <= 3000; ++step) {
    if (step % 500 == 0) {
      std::printf("step %4d   error on seen points %.4f, on others %.4f\n", step, error_on(network, train),
                  error_on(network, test));
    }
    for (std::size_t i = 0; i < kBatch; ++i) {
      const auto k = static_cast<std::size_t>(random.integers(0, kTrain));
      x[i] = train.x[k], y[i] = train.y[k];
    }
    X.upload(x), T.upload(y);
    // dL/dY from the loss, dL/dθ from the backward pass, a step against it from the optimiser: that is training.
    mse.full(network.forward(X.matrix(kBatch, 1)), T.matrix(kBatch, 1), {}, dY.matrix(kBatch, 1));
    network.backward(dY.matrix(kBatch, 1));
    adam.step(network.parameters(), network.gradients());
  }
  // Nobody can predict the noise: its variance, 0.01, is the best there is.
  return error_on(network, test) < 0.02 ? 0 : 1;
}
