#include "envs/world_environment.h"

#include "../support/catch.h"
#include "../support/error_message.h"
#include "envs/registry.h"

// The oracle is SyncVectorEnvironment, which steps single environments one by one.

namespace handgrad {
namespace {

using Actions = std::vector<std::int32_t>;

struct Case {
  std::string id;
  EnvironmentOptions options = {};
  std::optional<std::int64_t> max_episode_steps = {};
};

/// Every environment there is, its options, and time limits short enough to be met.
std::vector<Case> cases() {
  return {{"CartPole-v1"},
          {"CartPole-v1", {}, 17},
          {"CartPole-v0", {{"sutton_barto_reward", true}}, -1},
          {"CartPole-v1", {{"kinematics_integrator", std::string("semi-implicit")}}},
          {"MountainCar-v0"},
          {"MountainCar-v0", {{"goal_velocity", -1.0}}, 33},
          {"Acrobot-v1", {}, 23},
          {"Acrobot-v1", {{"book_or_nips", std::string("nips")}, {"torque_noise_max", 0.5}}, 40},
          {"FrozenLake-v1"},
          {"FrozenLake8x8-v1", {{"success_rate", 0.7}, {"reward_schedule", std::vector<double>{1, -1, -0.01}}}},
          {"FrozenLake-v1", {{"is_slippery", false}}, 5},
          {"CliffWalking-v1", {}, 11},
          {"CliffWalkingSlippery-v1", {}, 40},
          {"Taxi-v4", {}, 21},
          {"Taxi-v4", {{"is_rainy", true}, {"fickle_passenger", true}, {"fickle_probability", 0.9}}, 60},
          {"Blackjack-v1"},
          {"Blackjack-v1", {{"sab", false}, {"natural", true}}},
          {"Rooms-v0", {{"dynamics", std::string("doors_stay")}}},
          {"Rooms-v0", {{"dynamics", std::string("argmax")}, {"start_in_goal", true}}}};
}

constexpr std::array kModes{AutoresetMode::next_step, AutoresetMode::same_step, AutoresetMode::disabled};

std::unique_ptr<VectorEnvironment> one_by_one(const Case& c, std::int64_t count, AutoresetMode mode) {
  const Registry registry = Registry::gymnasium();
  return std::make_unique<SyncVectorEnvironment>([&] { return registry.make(c.id, c.options, c.max_episode_steps); }, count,
                                                 mode);
}

std::unique_ptr<VectorEnvironment> side_by_side(const Case& c, std::int64_t count, AutoresetMode mode, int threads = 1) {
  const Registry registry = Registry::gymnasium();
  const EnvironmentSpec& spec = registry.find(c.id);
  EnvironmentOptions options = c.options;
  options.insert(spec.defaults.begin(), spec.defaults.end());
  auto limit = c.max_episode_steps ? c.max_episode_steps : spec.max_episode_steps;
  if (limit == -1) limit.reset();
  return std::make_unique<WorldEnvironment>(
      spec.make_world(options, count), WorldEnvironmentSettings{.mode = mode, .max_episode_steps = limit, .threads = threads});
}

Actions random_actions(Generator& generator, const VectorEnvironment& environments) {
  Actions actions(static_cast<std::size_t>(environments.count()));
  const Discrete& space = environments.action_space();
  for (std::int32_t& action : actions)
    action = static_cast<std::int32_t>(generator.integers(space.start, space.start + space.n));
  return actions;
}

template <class Value>
bool same(std::span<const Value> a, std::span<const Value> b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end());
}

bool ended(const VectorStep& step, std::size_t i) { return step.terminated[i] != 0 || step.truncated[i] != 0; }

bool any_ended(const VectorStep& step) {
  for (std::size_t i = 0; i < step.terminated.size(); ++i) {
    if (ended(step, i)) return true;
  }
  return false;
}

/// Requires that both say the same; final observations count where an episode has ended. Returns how many have.
int compare(const VectorStep& a, const VectorStep& b) {
  REQUIRE(same(a.observations, b.observations));
  REQUIRE(same(a.rewards, b.rewards));
  REQUIRE(same(a.terminated, b.terminated));
  REQUIRE(same(a.truncated, b.truncated));
  REQUIRE(same(a.autoreset, b.autoreset));
  REQUIRE(a.final_observations.size() == b.final_observations.size());
  const std::size_t E = a.rewards.size(), D = a.observations.size() / E;
  int ends = 0;
  for (std::size_t i = 0; i < E; ++i) {
    if (!ended(a, i)) continue;
    ++ends;
    if (a.final_observations.empty()) continue;
    REQUIRE(same(a.final_observations.subspan(i * D, D), b.final_observations.subspan(i * D, D)));
  }
  return ends;
}

/// Plays both with the same actions and compares every number. Returns how many episodes have ended.
int play(VectorEnvironment& a, VectorEnvironment& b, AutoresetMode mode, int steps, Generator& generator) {
  int ends = 0;
  for (int t = 0; t < steps; ++t) {
    const Actions actions = random_actions(generator, a);
    const VectorStep step = b.step(actions);
    ends += compare(a.step(actions), step);
    if (mode == AutoresetMode::disabled && any_ended(step)) {
      const std::uint64_t seed = generator.next_uint32();
      REQUIRE(same(a.reset(seed), b.reset(seed)));
    }
  }
  return ends;
}

std::string describe(const Case& c, AutoresetMode mode) {
  std::string words = text(c.id, ", mode ", static_cast<int>(mode), ", limit ", c.max_episode_steps.value_or(0));
  for (const auto& [name, value] : c.options) words += text(", ", name, " = ", to_string(value));
  return words;
}

}  // namespace

TEST_CASE("environments side by side do what environments one by one do, to the last bit") {
  for (const Case& c : cases()) {
    for (const AutoresetMode mode : kModes) {
      INFO(describe(c, mode));
      int ends = 0;
      for (const std::int64_t count : {1, 3, 70, 200}) {  // blocks that are full, and ones that are not
        const auto expected = one_by_one(c, count, mode), found = side_by_side(c, count, mode);
        Generator generator(static_cast<std::uint64_t>(count));
        REQUIRE(same(expected->reset(7), found->reset(7)));
        ends += play(*expected, *found, mode, 400, generator);
      }
      CHECK(ends > 20);  // there was something to compare
    }
  }
}

TEST_CASE("either kind of vector environment goes on from the other's snapshots") {
  for (const Case& c : cases()) {
    for (const AutoresetMode mode : kModes) {
      INFO(describe(c, mode));
      const auto expected = one_by_one(c, 5, mode), found = side_by_side(c, 5, mode);
      Generator generator(3);
      expected->reset(1);
      found->reset(1);
      for (int round = 0; round < 20; ++round) {
        play(*expected, *found, mode, 13, generator);
        const std::vector<Snapshot> saved = expected->save();
        REQUIRE(found->save() == saved);
        REQUIRE(found->save_environment(2) == expected->save_environment(2));
        const auto expected_again = one_by_one(c, 5, mode), found_again = side_by_side(c, 5, mode);
        REQUIRE(same(expected_again->load(saved), found_again->load(saved)));
        play(*expected_again, *found_again, mode, 50, generator);
      }
    }
  }
}

TEST_CASE("environments side by side do not depend on the number of threads", "[threads]") {
  constexpr std::int64_t kCount = 1500;
  for (const Case& c : cases()) {
    const auto expected = side_by_side(c, kCount, AutoresetMode::same_step);
    for (const int threads : {2, 3, 5}) {
      INFO(describe(c, AutoresetMode::same_step) << ", " << threads << " threads");
      const auto found = side_by_side(c, kCount, AutoresetMode::same_step, threads);
      Generator generator(4);
      REQUIRE(same(expected->reset(2), found->reset(2)));
      play(*expected, *found, AutoresetMode::same_step, 25, generator);
    }
  }
}

TEST_CASE("wrong use of environments side by side is told in the same words, and nothing moves") {
  const Case pole{"CartPole-v1", {}, 3};
  for (const AutoresetMode mode : kModes) {
    const auto expected = one_by_one(pole, 6, mode), found = side_by_side(pole, 6, mode);
    const auto complain_alike = [&](const Actions& actions) {
      const std::string words = error_message([&] { expected->step(actions); });
      REQUIRE_FALSE(words.empty());
      REQUIRE(error_message([&] { found->step(actions); }) == words);
    };
    complain_alike({0, 0, 0, 0, 0, 0});  // not reset yet
    expected->reset(1);
    found->reset(1);
    for (int t = 0; t < 3; ++t) {
      const auto before = found->save();
      complain_alike({0, 0, 2, 0, 0, 0});
      complain_alike({0, 0, 0, 0, -1, 7});
      complain_alike({0, 0, 0});
      REQUIRE(found->save() == before);
      compare(expected->step(Actions(6, 1)), found->step(Actions(6, 1)));
    }
    if (mode == AutoresetMode::disabled) complain_alike(Actions(6, 1));  // all have been truncated
    const Actions wild(6, INT32_MIN);
    if (mode == AutoresetMode::next_step) {
      compare(expected->step(wild), found->step(wild));  // ignored
    } else {
      CHECK_THROWS_AS(found->step(wild), Error);
    }
  }
}

TEST_CASE("an action that is not allowed in its room moves no environment side by side") {
  const auto rooms = Registry::gymnasium().make_vector("Rooms-v0", {}, 4);
  REQUIRE(dynamic_cast<WorldEnvironment*>(rooms.get()) != nullptr);
  const std::span<const float> first = rooms->reset(0);
  // To a room that each can go to: the goal's neighbours aside, room 4 or 3.
  const std::array<std::int32_t, 6> way{4, 3, 3, 4, 0, 5};
  Actions actions;
  for (const float room : first) actions.push_back(way[static_cast<std::size_t>(room)]);
  Actions wrong = actions;
  wrong[3] = static_cast<std::int32_t>(first[3]);  // there is no door from a room to itself
  const auto before = rooms->save();
  CHECK(error_message([&] { rooms->step(wrong); }).find("is not allowed in state") != std::string::npos);
  CHECK(rooms->save() == before);
  CHECK_NOTHROW(rooms->step(actions));
}

TEST_CASE("environments side by side refuse snapshots that do not fit, and then want a reset") {
  const Case pole{"CartPole-v1"}, lake{"FrozenLake-v1"};
  const auto poles = side_by_side(pole, 2, AutoresetMode::same_step), lakes = side_by_side(lake, 2, AutoresetMode::same_step);
  const auto three = side_by_side(pole, 3, AutoresetMode::same_step);
  CHECK_THROWS_AS(poles->save(), Error);
  CHECK_THROWS_AS(poles->save_environment(0), Error);
  poles->reset(0);
  lakes->reset(0);
  CHECK_THROWS_AS(poles->save_environment(2), Error);
  CHECK_THROWS_AS(three->load(poles->save()), Error);
  const auto saved = poles->save();
  CHECK_THROWS_AS(lakes->load(saved), Error);
  CHECK_THROWS_AS(lakes->step(Actions{0, 0}), Error);
  auto without_stream = saved;
  without_stream[1].stream.reset();
  CHECK_THROWS_AS(poles->load(without_stream), Error);
  auto too_long = saved;
  too_long[0].values[5] = 501;  // steps of 500 at most: after the state and whether it fell
  CHECK(error_message([&] { poles->load(too_long); }).find("time limit of 500 steps") != std::string::npos);
  CHECK_NOTHROW(poles->load(saved));
}

TEST_CASE("a copy of one of several environments goes on as it would") {
  const Case pole{"CartPole-v1"};
  const auto poles = side_by_side(pole, 5, AutoresetMode::same_step);
  poles->reset(3);
  poles->step(Actions(5, 1));
  const auto copy = Registry::gymnasium().make("CartPole-v1");
  copy->load(poles->save_environment(4));
  std::vector<float> observation(4);
  for (int t = 0; t < 5; ++t) {
    const VectorStep step = poles->step(Actions(5, 0));
    copy->step(0, observation);
    CHECK(same<float>(step.observations.subspan(16, 4), observation));
  }
}

TEST_CASE("settings of environments side by side are checked") {
  const Registry registry = Registry::gymnasium();
  const auto make = [&](std::int64_t count, const VectorSettings& settings) {
    return error_message([&] { registry.make_vector("CartPole-v1", {}, count, settings); });
  };
  CHECK(make(0, {}).find("1 or more environments, got 0") != std::string::npos);
  CHECK(make(0, {.fast = true}).find("1 or more environments, got 0") != std::string::npos);
  CHECK(make(8, {.threads = 0}) == "environments are stepped by 1 or more threads, got 0");
  CHECK(make(8, {.max_episode_steps = 0}).find("max_episode_steps is a number of steps above 0") != std::string::npos);
  CHECK(make(8, {.fast = true, .max_episode_steps = std::int64_t{1} << 40}).find("at most 2147483646") != std::string::npos);
  CHECK(error_message([&] { registry.make_vector("Taxi-v4", {}, 8, {.fast = true}); }) ==
        "Taxi-v4 has no fast mode: there is one for CartPole-v0, CartPole-v1, MountainCar-v0, Acrobot-v1. Leave it out; the "
        "exact mode is there for every environment.");
  CHECK_THROWS_AS(registry.make_vector("CartPole-v1", {{"gravity", 1.0}}, 8), Error);
}

TEST_CASE("environments without a world, and limits that none counts, are stepped one by one") {
  Registry registry = Registry::gymnasium();
  registry.add({.id = "Pole-v0", .make = [](const EnvironmentOptions&) { return Registry::gymnasium().make("CartPole-v1"); }});
  const auto stepped_one_by_one = [](const std::unique_ptr<VectorEnvironment>& environments) {
    return dynamic_cast<const SyncVectorEnvironment*>(environments.get()) != nullptr;
  };
  CHECK(stepped_one_by_one(registry.make_vector("Pole-v0", {}, 8)));
  CHECK(stepped_one_by_one(registry.make_vector("CartPole-v1", {}, 8, {.max_episode_steps = std::int64_t{1} << 40})));
  CHECK(stepped_one_by_one(registry.make_vector("CartPole-v1", {}, 1)));
  CHECK_FALSE(stepped_one_by_one(registry.make_vector("CartPole-v1", {}, 8)));
}

}  // namespace handgrad
