#include "envs/mountain_car.h"

#include <cmath>

#include "../support/catch.h"
#include "../support/error_message.h"

// Expected values: Gymnasium 1.3.0.

namespace handgrad {
namespace {

using State = std::vector<double>;

/// Pushes along the velocity from seed 42 until the episode ends. Returns the number of steps.
int swing_up(MountainCar& car) {
  std::vector<float> observation(2);
  car.reset(42, observation);
  for (int t = 1; t <= 1000; ++t) {
    const StepResult result = car.step(observation[1] >= 0.0f ? 2 : 0, observation);
    CHECK(result.reward == -1.0);
    CHECK_FALSE(result.truncated);
    if (result.terminated) return t;
  }
  return -1;
}

MountainCar placed(const MountainCarOptions& options, double position, double velocity) {
  MountainCar car(options);
  std::vector<float> observation(2);
  car.reset(0, observation);
  Snapshot snapshot = car.save();
  snapshot.values = {position, velocity};
  car.load(snapshot);
  return car;
}

}  // namespace

TEST_CASE("MountainCar starts and moves as Gymnasium's, to the last bit") {
  MountainCar car;
  std::vector<float> observation(2);
  car.reset(42, observation);
  CHECK(car.state() == State{-0x1.c7e4d028ba858p-2, 0.0});
  const StepResult result = car.step(0, observation);
  CHECK(car.state() == State{-0x1.c983a952c3f6dp-2, -0x1.9ed92a0971482p-10});
  CHECK(result.reward == -1.0);
  CHECK_FALSE(result.terminated);
  for (std::size_t i = 0; i < 2; ++i) CHECK(observation[i] == static_cast<float>(car.state()[i]));
}

TEST_CASE("swinging along the velocity reaches the goal where it does in Gymnasium") {
  MountainCar car;
  CHECK(swing_up(car) == 121);
  CHECK(car.state() == State{0x1.08184bac984aep-1, 0x1.443f0a0c81958p-5});
}

TEST_CASE("a goal velocity has to be reached too") {
  std::vector<float> observation(2);
  MountainCar slow = placed({}, 0.49, 0.03), fast = placed({.goal_velocity = 0.03}, 0.49, 0.03);
  CHECK(slow.step(0, observation).terminated);
  CHECK_FALSE(fast.step(0, observation).terminated);  // at the goal, but slower than it came
  MountainCar backwards = placed({}, 0.55, -0.01);
  CHECK_FALSE(backwards.step(0, observation).terminated);
  CHECK(backwards.state()[0] > 0.5);
}

TEST_CASE("the left end is a wall that stops the car, the right end keeps the velocity") {
  std::vector<float> observation(2);
  MountainCar left = placed({}, -1.19, -0.05), right = placed({}, 0.59, 0.07);
  left.step(0, observation);
  CHECK(left.state() == State{-1.2, 0.0});
  right.step(2, observation);
  CHECK(right.state()[0] == 0.6);
  CHECK(right.state()[1] > 0.06);
  CHECK(right.state()[1] <= 0.07);
}

TEST_CASE("start positions can be given by bounds, of which wrong ones are errors") {
  MountainCar car;
  std::vector<float> observation(2);
  car.reset(7, observation, -1.1, -1.0);
  CHECK(car.state() == State{-0x1.0998f96f01691p+0, 0.0});
  CHECK_THROWS_AS(car.reset(2, observation, 0.1, -0.1), Error);
  CHECK_THROWS_AS(car.reset(2, observation, NAN, 0.1), Error);
  CHECK(error_message([&] { car.reset(2, observation, 0.0, INFINITY); }) ==
        "MountainCar: start positions in [0, inf), expected low <= high, both finite");
}

TEST_CASE("wrong use of MountainCar is refused and changes nothing") {
  MountainCar car;
  std::vector<float> observation(2), small(1);
  CHECK(error_message([&] { car.step(0, observation); }) ==
        "MountainCar: step before the first reset; call reset with a seed first");
  CHECK(error_message([&] { car.reset({}, observation); }) ==
        "MountainCar: the first reset needs a seed; nothing here is random by accident");
  CHECK_THROWS_AS(car.reset(1, small), Error);
  car.reset(1, observation);
  const Snapshot before = car.save();
  CHECK(error_message([&] { car.step(3, observation); }) == "MountainCar: action 3 is outside [0, 3)");
  CHECK_THROWS_AS(car.step(-1, observation), Error);
  CHECK_THROWS_AS(car.step(0, small), Error);
  CHECK(car.save() == before);
  CHECK_THROWS_AS(car.load(Snapshot{{}, {0.0}}), Error);
}

TEST_CASE("MountainCar has Gymnasium's spaces and reads its option") {
  const MountainCar car;
  CHECK(to_string(car.observation_space()) == "Box([-1.2 -0.07], [0.6 0.07], (2,), float32)");
  CHECK(car.action_space() == Discrete{3});
  CHECK(mountain_car_options({{"goal_velocity", 0.02}}).goal_velocity == 0.02);
  CHECK(error_message([] { MountainCar wrong({.goal_velocity = INFINITY}); }) ==
        "MountainCar: goal_velocity is inf, expected a finite number");
}

}  // namespace handgrad
