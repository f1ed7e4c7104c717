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

TEST_CASE("environments side by side do not depend on the number of threads") {
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

}  // namespace handgrad
