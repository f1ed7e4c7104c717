#include "acrobot.h"
#include "blackjack.h"
#include "cartpole.h"
#include "cliff_walking.h"
#include "frozen_lake.h"
#include "mountain_car.h"
#include "registry.h"
#include "rooms.h"
#include "taxi.h"
#include "worlds/cartpole_world.h"

namespace handgrad {
namespace {

std::unique_ptr<Environment> make_cartpole(const EnvironmentOptions& options) {
  return std::make_unique<CartPole>(cartpole_options(options));
}

template <class Number>
std::unique_ptr<World> make_cartpole_world(const EnvironmentOptions& options, std::int64_t count) {
  return std::make_unique<CartPoleWorld<Number>>(cartpole_options(options), count);
}

std::unique_ptr<Environment> make_frozen_lake(const EnvironmentOptions& options) {
  return std::make_unique<FrozenLake>(frozen_lake_options(options));
}

std::unique_ptr<Environment> make_cliff_walking(const EnvironmentOptions& options) {
  return std::make_unique<CliffWalking>(cliff_walking_options(options));
}

std::unique_ptr<Environment> make_taxi(const EnvironmentOptions& options) {
  return std::make_unique<Taxi>(taxi_options(options));
}

std::unique_ptr<Environment> make_mountain_car(const EnvironmentOptions& options) {
  return std::make_unique<MountainCar>(mountain_car_options(options));
}

std::unique_ptr<Environment> make_acrobot(const EnvironmentOptions& options) {
  return std::make_unique<Acrobot>(acrobot_options(options));
}

std::unique_ptr<Environment> make_blackjack(const EnvironmentOptions& options) {
  return std::make_unique<Blackjack>(blackjack_options(options));
}

std::unique_ptr<Environment> make_rooms(const EnvironmentOptions& options) {
  return std::make_unique<Rooms>(rooms_options(options));
}

EnvironmentSpec cartpole(std::string id, std::int64_t limit, double threshold) {
  return {.id = std::move(id),
          .make = make_cartpole,
          .make_world = make_cartpole_world<double>,
          .make_fast_world = make_cartpole_world<float>,
          .option_names = {"sutton_barto_reward", "kinematics_integrator"},
          .defaults = {},
          .max_episode_steps = limit,
          .reward_threshold = threshold,
          .description = "balance a pole on a cart"};
}

EnvironmentSpec frozen_lake(std::string id, std::string map_name, std::int64_t limit, double threshold) {
  return {.id = std::move(id),
          .make = make_frozen_lake,
          .option_names = {"desc", "map_name", "is_slippery", "success_rate", "reward_schedule"},
          .defaults = {{"map_name", std::move(map_name)}},
          .max_episode_steps = limit,
          .reward_threshold = threshold,
          .description = "cross a frozen lake without falling into a hole"};
}

EnvironmentSpec cliff_walking(std::string id, bool is_slippery) {
  return {.id = std::move(id),
          .make = make_cliff_walking,
          .option_names = {"is_slippery"},
          .defaults = {{"is_slippery", is_slippery}},
          .description = "walk along a cliff to the goal"};
}

EnvironmentSpec taxi() {
  return {.id = "Taxi-v4",
          .make = make_taxi,
          .option_names = {"is_rainy", "fickle_passenger", "rainy_probability", "fickle_probability"},
          .max_episode_steps = 200,
          .reward_threshold = 8.0,
          .description = "fetch a passenger and bring it where it wants to go"};
}

EnvironmentSpec mountain_car() {
  return {.id = "MountainCar-v0",
          .make = make_mountain_car,
          .option_names = {"goal_velocity"},
          .max_episode_steps = 200,
          .reward_threshold = -110.0,
          .description = "swing a weak car up a hill"};
}

EnvironmentSpec acrobot() {
  return {.id = "Acrobot-v1",
          .make = make_acrobot,
          .option_names = {"book_or_nips", "torque_noise_max"},
          .max_episode_steps = 500,
          .reward_threshold = -100.0,
          .description = "swing a two-link pendulum up"};
}

EnvironmentSpec blackjack() {
  return {.id = "Blackjack-v1",
          .make = make_blackjack,
          .option_names = {"natural", "sab"},
          .defaults = {{"natural", false}, {"sab", true}},
          .description = "get closer to 21 than the dealer"};
}

EnvironmentSpec rooms() {
  return {.id = "Rooms-v0",
          .make = make_rooms,
          .option_names = {"dynamics", "start_in_goal"},
          .description = "find the way through six rooms (not in Gymnasium)"};
}

}  // namespace

// Time limits and thresholds are those of Gymnasium 1.3.0's registry.
Registry Registry::gymnasium() {
  Registry registry;
  registry.add(cartpole("CartPole-v0", 200, 195.0));
  registry.add(cartpole("CartPole-v1", 500, 475.0));
  // Trap: the limit goes with the id, not with the map. FrozenLake-v1 with map_name "8x8" is stopped after 100 steps.
  registry.add(frozen_lake("FrozenLake-v1", "4x4", 100, 0.70));
  registry.add(frozen_lake("FrozenLake8x8-v1", "8x8", 200, 0.85));
  registry.add(cliff_walking("CliffWalking-v1", false));
  registry.add(cliff_walking("CliffWalkingSlippery-v1", true));
  registry.add(taxi());
  registry.add(blackjack());
  registry.add(mountain_car());
  registry.add(acrobot());
  registry.add(rooms());
  return registry;
}

}  // namespace handgrad
