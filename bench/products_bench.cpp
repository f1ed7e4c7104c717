// Linear layers forward and backward, in every shape class of value learning:
//
//   linear_forward/BACKEND/B/I/O          a batch of B rows through a layer of I inputs and O outputs, ReLU
//   linear_backward/BACKEND/B/I/O         its three gradients
//   layer_forward/CONFIGURATION/k/BACKEND    layer k of a measured train step, with its activation
//   layer_backward/CONFIGURATION/k/BACKEND   the same backward: the first layer has no dX

#include <set>
#include <tuple>

#include "app/bench/train_step.h"
#include "suite.h"

using namespace handgrad;

namespace {

struct Shape {
  std::int64_t B, I, O;

  double flops() const { return 2.0 * static_cast<double>(B * I * O); }
  std::string text() const { return std::to_string(B) + "/" + std::to_string(I) + "/" + std::to_string(O); }
  bool operator<(const Shape& other) const { return std::tie(B, I, O) < std::tie(other.B, other.I, other.O); }
};

void forward(benchmark::State& state, const std::string& name, Shape s, Activation f) {
  const auto backend = make_backend(name);
  auto X = random_buffer(*backend, s.B * s.I), W = random_buffer(*backend, s.O * s.I), b = random_buffer(*backend, s.O);
  Buffer<Real> Y(*backend, s.B * s.O);
  measure(state, *backend, s.flops(),
          [&] { backend->linear_forward(X.matrix(s.B, s.I), W.matrix(s.O, s.I), b.span(), f, Y.matrix(s.B, s.O)); });
}

void backward(benchmark::State& state, const std::string& name, Shape s, Activation f, bool first) {
  const auto backend = make_backend(name);
  auto X = random_buffer(*backend, s.B * s.I), W = random_buffer(*backend, s.O * s.I), Y = random_buffer(*backend, s.B * s.O);
  // dY is consumed, but the masked gradient masked again is the same: it need not be renewed.
  auto dY = random_buffer(*backend, s.B * s.O);
  Buffer<Real> dX(*backend, s.B * s.I), dW(*backend, s.O * s.I), db(*backend, s.O);
  measure(state, *backend, (first ? 1 : 2) * s.flops(), [&] {
    backend->linear_backward(X.matrix(s.B, s.I), W.matrix(s.O, s.I), Y.matrix(s.B, s.O), f, dY.matrix(s.B, s.O),
                             first ? Matrix{} : dX.matrix(s.B, s.I), dW.matrix(s.O, s.I), db.span());
  });
}

/// Batches on middling and on small layers, widths from the narrowest to the widest, acting with a batch of one.
std::set<Shape> shape_classes() {
  std::set<Shape> shapes;
  for (const std::int64_t B : {1, 32, 64, 128, 512}) {
    shapes.insert({B, 128, 128});
    shapes.insert({B, 16, 16});
    shapes.insert({B, 4, 64});
    shapes.insert({B, 64, 2});
  }
  for (const std::int64_t width : {2, 4, 16, 50, 64, 84, 100, 120, 128, 256, 512}) shapes.insert({64, width, width});
  return shapes;
}

void register_shapes() {
  for (const Shape& shape : shape_classes()) {
    for (const std::string& backend : backends_for(2 * shape.flops())) {
      const std::string end = "/" + backend + "/" + shape.text();
      benchmark::RegisterBenchmark(("linear_forward" + end).c_str(), forward, backend, shape, Activation::relu);
      benchmark::RegisterBenchmark(("linear_backward" + end).c_str(), backward, backend, shape, Activation::relu, false);
    }
  }
}

void register_layers() {
  for (const auto& configuration : app::train_step_configurations()) {
    const std::vector<std::int64_t> sizes = configuration.sizes();
    for (std::size_t k = 0; k + 1 < sizes.size(); ++k) {
      const Shape shape{configuration.dqn.batch_size, sizes[k], sizes[k + 1]};
      const Activation f = k + 2 < sizes.size() ? configuration.dqn.activation : Activation::none;
      for (const std::string& backend : backends_for(2 * shape.flops())) {
        const std::string end = "/" + configuration.name + "/" + std::to_string(k) + "/" + backend;
        benchmark::RegisterBenchmark(("layer_forward" + end).c_str(), forward, backend, shape, f);
        benchmark::RegisterBenchmark(("layer_backward" + end).c_str(), backward, backend, shape, f, k == 0);
      }
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  register_shapes();
  register_layers();
  return run_registered(argc, argv);
}
