// Linear layers by kernels of our own, on the emulated GPU, against the reference backend.

#include "cuda/kernels/products.h"

#include <cmath>
#include <cstdio>
#include <limits>

#include "core/reference_backend.h"
#include "tests/cuda/emulation/device_array.h"
#include "tests/cuda/linear_layers.h"
#include "tests/support/arrays.h"
#include "tests/support/catch.h"

using namespace handgrad;
using namespace handgrad::cuda;

namespace {

using Arrays = LinearLayer::Arrays;

/// All that a layer computes, in one.
std::vector<float> results(const Arrays& arrays) {
  std::vector<float> all;
  for (const auto* part : {&arrays.Y, &arrays.dY, &arrays.dX, &arrays.gradients})
    all.insert(all.end(), part->begin(), part->end());
  return all;
}

/// The worst difference from the reference, "" if there is none. Numbers are up to 1, sums have a few hundred terms at most.
std::string difference_from_reference(const LinearLayer& layer, std::uint64_t seed, std::int64_t offset = 0) {
  Generator random(seed);
  EmulatedDevice device(seed);
  Arrays expected = layer.random_arrays(random), got = expected;
  layer.by_reference(expected);
  layer.by_kernels(device, got, offset);
  return difference(results(got), results(expected), 2e-5, 2e-5);
}

std::int64_t one_of(Generator& random, std::initializer_list<std::int64_t> choices) {
  return choices.begin()[random.integers(0, static_cast<std::int64_t>(choices.size()))];
}

/// Part of an array: of an agent, or the first rows of a matrix.
std::vector<float> part(const std::vector<float>& all, std::int64_t begin, std::int64_t size) {
  return {all.begin() + begin, all.begin() + begin + size};
}

}  // namespace

TEST_CASE("Own kernels compute linear layers of every kind of size as the reference does") {
  int cases = 0;
  const auto check = [&](const LinearLayer& layer, std::int64_t offset = 0) {
    INFO(layer.name() << ", begins at element " << offset);
    CHECK(difference_from_reference(layer, static_cast<std::uint64_t>(++cases), offset) == "");
  };
  // What the well-known configurations have.
  for (const auto& [in, out] : {std::pair{4, 16}, {16, 16}, {16, 2}, {4, 100}, {100, 50}, {50, 2}, {120, 84}, {128, 128}}) {
    check(layer_of(32, in, out, Activation::relu));
  }
  // Either side of every limit of tiles, slices and stages, one extent at a time.
  for (const std::int64_t extent : {1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 65, 127, 129, 130, 257}) {
    check(layer_of(extent, 20, 12, Activation::relu));
    check(layer_of(20, extent, 12, Activation::relu));
    check(layer_of(20, 12, extent, Activation::relu));
    check(layer_of(9, extent, 3, Activation::none));
  }
  // All extents, activations and numbers of agents at random, with gaps between agents and arrays that begin anywhere.
  Generator random(1);
  for (int trial = 0; trial < 100; ++trial) {
    const auto extent = [&] { return one_of(random, {1, 2, 3, 4, 6, 8, 9, 13, 16, 20, 31, 33}); };
    const auto f = static_cast<Activation>(random.integers(0, 3));
    check(layer_of(extent(), extent(), extent(), f, random.integers(0, 2) == 0, random.integers(1, 6), random.integers(0, 6)),
          random.integers(0, 4));
  }
  std::printf("own kernels for linear layers: %d cases, each forward and backward\n", cases);
}

TEST_CASE("An agent's layer has the same bits alone and at any place among others") {
  Generator random(2);
  for (const auto& [in, out] : {std::pair{20, 17}, {4, 33}, {36, 2}, {64, 64}}) {
    // Alone every array is aligned, and read in quads; with a gap of 3 only some agents' are.
    const std::int64_t batch = 19, agents = 5, gap = in == 64 ? 0 : 3;
    const LinearLayer layer = layer_of(batch, in, out, Activation::relu, true, agents, gap);
    Arrays together = layer.random_arrays(random);
    const Arrays operands = together;
    EmulatedDevice device(3);
    layer.by_kernels(device, together);
    for (std::int64_t k = 0; k < agents; ++k) {
      const LinearLayer alone = layer_of(batch, in, out, Activation::relu);
      const LinearShape& s = layer.shape;
      const std::int64_t x = batch * in, y = batch * out, p = (in + 1) * out;
      Arrays one{part(operands.X, k * s.X_stride, x),  part(operands.parameters, k * s.parameters_stride, p),
                 part(operands.Y, k * s.Y_stride, y),  part(operands.dY, k * s.Y_stride, y),
                 part(operands.dX, k * s.X_stride, x), part(operands.gradients, k * s.parameters_stride, p)};
      alone.by_kernels(device, one);
      INFO(layer.name() << ", agent " << k);
      CHECK(same_bits(one.Y, part(together.Y, k * s.Y_stride, y)));
      CHECK(same_bits(one.dY, part(together.dY, k * s.Y_stride, y)));
      CHECK(same_bits(one.dX, part(together.dX, k * s.X_stride, x)));
      CHECK(same_bits(one.gradients, part(together.gradients, k * s.parameters_stride, p)));
    }
  }
}

TEST_CASE("A row of a linear layer's output has the same bits in a batch of any size") {
  Generator random(3);
  for (const auto& [in, out] : {std::pair{130, 40}, {4, 40}, {130, 3}}) {
    Arrays large = layer_of(40, in, out, Activation::tanh).random_arrays(random);
    const Arrays operands = large;
    EmulatedDevice device;
    layer_of(40, in, out, Activation::tanh).by_kernels(device, large);
    for (const std::int64_t batch : {1, 7, 9, 33}) {
      Arrays small{part(operands.X, 0, batch * in),  operands.parameters,
                   part(operands.Y, 0, batch * out), part(operands.dY, 0, batch * out),
                   part(operands.dX, 0, batch * in), operands.gradients};
      layer_of(batch, in, out, Activation::tanh).by_kernels(device, small);
      INFO(in << " -> " << out << ", the first " << batch << " rows");
      CHECK(same_bits(small.Y, part(large.Y, 0, batch * out)));
    }
  }
}

TEST_CASE("Linear layers have the same bits in whatever order threads and blocks run") {
  Generator random(4);
  // Blocks read dY while others leave dZ there: it must not matter who comes first.
  for (const auto& [in, out] : {std::pair{20, 40}, {4, 40}, {40, 5}}) {
    const LinearLayer layer = layer_of(40, in, out, Activation::relu, true, 2);
    const Arrays operands = layer.random_arrays(random);
    Arrays first = operands;
    EmulatedDevice in_order({.order = Order::forward});
    layer.by_kernels(in_order, first);
    for (std::uint64_t seed = 0; seed < 4; ++seed) {
      Arrays again = operands;
      EmulatedDevice device({.seed = seed, .order = seed == 0 ? Order::backward : Order::shuffled});
      layer.by_kernels(device, again);
      INFO(layer.name() << ", seed " << seed);
      CHECK(same_bits(results(again), results(first)));
    }
  }
}

// 0 · NaN is NaN, a ReLU lets NaN through, and where its output is NaN the gradient is not lost; at exactly 0 its slope is 0.
TEST_CASE("Linear layers treat NaN and zero as the reference does") {
  Generator random(5);
  for (const auto& [in, out] : {std::pair{20, 17}, {4, 33}, {36, 2}}) {
    const LinearLayer layer = layer_of(19, in, out, Activation::relu);
    Arrays operands = layer.random_arrays(random);
    operands.X[static_cast<std::size_t>(3 * in + 1)] = std::numeric_limits<float>::quiet_NaN();
    operands.X[static_cast<std::size_t>(5 * in)] = std::numeric_limits<float>::infinity();
    for (int i = 0; i < in; ++i) operands.X[static_cast<std::size_t>(7 * in + i)] = 0;  // Y = b
    operands.parameters[static_cast<std::size_t>(in * out)] = 0;                        // of which one is 0
    operands.dY[static_cast<std::size_t>(2 * out + 1)] = std::numeric_limits<float>::quiet_NaN();
    Arrays expected = operands, got = operands;
    EmulatedDevice device;
    layer.by_reference(expected);
    layer.by_kernels(device, got);
    const std::vector<float> a = results(got), b = results(expected);
    INFO(layer.name());
    REQUIRE(a.size() == b.size());
    int different = 0, nan = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
      const bool same = std::isnan(b[i]) ? std::isnan(a[i]) : a[i] == b[i] || std::abs(a[i] - b[i]) < 1e-4F;
      different += same ? 0 : 1;
      nan += std::isnan(b[i]) ? 1 : 0;
    }
    CHECK(different == 0);
    CHECK(nan > in + out);
    CHECK(expected.Y[static_cast<std::size_t>(7 * out)] == 0);
    CHECK(got.dY[static_cast<std::size_t>(7 * out)] == 0);
  }
}
