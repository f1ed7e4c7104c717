#include "envs/registry.h"

#include "../support/catch.h"
#include "../support/counting_environment.h"
#include "../support/error_message.h"
#include "envs/frozen_lake.h"

namespace handgrad {
namespace {

using test::CountingEnvironment;

/// The step at which `truncated` first shows, playing `action`.
int truncated_at(Environment& environment, std::int64_t action) {
  std::vector<float> observation(static_cast<std::size_t>(environment.observation_size()));
  environment.reset(0, observation);
  for (int t = 1; t <= 1000; ++t) {
    if (environment.step(action, observation).truncated) return t;
  }
  return -1;
}

EnvironmentSpec counting(const std::string& id) {
  return {.id = id,
          .make = [](const EnvironmentOptions&) { return std::make_unique<CountingEnvironment>(5); },
          .description = "counts"};
}

}  // namespace

TEST_CASE("Gymnasium's ids come with its time limits and thresholds") {
  const Registry registry = Registry::gymnasium();
  const auto check = [&](const std::string& id, std::int64_t limit, double threshold) {
    const EnvironmentSpec& spec = registry.find(id);
    CHECK(spec.id == id);
    CHECK(spec.max_episode_steps == limit);
    CHECK(spec.reward_threshold == threshold);
    CHECK(truncated_at(*registry.make(id), 0) == limit);
  };
  check("CartPole-v0", 200, 195);
  check("CartPole-v1", 500, 475);
  check("FrozenLake-v1", 100, 0.70);
  check("FrozenLake8x8-v1", 200, 0.85);
  check("Taxi-v4", 200, 8);
  check("MountainCar-v0", 200, -110);
  check("Acrobot-v1", 500, -100);
}

TEST_CASE("some ids have neither a time limit nor a threshold") {
  const Registry registry = Registry::gymnasium();
  for (const char* id : {"CliffWalking-v1", "CliffWalkingSlippery-v1", "Blackjack-v1", "Rooms-v0"}) {
    CHECK_FALSE(registry.find(id).max_episode_steps);
    CHECK_FALSE(registry.find(id).reward_threshold);
  }
  CHECK(truncated_at(*registry.make("CliffWalking-v1"), 0) == -1);
}

TEST_CASE("the time limit goes with the id, not with the map") {
  const auto environment = Registry::gymnasium().make("FrozenLake-v1", {{"map_name", std::string("8x8")}});
  CHECK(std::get<Discrete>(environment->observation_space()) == Discrete{64});
  CHECK(truncated_at(*environment, 3) == 100);
}

TEST_CASE("the caller may set the time limit or take it away") {
  const Registry registry = Registry::gymnasium();
  CHECK(truncated_at(*registry.make("CartPole-v1", {}, 7), 0) == 7);
  CHECK(truncated_at(*registry.make("CartPole-v1", {}, -1), 0) == -1);
  CHECK(error_message([&] { registry.make("CartPole-v1", {}, 0); }) ==
        "CartPole-v1: max_episode_steps is a number of steps above 0, or -1 for no limit; got 0");
  CHECK_THROWS_AS(registry.make("CartPole-v1", {}, -2), Error);
}

TEST_CASE("an id without version is the newest") {
  const Registry registry = Registry::gymnasium();
  CHECK(registry.find("CartPole").id == "CartPole-v1");
  CHECK(registry.find("FrozenLake").id == "FrozenLake-v1");
}

TEST_CASE("the newest version is the highest, in whatever order they were added") {
  Registry registry;
  registry.add(counting("Corridor-v10"));
  registry.add(counting("Corridor-v9"));
  CHECK(registry.find("Corridor").id == "Corridor-v10");
  CHECK(registry.list().front().id == "Corridor-v10");
}

TEST_CASE("a retired id names its successor") {
  const Registry registry = Registry::gymnasium();
  CHECK(error_message([&] { registry.find("FrozenLake-v0"); }) ==
        "'FrozenLake-v0' is retired; its successor is 'FrozenLake-v1'");
  CHECK(error_message([&] { registry.find("FrozenLake8x8-v0"); }) ==
        "'FrozenLake8x8-v0' is retired; its successor is 'FrozenLake8x8-v1'");
  CHECK(error_message([&] { registry.find("CliffWalking-v0"); }) ==
        "'CliffWalking-v0' is retired; its successor is 'CliffWalking-v1'");
  CHECK(error_message([&] { registry.make("Taxi-v3"); }) == "'Taxi-v3' is retired; its successor is 'Taxi-v4'");
  CHECK(error_message([&] { registry.find("Acrobot-v0"); }) == "'Acrobot-v0' is retired; its successor is 'Acrobot-v1'");
}

TEST_CASE("an unknown version names those that there are") {
  const Registry registry = Registry::gymnasium();
  CHECK(error_message([&] { registry.make("CartPole-v7"); }) ==
        "there is no version 'CartPole-v7'. There are CartPole-v0, CartPole-v1.");
  CHECK(error_message([&] { registry.make("FrozenLake-v99999999999999999999"); }) ==
        "there is no version 'FrozenLake-v99999999999999999999'. There is FrozenLake-v1.");
}

TEST_CASE("an unknown name is answered with the nearest id, or with all") {
  const Registry registry = Registry::gymnasium();
  CHECK(error_message([&] { registry.find("cartpole-v1"); }) ==
        "there is no environment 'cartpole-v1'. Did you mean 'CartPole-v1'?");
  CHECK(error_message([&] { registry.find("FrozenLak"); }) ==
        "there is no environment 'FrozenLak'. Did you mean 'FrozenLake-v1'?");
  const std::string all = error_message([&] { registry.find("Nonsense-v0"); });
  CHECK(all.starts_with("there is no environment 'Nonsense-v0'. There are CartPole-v0, CartPole-v1, FrozenLake-v1, "));
  for (const EnvironmentSpec& spec : registry.list()) CHECK(all.find(spec.id) != std::string::npos);
  CHECK_THROWS_AS(registry.find(""), Error);
  CHECK_THROWS_AS(registry.find("-v1"), Error);
}

TEST_CASE("options reach the constructor and go before the registry's own") {
  const Registry registry = Registry::gymnasium();
  const auto lake = registry.make("FrozenLake8x8-v1", {{"map_name", std::string("4x4")}, {"is_slippery", false}});
  const auto& inside = dynamic_cast<const FrozenLake&>(lake->unwrapped());
  CHECK(inside.map().size() == 4);
  CHECK(inside.transitions()[0][0].size() == 1);
}

TEST_CASE("an unknown option names the nearest and all that there are") {
  const Registry registry = Registry::gymnasium();
  CHECK(error_message([&] {
          registry.make("FrozenLake-v1", {{"mapname", std::string("8x8")}});
        }) ==
        "FrozenLake-v1 has no option 'mapname'. Did you mean 'map_name'? "
        "It takes desc, map_name, is_slippery, success_rate, reward_schedule.");
  CHECK(error_message([&] {
          registry.make("CartPole-v1", {{"gravity", 1.0}});
        }) == "CartPole-v1 has no option 'gravity'. It takes sutton_barto_reward, kinematics_integrator.");
}

TEST_CASE("an environment without options says that it takes none") {
  Registry registry;
  registry.add(counting("Corridor-v0"));
  CHECK(error_message([&] {
          registry.make("Corridor-v0", {{"length", 3.0}});
        }) == "Corridor-v0 takes no options, got 'length'");
}

TEST_CASE("options of a wrong type are errors of every environment") {
  const Registry registry = Registry::gymnasium();
  CHECK(error_message([&] {
          registry.make("FrozenLake-v1", {{"is_slippery", std::int64_t{1}}});
        }) == "option 'is_slippery' is 1, an integer; expected true or false");
  CHECK_THROWS_AS(registry.make("FrozenLake-v1", {{"map_name", 8.0}}), Error);
  CHECK_THROWS_AS(registry.make("CartPole-v1", {{"sutton_barto_reward", std::string("yes")}}), Error);
}

TEST_CASE("an environment of your own is made as the others are") {
  Registry registry = Registry::gymnasium();
  registry.add(counting("Corridor-v0"));
  CHECK(registry.list().back().id == "Corridor-v0");
  CHECK(truncated_at(*registry.make("Corridor"), 0) == -1);  // no time limit in the spec
  CHECK(truncated_at(*registry.make("Corridor", {}, 3), 0) == 3);
}

TEST_CASE("a spec that cannot be is refused") {
  Registry registry = Registry::gymnasium();
  CHECK(error_message([&] { registry.add(counting("CartPole-v1")); }) == "the id 'CartPole-v1' is taken");
  for (const char* id : {"Corridor", "Corridor-v", "Corridor-vx", "-v1", ""}) {
    CHECK_THROWS_AS(registry.add(counting(id)), Error);
  }
  EnvironmentSpec nothing = counting("Corridor-v0");
  nothing.make = nullptr;
  CHECK_THROWS_AS(registry.add(nothing), Error);
}

}  // namespace handgrad
