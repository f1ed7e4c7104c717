#include "rl/policy.h"

#include <limits>

#include "core/backends.h"
#include "rl/dqn.h"
#include "tests/support/catch.h"
#include "tests/support/error_message.h"

using namespace handgrad;

namespace {

/// Q(s) = [s0 - s1, max(0, s0 + s1) · 2 - 1]: 2-2-2 with ReLU, written down by hand.
TensorFile by_hand() {
  TensorFile file;
  file.metadata = {{"activation", "relu"}, {"environment", "none"}};
  file.tensors = {{"0.weight", {3, 2}, {1, -1, -1, 1, 1, 1}},
                  {"0.bias", {3}, {0, 0, 0}},
                  {"2.weight", {2, 3}, {1, -1, 0, 0, 0, 2}},
                  {"2.bias", {2}, {0, -1}}};
  return file;
}

}  // namespace

TEST_CASE("a policy computes its network's values and takes the largest") {
  Policy policy = Policy::from_tensors(by_hand(), "by hand");
  CHECK(policy.observation_size() == 2);
  CHECK(policy.actions() == 2);
  CHECK(policy.metadata().at("environment") == "none");
  CHECK(policy.values(std::vector<float>{3, 1}) == std::vector<double>{2, 7});
  CHECK(policy.values(std::vector<float>{-1, -5}) == std::vector<double>{4, -1});
  CHECK(policy.act(std::vector<float>{3, 1}) == 1);
  CHECK(policy.act(std::vector<float>{-1, -5}) == 0);
}

TEST_CASE("a policy acts for many observations as for each") {
  Policy policy = Policy::from_tensors(by_hand(), "by hand");
  Generator random(1);
  std::vector<float> observations(2 * 300);
  for (float& x : observations) x = static_cast<float>(random.uniform(-1, 1));
  std::vector<std::int32_t> actions(300);
  policy.act(observations, actions);
  for (std::size_t i = 0; i < actions.size(); ++i) {
    CHECK(policy.act(std::span<const float>(observations).subspan(2 * i, 2)) == actions[i]);
  }
}

TEST_CASE("a policy of a learner's model acts as the learner does") {
  const auto backend = make_backend("reference");
  DqnConfig config;
  config.hidden = {8, 8};
  config.activation = Activation::tanh;
  Dqn dqn(*backend, config, 3, 4, 1, 9);
  TensorFile file;
  file.metadata["activation"] = "tanh";
  for (const NamedArray& array : dqn.model()) file.tensors.push_back({array.name, array.shape, array.values});
  Policy policy = Policy::from_tensors(file, "learner", "reference");
  Generator random(2);
  for (int k = 0; k < 50; ++k) {
    std::vector<float> observation(3);
    for (float& x : observation) x = static_cast<float>(random.uniform(-3, 3));
    std::vector<std::int32_t> action(1);
    dqn.act_greedily(observation, action);
    CHECK(policy.act(observation) == action[0]);
  }
}

TEST_CASE("a policy refuses what is not a model, and says why") {
  const auto message = [](auto change) {
    TensorFile file = by_hand();
    change(file);
    return error_message([&] { Policy::from_tensors(file, "model.safetensors"); });
  };
  CHECK(contains(message([](TensorFile& f) { f.tensors.pop_back(); }), "model.safetensors: not a model"));
  CHECK(contains(message([](TensorFile& f) { f.tensors.clear(); }), "not a model"));
  CHECK(contains(message([](TensorFile& f) { f.metadata.clear(); }), "activation"));
  CHECK(contains(message([](TensorFile& f) { f.metadata["activation"] = "selu"; }), "selu"));
  CHECK(contains(message([](TensorFile& f) { f.tensors[2].shape = {3, 2}; }), "shapes"));
  CHECK(contains(message([](TensorFile& f) {
                   f.tensors[2].shape = {2, 1};
                   f.tensors[2].values.resize(2);
                 }),
                 "takes 1 features"));
  CHECK(contains(message([](TensorFile& f) { f.tensors[1].values[0] = std::numeric_limits<float>::quiet_NaN(); }), "finite"));
}

TEST_CASE("a policy refuses observations it cannot judge") {
  Policy policy = Policy::from_tensors(by_hand(), "by hand");
  CHECK(contains(error_message([&] { policy.act(std::vector<float>{1}); }), "2 values"));
  CHECK(contains(error_message([&] { policy.act(std::vector<float>{1, std::numeric_limits<float>::infinity()}); }), "finite"));
}
