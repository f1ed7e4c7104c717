#include "envs/vector_environment.h"

#include "../support/catch.h"
#include "../support/counting_environment.h"
#include "../support/error_message.h"
#include "envs/registry.h"

namespace handgrad {
namespace {

using test::CountingEnvironment;
using Actions = std::vector<std::int32_t>;

std::function<std::unique_ptr<Environment>()> maker(const std::string& id) {
  return [id] { return Registry::gymnasium().make(id); };
}

std::vector<float> row(std::span<const float> all, std::size_t i, std::size_t width) {
  const auto part = all.subspan(i * width, width);
  return {part.begin(), part.end()};
}

std::vector<int> whole(std::span<const float> values) { return {values.begin(), values.end()}; }

Actions random_actions(Generator& generator, std::size_t count, std::int64_t n) {
  Actions actions(count);
  for (std::int32_t& action : actions) action = static_cast<std::int32_t>(generator.integers(0, n));
  return actions;
}

/// Steps a vector environment beside single ones that follow the rules of the mode in plain words.
void compare_with_single_environments(const std::string& id, AutoresetMode mode) {
  constexpr std::size_t E = 4;
  SyncVectorEnvironment together(maker(id), E, mode);
  const auto D = static_cast<std::size_t>(together.observation_size());
  std::vector<std::unique_ptr<Environment>> single;
  std::vector<std::vector<float>> observation(E, std::vector<float>(D));
  std::vector<bool> ended(E, false);

  const auto first = together.reset(20);
  for (std::size_t i = 0; i < E; ++i) {
    single.push_back(Registry::gymnasium().make(id));
    single[i]->reset(20 + i, observation[i]);
    REQUIRE(row(first, i, D) == observation[i]);
  }

  Generator generator(1);
  int ends = 0;
  for (int t = 0; t < 400; ++t) {
    const Actions actions = random_actions(generator, E, together.action_space().n);
    const VectorStep step = together.step(actions);
    for (std::size_t i = 0; i < E; ++i) {
      if (ended[i] && mode == AutoresetMode::next_step) {
        single[i]->reset({}, observation[i]);
        REQUIRE(step.autoreset[i] == 1);
        REQUIRE(step.rewards[i] == 0.0);
        REQUIRE(step.terminated[i] == 0);
        REQUIRE(step.truncated[i] == 0);
        ended[i] = false;
      } else {
        const StepResult result = single[i]->step(actions[i], observation[i]);
        REQUIRE(step.autoreset[i] == 0);
        REQUIRE(step.rewards[i] == result.reward);
        REQUIRE((step.terminated[i] == 1) == result.terminated);
        REQUIRE((step.truncated[i] == 1) == result.truncated);
        ended[i] = result.terminated || result.truncated;
        ends += ended[i];
        if (ended[i] && mode == AutoresetMode::same_step) {
          REQUIRE(row(step.final_observations, i, D) == observation[i]);
          single[i]->reset({}, observation[i]);
        }
      }
      REQUIRE(row(step.observations, i, D) == observation[i]);
    }
  }
  CHECK(ends > 20);  // there was something to compare
}

}  // namespace

TEST_CASE("next-step autoreset equals single environments reset one step later") {
  compare_with_single_environments("CartPole-v1", AutoresetMode::next_step);
  compare_with_single_environments("FrozenLake-v1", AutoresetMode::next_step);
}

TEST_CASE("same-step autoreset equals single environments reset at once") {
  compare_with_single_environments("CartPole-v1", AutoresetMode::same_step);
  compare_with_single_environments("FrozenLake-v1", AutoresetMode::same_step);
}

TEST_CASE("next-step autoreset follows Gymnasium's SyncVectorEnv") {
  SyncVectorEnvironment environments(maker("FrozenLake-v1"), 3);
  CHECK(whole(environments.reset(5)) == std::vector<int>{0, 0, 0});
  const std::vector<std::vector<int>> expected{{4, 4, 0}, {8, 5, 0}, {12, 0, 0}, {0, 4, 0},  {0, 8, 0},  {4, 4, 1},
                                               {8, 5, 5}, {9, 0, 0}, {13, 0, 1}, {13, 4, 2}, {13, 4, 2}, {9, 0, 1}};
  for (int t = 0; t < 12; ++t) {
    const VectorStep step = environments.step(Actions{t % 4, (t + 1) % 4, (t + 2) % 4});
    CHECK(whole(step.observations) == expected[static_cast<std::size_t>(t)]);
    CHECK((step.terminated[0] == 1) == (t == 2));
    CHECK((step.terminated[1] == 1) == (t == 1 || t == 6));
    CHECK((step.autoreset[1] == 1) == (t == 2 || t == 7));
  }
}

TEST_CASE("same-step autoreset follows Gymnasium's SyncVectorEnv") {
  SyncVectorEnvironment environments(maker("FrozenLake-v1"), 3, AutoresetMode::same_step);
  environments.reset(5);
  const std::vector<std::vector<int>> expected{{4, 4, 0}, {8, 0, 0}, {0, 0, 0}, {0, 0, 0}, {0, 1, 0}, {0, 0, 1},
                                               {4, 1, 0}, {4, 1, 4}, {4, 2, 8}, {4, 6, 9}, {0, 0, 0}, {0, 4, 4}};
  for (int t = 0; t < 12; ++t) {
    const VectorStep step = environments.step(Actions{t % 4, (t + 1) % 4, (t + 2) % 4});
    CHECK(whole(step.observations) == expected[static_cast<std::size_t>(t)]);
    if (t == 1) CHECK(step.final_observations[1] == 5.0f);
    if (t == 2) CHECK(step.final_observations[0] == 12.0f);
    if (t == 10) CHECK(whole(step.final_observations) == std::vector<int>{5, 5, 5});
  }
}

TEST_CASE("environment i is seeded with the seed plus i") {
  SyncVectorEnvironment environments([] { return std::make_unique<CountingEnvironment>(5); }, 3);
  environments.reset(40);
  for (int i = 0; i < 3; ++i) {
    CHECK(dynamic_cast<const CountingEnvironment&>(environments.environment(i)).last_seed() == 40 + i);
  }
}

TEST_CASE("the reset of next-step autoreset is no transition") {
  SyncVectorEnvironment environments([] { return std::make_unique<CountingEnvironment>(2); }, 1);
  environments.reset(0);
  environments.step(Actions{1});
  const VectorStep last = environments.step(Actions{2});
  CHECK(last.observations[0] == 102.0f);
  CHECK(last.rewards[0] == 2.0);
  CHECK(last.terminated[0] == 1);
  CHECK(last.autoreset[0] == 0);
  const VectorStep reset = environments.step(Actions{99});  // ignored, whatever it is
  CHECK(reset.observations[0] == 200.0f);
  CHECK(reset.rewards[0] == 0.0);
  CHECK(reset.terminated[0] == 0);
  CHECK(reset.autoreset[0] == 1);
  CHECK(environments.step(Actions{1}).autoreset[0] == 0);
}

TEST_CASE("final observations exist in same-step autoreset only") {
  const auto make = [] { return std::make_unique<CountingEnvironment>(1); };
  SyncVectorEnvironment same(make, 1, AutoresetMode::same_step), next(make, 1);
  same.reset(0);
  next.reset(0);
  const VectorStep ended = same.step(Actions{0});
  CHECK(ended.observations[0] == 200.0f);
  CHECK(ended.final_observations[0] == 101.0f);
  CHECK(ended.terminated[0] == 1);
  CHECK(next.step(Actions{0}).final_observations.empty());
}

TEST_CASE("without autoreset an ended environment is stepped only after a reset") {
  int length = 0;
  SyncVectorEnvironment environments([&] { return std::make_unique<CountingEnvironment>(++length); }, 2,
                                     AutoresetMode::disabled);  // lengths 1 and 2
  environments.reset(0);
  CHECK(environments.step(Actions{0, 0}).terminated[0] == 1);
  CHECK(error_message([&] {
          environments.step(Actions{0, 0});
        }) == "environment 0 of 2 has ended its episode and autoreset is disabled: reset before stepping on");
  CHECK(dynamic_cast<const CountingEnvironment&>(environments.environment(1)).steps() == 1);
  environments.reset(0);
  CHECK(environments.step(Actions{0, 0}).observations[0] == 201.0f);
}

TEST_CASE("no environment moves when one action is wrong") {
  SyncVectorEnvironment environments([] { return std::make_unique<CountingEnvironment>(9); }, 3);
  environments.reset(0);
  CHECK(error_message([&] { environments.step(Actions{0, 0, 3}); }) == "environment 2 of 3: action 3 is outside [0, 3)");
  CHECK_THROWS_AS(environments.step(Actions{0, -1, 0}), Error);
  CHECK(error_message([&] { environments.step(Actions{0, 0}); }) == "expected 3 actions, one an environment, got 2");
  for (int i = 0; i < 3; ++i) {
    CHECK(dynamic_cast<const CountingEnvironment&>(environments.environment(i)).steps() == 0);
  }
}

TEST_CASE("wrong use of a vector environment is an error") {
  const auto make = [] { return std::make_unique<CountingEnvironment>(9); };
  CHECK_THROWS_AS(SyncVectorEnvironment(make, 0), Error);
  CHECK_THROWS_AS(SyncVectorEnvironment([] { return nullptr; }, 2), Error);
  SyncVectorEnvironment environments(make, 2);
  CHECK_THROWS_AS(environments.step(Actions{0, 0}), Error);
  CHECK_THROWS_AS(environments.save(), Error);
  CHECK_THROWS_AS(environments.environment(2), Error);
  CHECK_THROWS_AS(environments.environment(-1), Error);
}

TEST_CASE("environments of different spaces do not make a vector") {
  std::int64_t actions = 2;
  CHECK(error_message([&] {
          SyncVectorEnvironment([&] { return std::make_unique<CountingEnvironment>(9, actions++); }, 2);
        }) == "environment 1 of 2 has other spaces than environment 0");
}

TEST_CASE("a vector environment loaded from its snapshots goes on as the saved one, waiting resets included") {
  for (const AutoresetMode mode : {AutoresetMode::next_step, AutoresetMode::same_step}) {
    SyncVectorEnvironment saved(maker("FrozenLake-v1"), 3, mode), loaded(maker("FrozenLake-v1"), 3, mode);
    saved.reset(5);
    Generator generator(2);
    VectorStep last{};
    // Up to a step in which an episode ends.
    do last = saved.step(random_actions(generator, 3, 4));
    while (last.terminated[0] + last.terminated[1] + last.terminated[2] == 0);
    CHECK(whole(loaded.load(saved.save())) == whole(last.observations));
    for (int t = 0; t < 50; ++t) {
      const Actions actions = random_actions(generator, 3, 4);
      const VectorStep a = saved.step(actions), b = loaded.step(actions);
      REQUIRE(whole(a.observations) == whole(b.observations));
      REQUIRE(std::vector(a.autoreset.begin(), a.autoreset.end()) == std::vector(b.autoreset.begin(), b.autoreset.end()));
    }
  }
}

TEST_CASE("a reset that waits after a truncation is in the snapshot too") {
  const auto make = [] { return Registry::gymnasium().make("CartPole-v1", {}, 2); };
  SyncVectorEnvironment saved(make, 2), loaded(make, 2);
  saved.reset(5);
  saved.step(Actions{0, 1});
  CHECK(saved.step(Actions{0, 1}).truncated[1] == 1);
  loaded.load(saved.save());
  const VectorStep a = saved.step(Actions{0, 1}), b = loaded.step(Actions{0, 1});
  CHECK(b.autoreset[1] == 1);
  CHECK(row(b.observations, 1, 4) == row(a.observations, 1, 4));
}

TEST_CASE("a vector environment refuses snapshots that do not fit") {
  SyncVectorEnvironment two(maker("FrozenLake-v1"), 2), three(maker("FrozenLake-v1"), 3), poles(maker("CartPole-v1"), 2);
  two.reset(0);
  poles.reset(0);
  CHECK_THROWS_AS(three.load(two.save()), Error);
  CHECK_THROWS_AS(poles.load(two.save()), Error);
  CHECK_THROWS_AS(poles.step(Actions{0, 0}), Error);  // in need of a reset now
  poles.reset(0);
  CHECK_NOTHROW(poles.step(Actions{0, 0}));
}

}  // namespace handgrad
