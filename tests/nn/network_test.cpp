#include "nn/network.h"

#include "nn/gradient_check.h"
#include "nn/mlp.h"
#include "tests/support/arrays.h"
#include "tests/support/catch.h"
#include "tests/support/error_message.h"

using namespace handgrad;

namespace {

std::vector<std::unique_ptr<Layer>> linear_layers(Backend& backend, const std::vector<std::int64_t>& sizes) {
  std::vector<std::unique_ptr<Layer>> layers;
  for (std::size_t k = 1; k < sizes.size(); ++k) layers.push_back(std::make_unique<Linear>(backend, sizes[k - 1], sizes[k]));
  return layers;
}

/// An MLP with random parameters, biases included.
Network random_mlp(Backend& backend, const MlpSpec& spec, std::int64_t max_batch, Generator& random) {
  Network network = make_mlp(backend, spec, max_batch);
  network.set_parameters(random_reals(network.parameter_count(), random));
  return network;
}

/// Y = X + 1: a layer without parameters.
class PlusOne : public Layer {
 public:
  PlusOne(Backend& backend, std::int64_t features) : backend_(backend), features_(features) {}
  std::int64_t in_features() const override { return features_; }
  std::int64_t out_features() const override { return features_; }
  void forward(ConstMatrix X, Matrix Y) override {
    backend_.fill(Y.flat(), 1);
    std::vector<Real> ones = to_host(backend_, Y), x = to_host(backend_, X);
    for (std::size_t i = 0; i < x.size(); ++i) ones[i] += x[i];
    backend_.upload(Y.data, ones.data(), ones.size() * sizeof(Real));
  }
  void backward(ConstMatrix, ConstMatrix, Matrix dY, Matrix dX) override {
    if (!dX.empty()) backend_.update_target(dY.flat(), 1, dX.flat());
  }

 private:
  Backend& backend_;
  std::int64_t features_;
};

}  // namespace

TEST_CASE("An MLP's parameters are named and laid out as in PyTorch's nn.Sequential") {
  const auto backend = make_backend("reference");
  const Network network = make_mlp(*backend, {{4, 3, 2}, Activation::relu}, 1);
  const auto& layout = network.layout();
  REQUIRE(layout.size() == 4);
  const std::vector<std::string> names = {"0.weight", "0.bias", "2.weight", "2.bias"};
  const std::vector<std::vector<std::int64_t>> shapes = {{3, 4}, {3}, {2, 3}, {2}};
  const std::vector<std::int64_t> offsets = {0, 12, 15, 21};
  for (std::size_t k = 0; k < 4; ++k) {
    CHECK(layout[k].name == names[k]);
    CHECK(layout[k].shape == shapes[k]);
    CHECK(layout[k].offset == offsets[k]);
  }
  CHECK(network.parameter_count() == 23);
  CHECK(make_mlp(*backend, {{4, 3, 2}, Activation::none}, 1).layout()[2].name == "1.weight");
}

TEST_CASE("A network computes layer after layer, on fewer rows than it has room for, too") {
  const auto backend = make_backend(GENERATE(from_range(every_backend())));
  Generator random(1);
  Network network = random_mlp(*backend, {{3, 5, 4, 2}, Activation::tanh}, 6, random);
  const auto X = on(*backend, random_reals(18, random));
  const std::vector<Real> all = to_host(*backend, network.forward(X.matrix(6, 3)));
  for (const std::int64_t B : {1, 2, 5}) {
    const ConstMatrix Y = network.forward(X.matrix(B, 3));
    CHECK(Y.rows == B);
    CHECK(Y.cols == 2);
    CHECK(difference(to_host(*backend, Y), std::vector<Real>(all.begin(), all.begin() + 2 * B)) == "");
  }
}

TEST_CASE("The gradients of a batch are the sums over its rows, however the batches change in size") {
  const auto backend = make_backend(GENERATE(from_range(every_backend())));
  Generator random(2);
  constexpr std::int64_t kBatch = 5;
  Network network =
      random_mlp(*backend, {{3, 8, 2, 4, 2}, Activation::relu}, 16, random);  // wide and narrow layers take turns
  const std::vector<Real> x = random_reals(kBatch * 3, random), r = random_reals(kBatch * 2, random);
  const auto X = on(*backend, x);
  Buffer<Real> dX(*backend, kBatch * 3), row_dX(*backend, 3);

  std::vector<double> sum(static_cast<std::size_t>(network.parameter_count()));
  std::vector<Real> rows;
  for (std::int64_t i = 0; i < kBatch; ++i) {
    network.forward({X.data() + 3 * i, 1, 3});
    auto dY = on(*backend, std::vector<Real>(r.begin() + 2 * i, r.begin() + 2 * i + 2));
    network.backward(dY.matrix(1, 2), row_dX.matrix(1, 3));
    const std::vector<Real> gradient = to_host(*backend, network.gradients());
    for (std::size_t k = 0; k < sum.size(); ++k) sum[k] += static_cast<double>(gradient[k]);
    for (const Real value : row_dX.to_host()) rows.push_back(value);
  }
  network.forward(X.matrix(kBatch, 3));
  auto dY = on(*backend, r);
  network.backward(dY.matrix(kBatch, 2), dX.matrix(kBatch, 3));
  CHECK(difference(to_host(*backend, network.gradients()), sum) == "");
  CHECK(difference(dX.to_host(), rows) == "");

  // Without dX the rest is the same.
  network.forward(X.matrix(kBatch, 3));
  auto once_more = on(*backend, r);
  network.backward(once_more.matrix(kBatch, 2));
  CHECK(difference(to_host(*backend, network.gradients()), sum) == "");
}

TEST_CASE("The gradients of whole networks agree with finite differences") {
  const auto backend = make_backend(GENERATE(as<std::string>{}, "reference", default_backend()));
  const Activation f = GENERATE(Activation::none, Activation::tanh);
  Generator random(4);
  Network network = random_mlp(*backend, {{3, 6, 5, 2}, f}, 4, random);
  std::vector<Real> x = random_reals(12, random), p = network.parameters_to_host();
  const std::vector<Real> r = random_reals(8, random);
  Buffer<Real> X(*backend, 12), dX(*backend, 12);
  const auto weighted_output = [&] {  // f = Σ r ∘ Y, so that dY = r
    X.upload(x);
    network.set_parameters(p);
    const std::vector<Real> y = to_host(*backend, network.forward(X.matrix(4, 3)));
    double sum = 0;
    for (std::size_t i = 0; i < y.size(); ++i) sum += static_cast<double>(r[i]) * static_cast<double>(y[i]);
    return sum;
  };
  weighted_output();
  auto dY = on(*backend, r);
  network.backward(dY.matrix(4, 2), dX.matrix(4, 3));
  const double allowed = kIsDouble ? 1e-7 : 2e-2;
  const GradientCheck parameters =
      check_gradient([&](ConstVector) { return weighted_output(); }, p, to_host(*backend, network.gradients()));
  const GradientCheck input = check_gradient([&](ConstVector) { return weighted_output(); }, x, dX.to_host());
  CHECK(parameters.max_relative_error < allowed);
  CHECK(parameters.norm > 0.1);
  CHECK(input.max_relative_error < allowed);
  CHECK(input.norm > 0.1);
}

TEST_CASE("A network of one layer hands dX straight through") {
  const auto backend = make_backend("reference");
  Network network = make_mlp(*backend, {{2, 1}}, 1);
  network.set_parameters(std::vector<Real>{3, 4, 5});
  const auto X = on(*backend, {1, 2});
  CHECK(to_host(*backend, network.forward(X.matrix(1, 2))) == std::vector<Real>{16});
  auto dY = on(*backend, {2}), dX = on(*backend, {0, 0});
  network.backward(dY.matrix(1, 1), dX.matrix(1, 2));
  CHECK(dX.to_host() == std::vector<Real>{6, 8});
  CHECK(to_host(*backend, network.gradients()) == std::vector<Real>{2, 4, 2});
}

TEST_CASE("A network takes layers of one's own, without parameters too") {
  const auto backend = make_backend(GENERATE(from_range(every_backend())));
  std::vector<std::unique_ptr<Layer>> layers;
  layers.push_back(std::make_unique<Linear>(*backend, 2, 2));
  layers.push_back(std::make_unique<PlusOne>(*backend, 2));
  layers.push_back(std::make_unique<Linear>(*backend, 2, 1));
  Network network(*backend, std::move(layers), 1);
  CHECK(network.parameter_count() == 9);
  CHECK(network.layout()[2].name == "2.weight");
  network.set_parameters(std::vector<Real>{1, 0, 0, 1, 0, 0, 2, 3, 0});
  const auto X = on(*backend, {5, 7});
  CHECK(to_host(*backend, network.forward(X.matrix(1, 2))) == std::vector<Real>{2 * 6 + 3 * 8});
  auto dY = on(*backend, {1}), dX = on(*backend, {0, 0});
  network.backward(dY.matrix(1, 1), dX.matrix(1, 2));
  CHECK(dX.to_host() == std::vector<Real>{2, 3});
  CHECK(to_host(*backend, network.gradients()) == std::vector<Real>{10, 14, 15, 21, 2, 3, 6, 8, 1});
}

TEST_CASE("A network keeps working after it was moved") {
  const auto backend = make_backend("reference");
  Generator random(5);
  Network network = random_mlp(*backend, {{2, 3, 1}}, 2, random);
  const auto X = on(*backend, {1, 2, 3, 4});
  const std::vector<Real> before = to_host(*backend, network.forward(X.matrix(2, 2)));
  Network moved = std::move(network);
  CHECK(same_bits(to_host(*backend, moved.forward(X.matrix(2, 2))), before));
}

TEST_CASE("A network is initialised layer by layer from one stream") {
  const auto backend = make_backend("reference");
  Network network = make_mlp(*backend, {{3, 4, 2}, Activation::relu, Initialization::pytorch}, 1);
  Generator random(6), again(6);
  network.initialize(random);
  std::vector<Real> expected(static_cast<std::size_t>(network.parameter_count()));
  Linear(*backend, 3, 4).initialize(std::span(expected).first(16), again);
  Linear(*backend, 4, 2).initialize(std::span(expected).subspan(16), again);
  CHECK(same_bits(network.parameters_to_host(), expected));
}

TEST_CASE("A network that cannot be is refused") {
  const auto backend = make_backend("reference");
  CHECK(error_message([&] { Network(*backend, {}, 1); }) == "a network needs at least one layer");
  CHECK(error_message([&] {
          Network(*backend, linear_layers(*backend, {1, 1}), 0);
        }) == "a network needs room for at least one row, got max_batch = 0");
  auto layers = linear_layers(*backend, {2, 3});
  layers.push_back(std::make_unique<Linear>(*backend, 4, 1));
  CHECK(error_message([&] { Network(*backend, std::move(layers), 1); }) ==
        "layer 1 takes 4 features, but the one before gives 3");
  CHECK(contains(error_message([&] { make_mlp(*backend, {{5}}, 1); }), "at least an input and an output width, got 1 sizes"));
  CHECK(contains(error_message([&] {
                   make_mlp(*backend, {{5, 0, 1}}, 1);
                 }),
                 "at least one input and one output, got 5 and 0"));
}

TEST_CASE("A network refuses rows, columns and parameters that do not fit") {
  const auto backend = make_backend("reference");
  Network network = make_mlp(*backend, {{2, 3, 1}}, 2);
  Buffer<Real> x(*backend, 12);
  CHECK(error_message([&] { network.forward(x.matrix(2, 3)); }) == "this network takes rows of 2 features, got 3");
  CHECK(error_message([&] { network.forward(x.matrix(3, 2)); }) == "this network has room for 1 to 2 rows, got 3");
  CHECK(error_message([&] { network.forward(x.matrix(0, 2)); }) == "this network has room for 1 to 2 rows, got 0");
  network.forward(x.matrix(2, 2));
  CHECK(error_message([&] { network.backward(x.matrix(1, 1)); }) ==
        "dY has to be as large as the last output, [2, 1], got [1, 1]");
  CHECK(error_message([&] { network.backward(x.matrix(2, 1), x.matrix(2, 3)); }) ==
        "dX has to be as large as the last input, [2, 2], got [2, 3]");
  CHECK(error_message([&] { network.set_parameters(std::vector<Real>(12)); }) == "this network has 13 parameters, got 12");
}

TEST_CASE("An inference network has no gradients to go backward for") {
  const auto backend = make_backend("reference");
  Network network = make_mlp(*backend, {{2, 3, 1}}, 2, Network::Use::inference);
  Buffer<Real> x(*backend, 4);
  network.forward(x.matrix(2, 2));
  CHECK(network.gradients().empty());
  CHECK(contains(error_message([&] { network.backward(x.matrix(2, 1)); }), "made for inference"));
}

TEST_CASE("Activations are known by name") {
  for (const Activation f : {Activation::none, Activation::relu, Activation::tanh})
    CHECK(parse_activation(std::string(to_string(f))) == f);
  CHECK(contains(error_message([] { parse_activation("rellu"); }), "Did you mean 'relu'?"));
}
