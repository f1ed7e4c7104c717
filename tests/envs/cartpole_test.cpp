#include "envs/cartpole.h"

#include <cmath>

#include "../support/catch.h"
#include "../support/error_message.h"

// Expected values: Gymnasium 1.3.0.

namespace handgrad {
namespace {

using State = std::vector<double>;

struct Played {
  std::vector<double> rewards;
  std::vector<bool> terminated;
  State state;
};

/// Seed 42, then push right `steps` times.
Played push_right(const CartPoleOptions& options, int steps) {
  CartPole environment(options);
  std::vector<float> observation(4);
  environment.reset(42, observation);
  Played played;
  for (int t = 0; t < steps; ++t) {
    const StepResult result = environment.step(1, observation);
    played.rewards.push_back(result.reward);
    played.terminated.push_back(result.terminated);
  }
  played.state = environment.state();
  return played;
}

}  // namespace

TEST_CASE("CartPole starts and moves as Gymnasium's, to the last bit") {
  CartPole environment;
  std::vector<float> observation(4);
  environment.reset(42, observation);
  CHECK(environment.state() == State{0x1.c0d97eba2bd40p-6, -0x1.9090f63c0b010p-8, 0x1.25c36f3afc536p-5, 0x1.435e26c08cd04p-6});
  const StepResult result = environment.step(0, observation);
  CHECK(environment.state() == State{0x1.bed8c52d122c5p-6, -0x1.9d246012550a4p-3, 0x1.28ff4189b60dcp-5, 0x1.4b4773760c8e3p-2});
  CHECK(result.reward == 1.0);
  CHECK_FALSE(result.terminated);
  CHECK_FALSE(result.truncated);
  for (std::size_t i = 0; i < 4; ++i) CHECK(observation[i] == static_cast<float>(environment.state()[i]));
}

TEST_CASE("CartPole pays one a step until the fall, nothing after it") {
  const Played played = push_right({}, 13);
  CHECK(played.terminated == std::vector<bool>{0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1});
  CHECK(played.rewards == std::vector<double>{1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0});
  CHECK(played.state == State{0x1.5205e4854a03fp-2, 0x1.43e2d176abeebp+1, -0x1.af2a2242d94bcp-2, -0x1.04e4c7d141a06p+2});
}

TEST_CASE("CartPole with Sutton and Barto's rewards pays minus one from the fall on") {
  const Played played = push_right({.sutton_barto_reward = true}, 13);
  CHECK(played.rewards == std::vector<double>{0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1, -1, -1});
}

TEST_CASE("a CartPole back inside the limits after its fall is paid again, and not when it falls once more") {
  CartPole environment;
  std::vector<float> observation(4);
  environment.reset(42, observation);
  // Out to the right with x just beyond 2.4 and slow: pushed left it comes back, pushed right it leaves again.
  Snapshot edge = environment.save();
  edge.values = {2.399, 0.1, 0.0, 0.0, 0.0};
  environment.load(edge);
  const StepResult out = environment.step(0, observation);
  CHECK(out.terminated);
  CHECK(out.reward == 1.0);
  StepResult back = environment.step(0, observation);
  CHECK_FALSE(back.terminated);
  CHECK(back.reward == 1.0);
  StepResult again = environment.step(1, observation);
  while (!again.terminated) again = environment.step(1, observation);
  CHECK(again.reward == 0.0);
}

TEST_CASE("a reset forgets the fall and goes on with the stream") {
  CartPole environment;
  std::vector<float> observation(4);
  environment.reset(42, observation);
  for (int t = 0; t < 12; ++t) environment.step(1, observation);
  environment.reset({}, observation);
  Generator stream(42);
  for (int i = 0; i < 4; ++i) stream.random();
  for (const double value : environment.state()) CHECK(value == stream.uniform(-0.05, 0.05));
  CHECK(environment.step(1, observation).reward == 1.0);
}

TEST_CASE("the semi-implicit integrator moves with the new velocities") {
  CartPole environment({.integrator = CartPoleOptions::Integrator::semi_implicit});
  std::vector<float> observation(4);
  environment.reset(42, observation, -0.2, 0.1);
  CHECK(environment.state() == State{0x1.07aca47da8248p-5, -0x1.17e7faf80edcep-4, 0x1.d7b0b4175b610p-5, 0x1.2dce821ce67c0p-7});
  for (const int action : {1, 0, 1}) environment.step(action, observation);
  CHECK(environment.state() == State{0x1.253b8a3e93eb5p-5, 0x1.fd92e475200c4p-4, 0x1.8d949b35341d3p-5, -0x1.da200fb1c77e4p-3});
}

TEST_CASE("start values can be given by bounds, of which wrong ones are errors") {
  CartPole environment;
  std::vector<float> observation(4);
  environment.reset(1, observation, 0.125, 0.125);
  CHECK(environment.state() == State(4, 0.125));
  const State before = environment.state();
  CHECK_THROWS_AS(environment.reset(2, observation, 0.1, -0.1), Error);
  CHECK_THROWS_AS(environment.reset(2, observation, NAN, 0.1), Error);
  CHECK_THROWS_AS(environment.reset(2, observation, 0.0, INFINITY), Error);
  CHECK(environment.state() == before);
}

TEST_CASE("an invalid action leaves CartPole as it was") {
  CartPole environment, untouched;
  std::vector<float> observation(4), expected(4);
  environment.reset(42, observation);
  untouched.reset(42, expected);
  CHECK(error_message([&] { environment.step(2, observation); }) == "CartPole: action 2 is outside [0, 2)");
  CHECK(error_message([&] { environment.step(-1, observation); }) == "CartPole: action -1 is outside [0, 2)");
  CHECK(environment.save() == untouched.save());
  CHECK(observation == expected);
}

TEST_CASE("CartPole is stepped after a reset only, and its first reset needs a seed") {
  CartPole environment;
  std::vector<float> observation(4), small(3);
  CHECK(error_message([&] { environment.step(0, observation); }) ==
        "CartPole: step before the first reset; call reset with a seed first");
  CHECK(error_message([&] { environment.reset({}, observation); }) ==
        "CartPole: the first reset needs a seed; nothing here is random by accident");
  CHECK_THROWS_AS(environment.reset(1, small), Error);
  CHECK_THROWS_AS(environment.reset({}, observation), Error);  // the refused reset has not seeded it
  environment.reset(1, observation);
  CHECK_THROWS_AS(environment.step(0, small), Error);
}

TEST_CASE("CartPole has Gymnasium's spaces") {
  const CartPole environment;
  CHECK(to_string(environment.observation_space()) ==
        "Box([-4.8 -inf -0.41887903 -inf], [4.8 inf 0.41887903 inf], (4,), float32)");
  CHECK(environment.action_space() == Discrete{2});
}

TEST_CASE("CartPole's options are read by name and an unknown integrator is refused") {
  const CartPoleOptions options =
      cartpole_options({{"sutton_barto_reward", true}, {"kinematics_integrator", std::string("semi-implicit")}});
  CHECK(options.sutton_barto_reward);
  CHECK(options.integrator == CartPoleOptions::Integrator::semi_implicit);
  CHECK(cartpole_options({}).integrator == CartPoleOptions::Integrator::euler);
  CHECK(error_message([] {
          cartpole_options({{"kinematics_integrator", std::string("eulr")}});
        }) == "CartPole: kinematics_integrator is 'eulr', expected 'euler' or 'semi-implicit'. Did you mean 'euler'?");
}

}  // namespace handgrad
