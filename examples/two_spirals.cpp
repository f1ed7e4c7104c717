// Classification: two spirals wound into each other. One output a class, trained towards 1 for the right one and -1 for the
// other with mean squared error; the larger output is the answer. (Cross-entropy is the usual loss for this; handgrad has the
// losses of reinforcement learning, and squared error on such targets finds the same boundary here.)
#include <handgrad/core/backends.h>
#include <handgrad/nn/loss.h>
#include <handgrad/nn/mlp.h>
#include <handgrad/nn/optimizer.h>

#include <cmath>
#include <cstdio>
#include <vector>

using namespace handgrad;

namespace {

constexpr std::int64_t kClasses = 2, kTrain = 400, kTest = 400;

struct Points {
  std::vector<Real> xy;               // [n, 2]
  std::vector<std::int32_t> classes;  // [n]
};

/// Class c is the spiral that begins at angle c·π: one and a half turns, with a little noise.
Points spirals(std::int64_t n, Generator& random) {
  constexpr double kPi = 3.141592653589793;
  Points points;
  for (std::int64_t i = 0; i < n; ++i) {
    const auto c = static_cast<std::int32_t>(i % kClasses);
    const double along = random.random(), angle = 3 * kPi * along + c * kPi, radius = 0.1 + 0.9 * along;
    points.xy.push_back(static_cast<Real>(radius * std::cos(angle) + 0.02 * random.normal()));
    points.xy.push_back(static_cast<Real>(radius * std::sin(angle) + 0.02 * random.normal()));
    points.classes.push_back(c);
  }
  return points;
}

/// The share of points whose largest output is that of their class.
double accuracy(Network& network, const Points& points) {
  Backend& backend = network.backend();
  const auto n = static_cast<std::int64_t>(points.classes.size());
  Buffer<Real> X(backend, 2 * n);
  Buffer<std::int32_t> answers(backend, n);
  X.upload(points.xy);
  backend.argmax(network.forward(X.matrix(n, 2)), answers.span());
  const std::vector<std::int32_t> given = answers.to_host();
  double right = 0;
  for (std::size_t i = 0; i < given.size(); ++i) right += given[i] == points.classes[i] ? 1 : 0;
  return right / static_cast<double>(n);
}

}  // namespace

int main() {
  Generator random(1);
  const Points train = spirals(kTrain, random), test = spirals(kTest, random);
  std::vector<Real> targets;  // [n, classes]
  for (const std::int32_t c : train.classes) {
    for (std::int32_t k = 0; k < kClasses; ++k) targets.push_back(k == c ? 1 : -1);
  }

  const auto backend = make_backend(default_backend());
  Network network = make_mlp(*backend, {{2, 32, 32, kClasses}, Activation::tanh}, kTrain);
  network.initialize(random);
  Optimizer adam(*backend, {.lr = 1e-2}, network.parameter_count());
  Loss mse(*backend, {LossKind::mse});
  Buffer<Real> X(*backend, 2 * kTrain), T(*backend, kTrain * kClasses), dY(*backend, kTrain * kClasses);
  X.upload(train.xy), T.upload(targets);

  for (int epoch = 0; epoch <= 1000; ++epoch) {
    if (epoch % 200 == 0) {
      std::printf("epoch %4d   right on seen points %5.1f %%, on others %5.1f %%\n", epoch, 100 * accuracy(network, train),
                  100 * accuracy(network, test));
    }
    mse.full(network.forward(X.matrix(kTrain, 2)), T.matrix(kTrain, kClasses), {}, dY.matrix(kTrain, kClasses));
    network.backward(dY.matrix(kTrain, kClasses));
    adam.step(network.parameters(), network.gradients());
  }
  return accuracy(network, test) > 0.97 ? 0 : 1;
}
