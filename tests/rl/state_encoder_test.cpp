#include "rl/state_encoder.h"

#include <cmath>
#include <limits>
#include <set>

#include "core/random.h"
#include "tests/support/catch.h"
#include "tests/support/error_message.h"

using namespace handgrad;

namespace {

using Kind = FeatureSpec::Kind;

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kLargest = std::numeric_limits<float>::max();

std::vector<std::int32_t> rows(const StateEncoder& encoder, const std::vector<float>& observation) {
  std::vector<std::int32_t> result(static_cast<std::size_t>(encoder.active()));
  encoder.encode(observation, result);
  return result;
}

std::int32_t row(const StateEncoder& encoder, const std::vector<float>& observation) {
  return rows(encoder, observation).at(0);
}

Space box(std::size_t dimensions) {
  return Box{std::vector<float>(dimensions, -kInfinity), std::vector<float>(dimensions, kInfinity)};
}

}  // namespace

TEST_CASE("a numbered state is its own row, and other numbers are refused") {
  const StateEncoder encoder({}, Discrete{16});
  CHECK(encoder.rows() == 16);
  CHECK(encoder.active() == 1);
  for (int s = 0; s < 16; ++s) CHECK(row(encoder, {static_cast<float>(s)}) == s);
  for (const float wrong : {-1.0F, 16.0F, 0.5F, kInfinity, std::nanf("")}) {
    CHECK(contains(error_message([&] { row(encoder, {wrong}); }), "a whole number from 0 to 15"));
  }
  CHECK(row(StateEncoder({}, Discrete{3, 5}), {6}) == 1);  // numbers that begin at 5
  CHECK(contains(error_message([&] { row(encoder, {1, 2}); }), "of 1 values"));
}

TEST_CASE("several numbered components make one number, the last one fastest") {
  const StateEncoder encoder({}, Tuple{{{32}, {11}, {2}}});  // Blackjack's
  CHECK(encoder.rows() == 704);
  CHECK(encoder.observation_size() == 3);
  CHECK(row(encoder, {0, 0, 1}) == 1);
  CHECK(row(encoder, {15, 2, 0}) == (15 * 11 + 2) * 2);
  CHECK(row(encoder, {31, 10, 1}) == 703);
  CHECK(contains(error_message([&] { row(encoder, {31, 11, 1}); }), "component 1 of an observation has to be a whole number"));
}

TEST_CASE("bins have their lower edge in them, and what lies outside is clipped") {
  const StateEncoder encoder({Kind::bins, {6, 12}, {-2.4, 0}, {2.4, 3}, 1}, box(2));
  CHECK(encoder.rows() == 72);
  const auto first = [&](float x) { return row(encoder, {x, 0}) / 12; };
  CHECK(first(-2.4F) == 0);
  CHECK(first(-1.61F) == 0);
  CHECK(first(-1.59F) == 1);
  CHECK(first(0.0F) == 3);
  CHECK(first(-1e-6F) == 2);
  CHECK(first(2.39F) == 5);
  CHECK(first(2.4F) == 5);
  CHECK(first(1e30F) == 5);
  CHECK(first(-1e30F) == 0);
  CHECK(first(kLargest) == 5);
  CHECK(first(-kLargest) == 0);
  CHECK(row(encoder, {2.4F, 3.0F}) == 71);
  CHECK(row(encoder, {-3.0F, 0.25F}) == 1);
  CHECK(contains(error_message([&] {
                   row(encoder, {0, std::nanf("")});
                 }),
                 "component 1 of an observation is nan, which belongs to no bin"));
  CHECK(contains(error_message([&] { row(encoder, {-kInfinity, 0}); }), "component 0 of an observation is -inf"));
}

TEST_CASE("bins are as the formula says, everywhere") {
  const StateEncoder encoder({Kind::bins, {7}, {-1.2}, {0.6}, 1}, box(1));
  Generator random(3);
  for (int k = 0; k < 2000; ++k) {
    const auto x = static_cast<float>(random.uniform(-1.5, 1));
    const double bin = std::floor((static_cast<double>(x) + 1.2) / 1.8 * 7);
    CHECK(row(encoder, {x}) == static_cast<std::int32_t>(std::min(6.0, std::max(0.0, bin))));
  }
}

TEST_CASE("bins take the bounds of the space where none are given, if those are finite") {
  const Space mountain_car = Box{{-1.2F, -0.07F}, {0.6F, 0.07F}};
  const StateEncoder encoder({Kind::bins, {20, 20}, {}, {}, 1}, mountain_car);
  CHECK(row(encoder, {-1.2F, -0.07F}) == 0);
  CHECK(row(encoder, {0.6F, 0.07F}) == 399);
  CHECK(contains(error_message([] {
                   StateEncoder({Kind::bins, {20}, {}, {}, 1}, box(1));
                 }),
                 "set features.low and features.high"));
}

TEST_CASE("tilings overlap: each has one active row, and near observations share most of them") {
  const StateEncoder encoder({Kind::tiles, {4, 4}, {0, 0}, {1, 1}, 8}, box(2));
  CHECK(encoder.active() == 8);
  CHECK(encoder.rows() == 8 * 25);
  const auto shared = [&](const std::vector<float>& a, const std::vector<float>& b) {
    const auto in_a = rows(encoder, a), in_b = rows(encoder, b);
    int count = 0;
    for (std::size_t t = 0; t < in_a.size(); ++t) {
      CHECK(in_a[t] / 25 == static_cast<std::int32_t>(t));
      count += in_a[t] == in_b[t] ? 1 : 0;
    }
    return count;
  };
  CHECK(shared({0.3F, 0.3F}, {0.3F, 0.3F}) == 8);
  CHECK(shared({0.3F, 0.31F}, {0.3F, 0.32F}) >= 6);
  CHECK(shared({0.26F, 0.26F}, {0.38F, 0.26F}) == 4);  // half a tile apart along one component
  CHECK(shared({0.1F, 0.1F}, {0.9F, 0.9F}) == 0);
  CHECK(shared({1.0F, 0.5F}, {7.0F, 0.5F}) == 8);  // beyond an end is at the end
  CHECK(shared({-1.0F, -kLargest}, {0.0F, 0.0F}) == 8);
}

TEST_CASE("tiles are told apart eight times as finely as one tiling could") {
  const StateEncoder encoder({Kind::tiles, {2}, {0}, {1}, 8}, box(1));
  std::set<std::vector<std::int32_t>> states;
  for (int k = 0; k < 1600; ++k) states.insert(rows(encoder, {static_cast<float>(k) / 1600}));
  CHECK(states.size() == 16);
}

TEST_CASE("features that make no table are refused with what is wrong") {
  const auto complaint = [](const FeatureSpec& spec, const Space& space) {
    return error_message([&] { StateEncoder(spec, space); });
  };
  CHECK(contains(complaint({}, box(4)), "set features.kind to bins or tiles"));
  CHECK(contains(complaint({Kind::bins, {4, 4}, {}, {}, 1}, box(4)), "features.bins: expected a number for each of the 4"));
  CHECK(contains(complaint({Kind::bins, {4}, {0, 1}, {1}, 1}, box(1)), "features.low: expected a number for each of the 1"));
  CHECK(contains(complaint({Kind::bins, {0}, {0}, {1}, 1}, box(1)), "at least one bin"));
  CHECK(contains(complaint({Kind::bins, {4}, {1}, {1}, 1}, box(1)), "low below high"));
  CHECK(contains(complaint({Kind::tiles, {4}, {0}, {1}, 0}, box(1)), "features.tilings"));
  CHECK(contains(complaint({Kind::bins, {65536, 65536}, {0, 0}, {1, 1}, 1}, box(2)), "more than"));
  CHECK(contains(complaint({Kind::tiles, {INT64_MAX}, {0}, {1}, 1}, box(1)), "more than"));
  CHECK(contains(complaint({Kind::bins, {2}, {-1e308}, {1e308}, 1}, box(1)), "finite numbers"));
}

TEST_CASE("an encoder is made again from what a model file says") {
  const std::vector<std::pair<FeatureSpec, Space>> encoders = {{{}, Discrete{5, 2}},
                                                               {{Kind::bins, {3, 4}, {-1.0 / 3, 0}, {1, 1e-9}, 1}, box(2)},
                                                               {{Kind::tiles, {3, 4}, {-0.1, 0}, {1, 2}, 5}, box(2)}};
  for (const auto& [spec, space] : encoders) {
    const StateEncoder encoder(spec, space), again = StateEncoder::from_metadata(encoder.metadata());
    CHECK(again.metadata() == encoder.metadata());
    CHECK(again.rows() == encoder.rows());
    Generator random(4);
    for (int k = 0; k < 100; ++k) {
      std::vector<float> observation(static_cast<std::size_t>(encoder.observation_size()));
      for (float& x : observation) {
        x = spec.kind == Kind::identity ? static_cast<float>(random.integers(2, 7))
                                        : static_cast<float>(random.uniform(-1, 1));
      }
      CHECK(rows(again, observation) == rows(encoder, observation));
    }
  }
  auto metadata = StateEncoder({}, Discrete{5}).metadata();
  const auto complaint = [&](const std::string& key, const std::string& value) {
    auto damaged = metadata;
    damaged[key] = value;
    return error_message([&] { StateEncoder::from_metadata(damaged); });
  };
  CHECK(contains(complaint("features", "hexagons"), "expected identity, bins or tiles"));
  CHECK(contains(complaint("features_counts", "5,"), "'features_counts' has to be numbers"));
  CHECK(contains(complaint("features_counts", "5,6"), "of one length"));
  CHECK(contains(complaint("features_counts", "five"), "'features_counts'"));
  CHECK(contains(error_message([] { StateEncoder::from_metadata({}); }), "no 'features'"));
}
