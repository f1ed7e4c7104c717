#include "rl/dqn.h"

#include <algorithm>
#include <cmath>

#include "core/backends.h"
#include "tests/support/catch.h"
#include "tests/support/error_message.h"

using namespace handgrad;

namespace {

/// One environment with two observations' worth of numbers and no end: enough to watch when a learner learns.
struct Endless {
  std::vector<float> observation = {0.1F, -0.2F};
  std::vector<double> reward = {1.0};
  std::vector<std::uint8_t> no = {0};
  VectorStep step() const {
    return {.observations = observation,
            .final_observations = observation,
            .rewards = reward,
            .terminated = no,
            .truncated = no,
            .autoreset = no};
  }
};

DqnConfig small() {
  DqnConfig config;
  config.hidden = {8};
  config.batch_size = 4;
  config.replay_capacity = 100;
  config.target = {.kind = TargetUpdate::Kind::hard, .every = 1000};
  return config;
}

/// Train steps made after each of n environment steps.
std::vector<std::int64_t> train_steps_over(Dqn& dqn, int n) {
  const Endless environment;
  dqn.start(environment.observation);
  std::vector<std::int64_t> counts;
  for (int c = 1; c <= n; ++c) {
    dqn.observe(std::vector<std::int32_t>{0}, environment.step(), {.env_steps = c, .episodes = 0});
    counts.push_back(dqn.train_steps());
  }
  return counts;
}

std::vector<Real> difference(const Dqn& dqn) {
  auto& step = const_cast<Dqn&>(dqn).step();
  std::vector<Real> online = step.online().parameters_to_host(), target = step.target().parameters_to_host();
  for (std::size_t i = 0; i < online.size(); ++i) online[i] -= target[i];
  return online;
}

bool all_zero(const std::vector<Real>& x) {
  return std::ranges::all_of(x, [](Real v) { return v == 0; });
}

}  // namespace

TEST_CASE("DQN waits for a batch, then trains at every step") {
  const auto backend = make_backend("unreadable");
  Dqn dqn(*backend, small(), 2, 2, 1, 1);
  CHECK(train_steps_over(dqn, 6) == std::vector<std::int64_t>{0, 0, 0, 1, 2, 3});
}

TEST_CASE("DQN waits for learning_starts environment steps") {
  const auto backend = make_backend("reference");
  DqnConfig config = small();
  config.learning_starts = 5;
  Dqn dqn(*backend, config, 2, 2, 1, 1);
  CHECK(train_steps_over(dqn, 7) == std::vector<std::int64_t>{0, 0, 0, 0, 0, 1, 2});
}

TEST_CASE("DQN trains gradient_steps times every train_frequency steps") {
  const auto backend = make_backend("reference");
  DqnConfig config = small();
  config.train_frequency = 3;
  config.gradient_steps = 2;
  Dqn dqn(*backend, config, 2, 2, 1, 1);
  CHECK(train_steps_over(dqn, 9) == std::vector<std::int64_t>{0, 0, 0, 0, 0, 2, 2, 2, 4});
}

TEST_CASE("a hard target update copies after every so many train steps, and only then") {
  const auto backend = make_backend("reference");
  DqnConfig config = small();
  config.target.every = 3;
  Dqn dqn(*backend, config, 2, 2, 1, 1);
  REQUIRE(all_zero(difference(dqn)));
  train_steps_over(dqn, 5);
  CHECK_FALSE(all_zero(difference(dqn)));
  train_steps_over(dqn, 4);  // the third train step
  CHECK(dqn.train_steps() == 3);
  CHECK(all_zero(difference(dqn)));
}

TEST_CASE("a target network follows where its count has the remainder asked for") {
  const auto backend = make_backend("reference");
  const auto follows_after = [&](TargetUpdate::Unit unit, std::int64_t every, std::int64_t phase) {
    DqnConfig config = small();
    config.target = {.kind = TargetUpdate::Kind::hard, .every = every, .unit = unit, .phase = phase};
    config.target.initial = TargetUpdate::Initial::independent;
    Dqn dqn(*backend, config, 2, 2, 1, 1);
    const Endless environment;
    dqn.start(environment.observation);
    std::vector<int> after;
    for (int c = 1; c <= 12; ++c) {
      dqn.observe(std::vector<std::int32_t>{0}, environment.step(), {.env_steps = c, .episodes = 0});
      if (all_zero(difference(dqn))) after.push_back(c);
    }
    return after;
  };
  CHECK(follows_after(TargetUpdate::Unit::env_step, 5, 0) == std::vector<int>{5, 10});
  // Learning begins after step 4. Where steps are counted before they are made, 0 and 5 and 10 are 1 and 6 and 11 here.
  CHECK(follows_after(TargetUpdate::Unit::env_step, 5, 1) == std::vector<int>{1, 2, 3, 6, 11});
  CHECK(follows_after(TargetUpdate::Unit::train_step, 5, 2) == std::vector<int>{5, 10});
  DqnConfig config = small();
  config.target.phase = config.target.every;
  CHECK(contains(error_message([&] { Dqn(*backend, config, 2, 2, 1, 1); }), "target.phase"));
}

TEST_CASE("a soft target update moves the target by tau of the way") {
  const auto backend = make_backend("reference");
  DqnConfig config = small();
  config.target = {.kind = TargetUpdate::Kind::soft, .every = 1, .unit = TargetUpdate::Unit::train_step, .tau = 0.25};
  Dqn soft(*backend, config, 2, 2, 1, 1);
  const std::vector<Real> start = soft.step().online().parameters_to_host();
  train_steps_over(soft, 4);
  const std::vector<Real> online = soft.step().online().parameters_to_host(),
                          target = soft.step().target().parameters_to_host();
  for (std::size_t i = 0; i < start.size(); ++i) {
    CHECK(static_cast<double>(target[i]) ==
          Approx(0.25 * static_cast<double>(online[i]) + 0.75 * static_cast<double>(start[i])).margin(1e-6));
  }
}

TEST_CASE("DQN explores as often as epsilon says, and is greedy otherwise") {
  const auto backend = make_backend("unreadable");
  DqnConfig config = small();
  config.epsilon = {.kind = Schedule::Kind::constant, .start = 0.4};
  Dqn dqn(*backend, config, 2, 5, 1, 3);
  const std::vector<float> observation = {0.3F, 0.7F};
  std::vector<std::int32_t> action(1), greedy(1);
  dqn.act_greedily(observation, greedy);
  int others = 0;
  for (int k = 0; k < 5000; ++k) {
    dqn.act(observation, {}, action);
    REQUIRE((action[0] >= 0 && action[0] < 5));
    others += action[0] != greedy[0] ? 1 : 0;
  }
  // A random action is another one in 4 of 5 cases: 0.32 · 5000 = 1600, standard deviation 33.
  CHECK(std::abs(others - 1600) < 5 * 33);
}

TEST_CASE("acting for several environments is acting for each") {
  const auto backend = make_backend("reference");
  DqnConfig config = small();
  config.epsilon = {.kind = Schedule::Kind::constant, .start = 0.0};
  Dqn dqn(*backend, config, 2, 2, 3, 3);
  const std::vector<float> observations = {0.3F, 0.7F, -0.9F, 0.1F, 0.0F, -2.0F};
  std::vector<std::int32_t> together(3), alone(1);
  dqn.act(observations, {}, together);
  for (std::size_t e = 0; e < 3; ++e) {
    dqn.act_greedily(std::span(observations).subspan(2 * e, 2), alone);
    CHECK(alone[0] == together[e]);
  }
}

TEST_CASE("a model taken out of one learner and put into another gives the same values") {
  const auto backend = make_backend("reference");
  Dqn first(*backend, small(), 2, 2, 1, 1), second(*backend, small(), 2, 2, 1, 2);
  REQUIRE(first.model()[0].values != second.model()[0].values);
  second.load_model(first.model());
  CHECK(first.model()[0].values == second.model()[0].values);
  CHECK(all_zero(difference(second)));
  CHECK(first.model()[0].name == "0.weight");
  CHECK(first.model()[2].name == "2.weight");
  std::vector<NamedArray> wrong = first.model();
  wrong.pop_back();
  CHECK_THROWS_AS(second.load_model(wrong), Error);
}

TEST_CASE("the same seed learns the same, to the bit, and another seed something else") {
  const auto backend = make_backend("reference");
  Dqn a(*backend, small(), 2, 2, 1, 5), b(*backend, small(), 2, 2, 1, 5), c(*backend, small(), 2, 2, 1, 6);
  for (Dqn* dqn : {&a, &b, &c}) train_steps_over(*dqn, 20);
  CHECK(a.model()[0].values == b.model()[0].values);
  CHECK(a.model()[0].values != c.model()[0].values);
}

TEST_CASE("a DQN configuration out of range is named") {
  const auto backend = make_backend("reference");
  const auto rejects = [&](auto change, const char* name) {
    DqnConfig config = small();
    change(config);
    CHECK(contains(error_message([&] { Dqn(*backend, config, 2, 2, 1, 1); }), name));
  };
  rejects([](DqnConfig& c) { c.gamma = 1.5; }, "gamma");
  rejects([](DqnConfig& c) { c.gamma = std::nan(""); }, "gamma");
  rejects([](DqnConfig& c) { c.batch_size = 0; }, "batch_size");
  rejects([](DqnConfig& c) { c.n_step = 0; }, "n_step");
  rejects([](DqnConfig& c) { c.target.tau = 0; }, "tau");
  rejects([](DqnConfig& c) { c.optimizer.lr = -1; }, "lr");
  rejects([](DqnConfig& c) { c.replay_capacity = 3; }, "capacity");
}
