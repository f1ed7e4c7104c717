#include "envs/environment.h"

#include "../support/catch.h"
#include "../support/counting_environment.h"
#include "../support/error_message.h"
#include "envs/cartpole.h"

namespace handgrad {

using test::CountingEnvironment;

TEST_CASE("a time limit truncates at its step and at every step after it") {
  TimeLimit limited(std::make_unique<CountingEnvironment>(100), 3);
  std::vector<float> observation(1);
  limited.reset(0, observation);
  for (const bool truncated : {false, false, true, true, true}) {
    const StepResult result = limited.step(1, observation);
    CHECK(result.truncated == truncated);
    CHECK_FALSE(result.terminated);
    CHECK(result.reward == 1.0);
  }
}

TEST_CASE("a step can terminate and truncate at once") {
  TimeLimit limited(std::make_unique<CountingEnvironment>(2), 2);
  std::vector<float> observation(1);
  limited.reset(0, observation);
  CHECK_FALSE(limited.step(0, observation).truncated);
  const StepResult last = limited.step(0, observation);
  CHECK(last.terminated);
  CHECK(last.truncated);
}

TEST_CASE("a reset starts the time limit anew") {
  TimeLimit limited(std::make_unique<CountingEnvironment>(100), 2);
  std::vector<float> observation(1);
  limited.reset(0, observation);
  limited.step(0, observation);
  limited.reset({}, observation);
  CHECK_FALSE(limited.step(0, observation).truncated);
  CHECK(limited.step(0, observation).truncated);
}

TEST_CASE("a refused action does not use up the time limit") {
  TimeLimit limited(std::make_unique<CountingEnvironment>(100), 2);
  std::vector<float> observation(1);
  limited.reset(0, observation);
  CHECK_THROWS_AS(limited.step(7, observation), Error);
  CHECK_FALSE(limited.step(0, observation).truncated);
}

TEST_CASE("a time limit shows what is inside") {
  TimeLimit limited(std::make_unique<CartPole>(), 10);
  std::vector<float> observation(4);
  limited.reset(42, observation);
  CHECK(limited.state().size() == 4);
  CHECK(limited.observation_size() == 4);
  CHECK(limited.action_space() == Discrete{2});
  CHECK(limited.limit() == 10);
  CHECK(dynamic_cast<const CartPole*>(&limited.unwrapped()) != nullptr);
}

TEST_CASE("a time limit below one step and one around nothing are errors") {
  CHECK(error_message([] { TimeLimit(std::make_unique<CountingEnvironment>(5), 0); }) ==
        "a time limit is a number of steps above 0, got 0");
  CHECK_THROWS_AS(TimeLimit(std::make_unique<CountingEnvironment>(5), -1), Error);
  CHECK_THROWS_AS(TimeLimit(nullptr, 5), Error);
}

TEST_CASE("an environment loaded from a snapshot goes on as the saved one, its clock included") {
  TimeLimit saved(std::make_unique<CartPole>(), 8), loaded(std::make_unique<CartPole>(), 8);
  std::vector<float> expected(4), got(4);
  saved.reset(3, expected);
  for (int t = 0; t < 5; ++t) saved.step(t % 2, expected);
  loaded.load(saved.save());
  CHECK(loaded.state() == saved.state());
  for (int t = 5; t < 12; ++t) {
    const StepResult a = saved.step(t % 2, expected), b = loaded.step(t % 2, got);
    CHECK(got == expected);
    CHECK(a.truncated == (t >= 7));
    CHECK(b.truncated == a.truncated);
  }
  saved.reset({}, expected);  // the streams go on alike too
  loaded.reset({}, got);
  CHECK(got == expected);
}

TEST_CASE("a snapshot of another kind is refused") {
  TimeLimit limited(std::make_unique<CartPole>(), 8);
  CartPole bare;
  CHECK_THROWS_AS(limited.load(Snapshot{}), Error);
  CHECK_THROWS_AS(limited.load(bare.save()), Error);
  CHECK_THROWS_AS(bare.load(limited.save()), Error);
}

TEST_CASE("an environment that cannot be saved says so") {
  CountingEnvironment environment(3);
  CHECK_THROWS_AS(environment.save(), Error);
  CHECK_THROWS_AS(environment.load({}), Error);
}

}  // namespace handgrad
