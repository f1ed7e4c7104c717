#include "acrobot.h"
#include "blackjack.h"
#include "cartpole.h"
#include "cliff_walking.h"
#include "frozen_lake.h"
#include "mountain_car.h"
#include "registry.h"
#include "rooms.h"
#include "taxi.h"
#include "worlds/acrobot_world.h"
#include "worlds/blackjack_world.h"
#include "worlds/cartpole_world.h"
#include "worlds/mountain_car_world.h"
#include "worlds/taxi_world.h"

namespace handgrad {
namespace {

template <class Kind, auto read_options>
std::unique_ptr<Environment> make(const EnvironmentOptions& options) {
  return std::make_unique<Kind>(read_options(options));
}

template <class Kind, auto read_options>
std::unique_ptr<World> make_world(const EnvironmentOptions& options, std::int64_t count) {
  return std::make_unique<Kind>(read_options(options), count);
}

/// Of an environment that is nothing but a table.
template <class Kind, auto read_options>
std::unique_ptr<World> make_tabular_world(const EnvironmentOptions& options, std::int64_t count) {
  return std::make_unique<TabularWorld>(std::make_unique<Kind>(read_options(options)), count);
}

EnvironmentSpec cartpole(std::string id, std::int64_t limit, double threshold) {
  return {.id = std::move(id),
          .make = make<CartPole, cartpole_options>,
          .make_world = make_world<CartPoleWorld<double>, cartpole_options>,
          .make_fast_world = make_world<CartPoleWorld<float>, cartpole_options>,
          .option_names = {"sutton_barto_reward", "kinematics_integrator"},
          .defaults = {},
          .max_episode_steps = limit,
          .reward_threshold = threshold,
          .description = "balance a pole on a cart"};
}

EnvironmentSpec frozen_lake(std::string id, std::string map_name, std::int64_t limit, double threshold) {
  return {.id = std::move(id),
          .make = make<FrozenLake, frozen_lake_options>,
          .make_world = make_tabular_world<FrozenLake, frozen_lake_options>,
          .option_names = {"desc", "map_name", "is_slippery", "success_rate", "reward_schedule"},
          .defaults = {{"map_name", std::move(map_name)}},
          .max_episode_steps = limit,
          .reward_threshold = threshold,
          .description = "cross a frozen lake without falling into a hole"};
}

EnvironmentSpec cliff_walking(std::string id, bool is_slippery) {
  return {.id = std::move(id),
          .make = make<CliffWalking, cliff_walking_options>,
          .make_world = make_tabular_world<CliffWalking, cliff_walking_options>,
          .option_names = {"is_slippery"},
          .defaults = {{"is_slippery", is_slippery}},
          .description = "walk along a cliff to the goal"};
}

EnvironmentSpec taxi() {
  return {.id = "Taxi-v4",
          .make = make<Taxi, taxi_options>,
          .make_world = make_world<TaxiWorld, taxi_options>,
          .option_names = {"is_rainy", "fickle_passenger", "rainy_probability", "fickle_probability"},
          .max_episode_steps = 200,
          .reward_threshold = 8.0,
          .description = "fetch a passenger and bring it where it wants to go"};
}

EnvironmentSpec mountain_car() {
  return {.id = "MountainCar-v0",
          .make = make<MountainCar, mountain_car_options>,
          .make_world = make_world<MountainCarWorld<double>, mountain_car_options>,
          .make_fast_world = make_world<MountainCarWorld<float>, mountain_car_options>,
          .option_names = {"goal_velocity"},
          .max_episode_steps = 200,
          .reward_threshold = -110.0,
          .description = "swing a weak car up a hill"};
}

EnvironmentSpec acrobot() {
  return {.id = "Acrobot-v1",
          .make = make<Acrobot, acrobot_options>,
          .make_world = make_world<AcrobotWorld, acrobot_options>,
          .make_fast_world = make_world<FastAcrobotWorld, acrobot_options>,
          .option_names = {"book_or_nips", "torque_noise_max"},
          .max_episode_steps = 500,
          .reward_threshold = -100.0,
          .description = "swing a two-link pendulum up"};
}

EnvironmentSpec blackjack() {
  return {.id = "Blackjack-v1",
          .make = make<Blackjack, blackjack_options>,
          .make_world = make_world<BlackjackWorld, blackjack_options>,
          .option_names = {"natural", "sab"},
          .defaults = {{"natural", false}, {"sab", true}},
          .description = "get closer to 21 than the dealer"};
}

EnvironmentSpec rooms() {
  return {.id = "Rooms-v0",
          .make = make<Rooms, rooms_options>,
          .make_world = make_tabular_world<Rooms, rooms_options>,
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
