// The 2-2-1 network of nn/README.md, number by number. All of them are dyadic fractions: float computes them exactly.

#include "nn/loss.h"
#include "nn/mlp.h"
#include "nn/optimizer.h"
#include "tests/support/arrays.h"
#include "tests/support/catch.h"

using namespace handgrad;

TEST_CASE("The worked example of nn/README.md comes out as it is written there") {
  const auto backend = make_backend(GENERATE(from_range(every_backend())));
  using Numbers = std::vector<Real>;
  const auto X = on(*backend, Numbers{1, 2, 2, -1}), T = on(*backend, Numbers{1, 4});
  auto layer1 = on(*backend, Numbers{0.5, 0.25, -1, 0.5, 0, 0.5}),
       layer2 = on(*backend, Numbers{2, -1, 0.5});  // W row by row, then b
  Buffer<Real> gradients1(*backend, 6), gradients2(*backend, 3);

  // Forward
  Linear first(*backend, 2, 2, Activation::relu), without_relu(*backend, 2, 2), second(*backend, 2, 1);
  first.bind(layer1.span(), gradients1.span());
  without_relu.bind(layer1.span(), {});
  second.bind(layer2.span(), gradients2.span());
  Buffer<Real> Z1(*backend, 4), Y1(*backend, 4), Y2(*backend, 2);
  without_relu.forward(X.matrix(2, 2), Z1.matrix(2, 2));
  CHECK(Z1.to_host() == Numbers{1, 0.5, 0.75, -2});
  first.forward(X.matrix(2, 2), Y1.matrix(2, 2));
  CHECK(Y1.to_host() == Numbers{1, 0.5, 0.75, 0});
  second.forward(Y1.matrix(2, 2), Y2.matrix(2, 1));
  CHECK(Y2.to_host() == Numbers{2, 2});

  // Loss
  Loss loss(*backend, {});
  Buffer<Real> dY2(*backend, 2), dY1(*backend, 4), dX(*backend, 4);
  loss.full(Y2.matrix(2, 1), T.matrix(2, 1), {}, dY2.matrix(2, 1));
  CHECK(loss.value() == 2.5);
  CHECK(dY2.to_host() == Numbers{1, -2});

  // Backward
  second.backward(Y1.matrix(2, 2), Y2.matrix(2, 1), dY2.matrix(2, 1), dY1.matrix(2, 2));
  CHECK(gradients2.to_host() == Numbers{-0.5, 0.5, -1});
  CHECK(dY1.to_host() == Numbers{2, -1, -4, 2});
  first.backward(X.matrix(2, 2), Y1.matrix(2, 2), dY1.matrix(2, 2), dX.matrix(2, 2));
  CHECK(dY1.to_host() == Numbers{2, -1, -4, 0});  // dZ1 by now
  CHECK(gradients1.to_host() == Numbers{-6, 8, -1, -2, -2, -1});
  CHECK(dX.to_host() == Numbers{2, 0, -2, -1});
}

TEST_CASE("The worked example's network takes one step of SGD and its loss falls") {
  const auto backend = make_backend(GENERATE(from_range(every_backend())));
  using Numbers = std::vector<Real>;
  Network network = make_mlp(*backend, {{2, 2, 1}, Activation::relu}, 2);
  network.set_parameters(Numbers{0.5, 0.25, -1, 0.5, 0, 0.5, 2, -1, 0.5});
  const auto X = on(*backend, Numbers{1, 2, 2, -1}), T = on(*backend, Numbers{1, 4});
  Buffer<Real> dY(*backend, 2), dX(*backend, 4);
  Loss loss(*backend, {});
  loss.full(network.forward(X.matrix(2, 2)), T.matrix(2, 1), {}, dY.matrix(2, 1));
  network.backward(dY.matrix(2, 1), dX.matrix(2, 2));
  CHECK(to_host(*backend, network.gradients()) == Numbers{-6, 8, -1, -2, -2, -1, -0.5, 0.5, -1});
  CHECK(dX.to_host() == Numbers{2, 0, -2, -1});

  OptimizerSpec sgd = default_spec(OptimizerKind::sgd);
  sgd.lr = 1.0 / 32;
  Optimizer optimizer(*backend, sgd, network.parameter_count());
  optimizer.step(network.parameters(), network.gradients());
  CHECK(network.parameters_to_host() == Numbers{0.6875, 0, -0.96875, 0.5625, 0.0625, 0.53125, 2.015625, -1.015625, 0.53125});
  const ConstMatrix Y = network.forward(X.matrix(2, 2));
  CHECK(to_host(*backend, Y) == Numbers{Real(1.3447265625), Real(3.4287109375)});
  loss.full(Y, T.matrix(2, 1), {}, dY.matrix(2, 1));
  CHECK(loss.value() == Approx(0.2226).margin(5e-5));
}
