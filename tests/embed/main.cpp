// A program of somebody who uses handgrad: a network that learns sin(x) on [-3, 3].
#include <handgrad/core/backends.h>
#include <handgrad/nn/loss.h>
#include <handgrad/nn/mlp.h>
#include <handgrad/nn/optimizer.h>
#include <cmath>
#include <cstdio>
using namespace handgrad;

int main() {
  constexpr int B = 64;
  std::vector<Real> x(B), y(B);
  for (std::size_t i = 0; i < B; ++i) y[i] = std::sin(x[i] = -3 + 6 * static_cast<Real>(i) / (B - 1));
  const auto backend = make_backend(default_backend());
  Network network = make_mlp(*backend, {{1, 32, 32, 1}, Activation::tanh}, B);
  Generator random(1);
  network.initialize(random);
  Optimizer adam(*backend, {.lr = 1e-2}, network.parameter_count());
  Loss mse(*backend, {LossKind::mse});
  Buffer<Real> X(*backend, B), T(*backend, B), dY(*backend, B);
  X.upload(x), T.upload(y);
  for (int step = 0; step < 1000; ++step) {
    mse.full(network.forward(X.matrix(B, 1)), T.matrix(B, 1), {}, dY.matrix(B, 1));
    network.backward(dY.matrix(B, 1));
    adam.step(network.parameters(), network.gradients());
  }
  std::printf("mean squared error after 1000 steps: %.2g\n", mse.value());
  return mse.value() < 1e-3 ? 0 : 1;
}
