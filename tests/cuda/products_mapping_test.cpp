// A linear layer's products as column-major ones, computed on the host as they are written down, against the reference
// backend: with extents that all differ, a swapped extent, transposition or leading dimension gives other numbers.

#include <cstdio>

#include "core/reference_backend.h"
#include "cuda/products.h"
#include "tests/cuda/emulation/host_products.h"
#include "tests/support/arrays.h"
#include "tests/support/catch.h"

using namespace handgrad;
using namespace handgrad::cuda;

namespace {

using Epilogue = ColumnMajorProduct::Epilogue;

/// Operands of a layer, and what the reference makes of them.
struct Layer {
  std::int64_t B, I, O;
  std::vector<float> X, W, b, dZ;
  std::vector<float> Y = zeros(B * O), dW = zeros(O * I), db = zeros(O), dX = zeros(B * I);

  Layer(std::int64_t B_, std::int64_t I_, std::int64_t O_, Generator& random)
      : B(B_),
        I(I_),
        O(O_),
        X(random_reals(B * I, random)),
        W(random_reals(O * I, random)),
        b(random_reals(O, random)),
        dZ(random_reals(B * O, random)) {}

  static std::vector<float> zeros(std::int64_t n) { return std::vector<float>(static_cast<std::size_t>(n)); }
  static Matrix view(std::vector<float>& x, std::int64_t rows, std::int64_t cols) { return {x.data(), rows, cols}; }

  void by_reference(Activation f) {
    ReferenceBackend reference;
    reference.linear_forward(view(X, B, I), view(W, O, I), b, f, view(Y, B, O));
    std::vector<float> gradient = dZ;
    reference.linear_backward(view(X, B, I), view(W, O, I), view(Y, B, O), Activation::none, view(gradient, B, O),
                              view(dX, B, I), view(dW, O, I), db);
  }
  void by_products(Activation f) {
    multiply_on_host(forward_product(view(X, B, I), view(W, O, I), b, f, view(Y, B, O)));
    multiply_on_host(input_gradient_product(view(dZ, B, O), view(W, O, I), view(dX, B, I)));
    multiply_on_host(weight_gradient_product(view(dZ, B, O), view(X, B, I), view(dW, O, I), db));
  }
};

}  // namespace

TEST_CASE("The three products of a linear layer are what cuBLAS computes from their mapping") {
  Generator random(1);
  int cases = 0;
  for (const std::int64_t B : {1, 2, 31, 33, 257}) {
    for (const std::int64_t I : {1, 4, 33, 130}) {
      for (const std::int64_t O : {1, 2, 31, 64}) {
        Layer expected(B, I, O, random);
        Layer got = expected;
        const Activation f = ++cases % 2 == 0 ? Activation::relu : Activation::none;
        expected.by_reference(f);
        got.by_products(f);
        INFO(B << " x " << I << " -> " << O);
        CHECK(difference(got.Y, expected.Y, 1e-5, 1e-5) == "");
        CHECK(difference(got.dX, expected.dX, 1e-5, 1e-5) == "");
        CHECK(difference(got.dW, expected.dW, 1e-5, 1e-5) == "");
        CHECK(difference(got.db, expected.db, 1e-5, 1e-5) == "");
      }
    }
  }
  std::printf("products mapped to column-major ones: %d layers of three each\n", cases);
}

TEST_CASE("What is fused into a product is what the activation allows") {
  Generator random(2);
  Layer l(3, 4, 5, random);
  const auto forward = [&](Activation f) {
    return forward_product(Layer::view(l.X, 3, 4), Layer::view(l.W, 5, 4), l.b, f, Layer::view(l.Y, 3, 5));
  };
  CHECK(forward(Activation::none).epilogue == Epilogue::bias);
  CHECK(forward(Activation::relu).epilogue == Epilogue::relu_bias);
  CHECK(forward(Activation::tanh).epilogue == Epilogue::bias);  // tanh is left to do
  const auto weights = [&](Vector db) {
    return weight_gradient_product(Layer::view(l.dZ, 3, 5), Layer::view(l.X, 3, 4), Layer::view(l.dW, 5, 4), db);
  };
  CHECK(weights(l.db).epilogue == Epilogue::bias_gradient);
  CHECK(weights({}).epilogue == Epilogue::none);
}
