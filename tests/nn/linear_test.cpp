#include "nn/linear.h"

#include "tests/support/arrays.h"
#include "tests/support/catch.h"
#include "tests/support/error_message.h"

using namespace handgrad;

TEST_CASE("A linear layer has a weight [O, I] and a bias [O], in this order") {
  const auto backend = make_backend("reference");
  const Linear layer(*backend, 3, 2, Activation::relu);
  CHECK(layer.in_features() == 3);
  CHECK(layer.out_features() == 2);
  CHECK(layer.parameter_count() == 8);
  const std::vector<ParameterShape> shapes = layer.parameter_shapes();
  REQUIRE(shapes.size() == 2);
  CHECK(shapes[0].name == "weight");
  CHECK(shapes[0].shape == std::vector<std::int64_t>{2, 3});
  CHECK(shapes[1].name == "bias");
  CHECK(shapes[1].shape == std::vector<std::int64_t>{2});
}

TEST_CASE("A linear layer counts as one module, with its activation as two") {
  const auto backend = make_backend("reference");
  CHECK(Linear(*backend, 1, 1).module_count() == 1);
  CHECK(Linear(*backend, 1, 1, Activation::relu).module_count() == 2);
  CHECK(Linear(*backend, 1, 1, Activation::tanh).module_count() == 2);
}

TEST_CASE("A linear layer works on the arrays it is bound to and overwrites its gradients") {
  const auto backend = make_backend(GENERATE(from_range(every_backend())));
  Linear layer(*backend, 2, 1);
  auto parameters = on(*backend, {3, -1, 0.5}), gradients = on(*backend, {9, 9, 9});
  layer.bind(parameters.span(), gradients.span());
  const auto X = on(*backend, {1, 2, 4, 0});
  auto dX = on(*backend, {9, 9, 9, 9}), Y = on(*backend, {9, 9});
  for (int twice = 0; twice < 2; ++twice) {  // a second time gives the same: nothing adds up
    layer.forward(X.matrix(2, 2), Y.matrix(2, 1));
    CHECK(Y.to_host() == std::vector<Real>{1.5, 12.5});
    auto dY = on(*backend, {1, -2});
    layer.backward(X.matrix(2, 2), Y.matrix(2, 1), dY.matrix(2, 1), dX.matrix(2, 2));
    CHECK(gradients.to_host() == std::vector<Real>{1 - 8, 2, -1});
    CHECK(dX.to_host() == std::vector<Real>{3, -1, -6, 2});
  }
}

TEST_CASE("A linear layer for inference is bound without gradients") {
  const auto backend = make_backend("reference");
  Linear layer(*backend, 1, 1);
  auto parameters = on(*backend, {2, 1}), Y = on(*backend, {0});
  layer.bind(parameters.span(), {});
  layer.forward(on(*backend, {5}).matrix(1, 1), Y.matrix(1, 1));
  CHECK(Y.to_host() == std::vector<Real>{11});
}

TEST_CASE("A linear layer draws its initial values as its initialisation says, orthogonal ones with the activation's gain") {
  const auto backend = make_backend("reference");
  const Initialization kind = GENERATE(Initialization::pytorch, Initialization::orthogonal, Initialization::he_normal);
  std::vector<Real> got(12), weights(9), bias(3);
  Generator random(3), again(3);
  Linear(*backend, 3, 3, Activation::tanh, kind).initialize(got, random);
  initialize(kind, {weights.data(), 3, 3}, bias, again, activation_gain(Activation::tanh));
  CHECK(same_bits(std::vector<Real>(got.begin(), got.begin() + 9), weights));
  CHECK(same_bits(std::vector<Real>(got.begin() + 9, got.end()), bias));
}

TEST_CASE("A linear layer without inputs or outputs is refused") {
  const auto backend = make_backend("reference");
  CHECK(error_message([&] { Linear(*backend, 0, 2); }) ==
        "a linear layer needs at least one input and one output, got 0 and 2");
  CHECK(error_message([&] { Linear(*backend, 2, -1); }) ==
        "a linear layer needs at least one input and one output, got 2 and -1");
}
