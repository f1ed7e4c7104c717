#include "envs/acrobot.h"

#include <cmath>

#include "../support/catch.h"
#include "../support/error_message.h"

// Expected values: Gymnasium 1.3.0.

namespace handgrad {
namespace {

using State = std::vector<double>;

/// The state five steps after a reset with seed 42.
State after_five_steps(const AcrobotOptions& options) {
  Acrobot acrobot(options);
  std::vector<float> observation(6);
  acrobot.reset(42, observation);
  for (const int action : {0, 2, 1, 0, 2}) acrobot.step(action, observation);
  return acrobot.state();
}

}  // namespace

TEST_CASE("Acrobot starts and moves as Gymnasium's, to the last bit") {
  Acrobot acrobot;
  std::vector<float> observation(6);
  acrobot.reset(42, observation);
  CHECK(acrobot.state() == State{0x1.c0d97ep-5, -0x1.9090f6p-7, 0x1.25c37p-4, 0x1.435e26p-5});
  CHECK(observation ==
        std::vector<float>{0x1.ff3b4ep-1f, 0x1.c0a002p-5f, 0x1.fff634p-1f, -0x1.908e68p-7f, 0x1.25c37p-4f, 0x1.435e26p-5f});
  const StepResult result = acrobot.step(0, observation);
  const State moved{0x1.331fc665f378cp-4, -0x1.0750cdafafbccp-5, 0x1.00bd6da4fefc9p-3, -0x1.dadc71481e7d6p-3};
  CHECK(acrobot.state() == moved);
  CHECK(result.reward == -1.0);
  CHECK_FALSE(result.terminated);
  CHECK(observation[1] == static_cast<float>(std::sin(moved[0])));  // no longer the trigonometry of float32
  CHECK(observation[2] == static_cast<float>(std::cos(moved[1])));
  CHECK(observation[5] == static_cast<float>(moved[3]));
}

TEST_CASE("pushing along the second joint's velocity swings up where it does in Gymnasium, and goes on from there") {
  Acrobot acrobot;
  std::vector<float> observation(6);
  acrobot.reset(42, observation);
  int steps = 0;
  StepResult result;
  while (!result.terminated) {
    result = acrobot.step(observation[5] > 0.0f ? 2 : 0, observation);
    REQUIRE(++steps <= 67);
    CHECK(result.reward == (result.terminated ? 0.0 : -1.0));
  }
  CHECK(steps == 67);
  CHECK(acrobot.state() == State{0x1.c8d8b2638ef46p+0, 0x1.bdff4e2f6075fp+0, 0x1.ad13bccb32e20p-1, -0x1.75e4f9ba5ff3cp-1});
  const StepResult next = acrobot.step(1, observation);
  CHECK(next.terminated);
  CHECK(next.reward == 0.0);
  CHECK(acrobot.state() == State{0x1.d38e0012c00aap+0, 0x1.be1d3370e6ccap+0, -0x1.aa5906d819798p-2, 0x1.7cdc100fdd074p-1});
}

TEST_CASE("the paper's equations and a noisy torque are Gymnasium's too") {
  using Dynamics = AcrobotOptions::Dynamics;
  CHECK(after_five_steps({.dynamics = Dynamics::nips}) ==
        State{-0x1.edf39110af2bcp-7, 0x1.08aec1bc3dd30p-4, -0x1.b5b1cfa0bdebcp-3, 0x1.da10b739539a6p-3});
  CHECK(after_five_steps({.torque_noise_max = 0.5}) ==
        State{-0x1.5eb16fa277e10p-5, 0x1.1280780a63340p-3, -0x1.b38b279868bcbp-3, 0x1.004aa1b4c98eap-2});
  CHECK(after_five_steps({}) != after_five_steps({.dynamics = Dynamics::nips}));
}

TEST_CASE("angles are wrapped to ±π and velocities kept within their limits") {
  Acrobot acrobot;
  std::vector<float> observation(6);
  acrobot.reset(0, observation);
  Snapshot fast = acrobot.save();
  fast.values = {3.1, -3.1, 12.5, -28.2};
  acrobot.load(fast);
  for (int t = 0; t < 50; ++t) {
    acrobot.step(t % 3, observation);
    const State state = acrobot.state();
    CHECK(std::abs(state[0]) <= 3.14159265358979312);
    CHECK(std::abs(state[1]) <= 3.14159265358979312);
    CHECK(std::abs(state[2]) <= 4 * 3.14159265358979312);
    CHECK(std::abs(state[3]) <= 9 * 3.14159265358979312);
  }
}

TEST_CASE("Acrobot's start values can be given by bounds, of which wrong ones are errors") {
  Acrobot acrobot;
  std::vector<float> observation(6);
  acrobot.reset(3, observation, -3.0, 3.0);
  CHECK(acrobot.state() == State{-0x1.3e38bp+1, -0x1.944252p+0, 0x1.cec1fp+0, 0x1.f8cdb6p-2});
  CHECK(observation ==
        std::vector<float>{-0x1.95e36cp-1f, -0x1.381668p-1f, -0x1.114d8ep-7f, -0x1.fffb7p-1f, 0x1.cec1fp+0f, 0x1.f8cdb6p-2f});
  const Snapshot before = acrobot.save();
  CHECK(error_message([&] { acrobot.reset(2, observation, 0.1, -0.1); }) ==
        "Acrobot: start values in [0.1, -0.1), expected low <= high, both within ±100");
  CHECK_THROWS_AS(acrobot.reset(2, observation, NAN, 0.1), Error);
  CHECK_THROWS_AS(acrobot.reset(2, observation, 0.0, 1000.0), Error);
  CHECK(acrobot.save() == before);
}

TEST_CASE("an Acrobot loaded from a snapshot goes on as the saved one, its noise included") {
  Acrobot saved({.torque_noise_max = 0.5}), loaded({.torque_noise_max = 0.5});
  std::vector<float> a(6), b(6);
  saved.reset(9, a);
  for (int t = 0; t < 5; ++t) saved.step(2, a);
  loaded.load(saved.save());
  for (int t = 0; t < 20; ++t) {
    saved.step(t % 3, a);
    loaded.step(t % 3, b);
    CHECK(a == b);
  }
  CHECK_THROWS_AS(loaded.load(Snapshot{{}, {0.0}}), Error);
}

TEST_CASE("wrong use of Acrobot is refused and changes nothing") {
  Acrobot acrobot;
  std::vector<float> observation(6), small(4);
  CHECK(error_message([&] { acrobot.step(0, observation); }) ==
        "Acrobot: step before the first reset; call reset with a seed first");
  CHECK(error_message([&] { acrobot.reset({}, observation); }) ==
        "Acrobot: the first reset needs a seed; nothing here is random by accident");
  CHECK_THROWS_AS(acrobot.reset(1, small), Error);
  acrobot.reset(1, observation);
  const Snapshot before = acrobot.save();
  CHECK(error_message([&] { acrobot.step(3, observation); }) == "Acrobot: action 3 is outside [0, 3)");
  // Gymnasium takes -1 for the last torque, as Python's lists do.
  CHECK(error_message([&] { acrobot.step(-1, observation); }) == "Acrobot: action -1 is outside [0, 3)");
  CHECK_THROWS_AS(acrobot.step(0, small), Error);
  CHECK(acrobot.save() == before);
}

TEST_CASE("Acrobot has Gymnasium's spaces, and wrong options are errors that say what is wrong") {
  CHECK(to_string(Acrobot().observation_space()) ==
        "Box([-1. -1. -1. -1. -12.566371 -28.274334], [1. 1. 1. 1. 12.566371 28.274334], (6,), float32)");
  const AcrobotOptions read = acrobot_options({{"book_or_nips", std::string("nips")}, {"torque_noise_max", std::int64_t{1}}});
  CHECK(read.dynamics == AcrobotOptions::Dynamics::nips);
  CHECK(read.torque_noise_max == 1.0);
  CHECK(error_message([] {
          acrobot_options({{"book_or_nips", std::string("nip")}});
        }) == "Acrobot: book_or_nips is 'nip', expected 'book' or 'nips'. Did you mean 'nips'?");
  CHECK(error_message([] { Acrobot noisy({.torque_noise_max = -1.0}); }) ==
        "Acrobot: torque_noise_max is -1, expected a number in [0, 100]");
  CHECK_THROWS_AS(Acrobot({.torque_noise_max = NAN}), Error);
}

}  // namespace handgrad
