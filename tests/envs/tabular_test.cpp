#include "envs/tabular.h"

#include <cmath>

#include "../support/catch.h"
#include "../support/error_message.h"

namespace handgrad {
namespace {

/// Two states, one action: from 0 to 1 with probability 3/4, else stay; 1 ends where it is.
TransitionTable coin() { return {{{{0.25, 0, -1.0, false}, {0.75, 1, 2.0, true}}}, {{{1.0, 1, 0.0, true}}}}; }

}  // namespace

TEST_CASE("a table is an environment: the drawn entry gives state, reward, end and probability") {
  TabularEnvironment environment(coin(), {1.0, 0.0});
  std::vector<float> observation(1);
  environment.reset(0, observation);  // draws 0.637, then 0.270, 0.041, 0.017
  CHECK(observation[0] == 0.0f);
  CHECK(environment.info().probability == 1.0);
  const StepResult result = environment.step(0, observation);
  CHECK(observation[0] == 1.0f);
  CHECK(result.reward == 2.0);
  CHECK(result.terminated);
  CHECK(environment.info().probability == 0.75);
  CHECK(environment.last_action() == 0);
  environment.reset({}, observation);
  CHECK_FALSE(environment.last_action());
  CHECK(environment.info().probability == 1.0);
  CHECK(environment.step(0, observation).reward == -1.0);  // 0.017
}

TEST_CASE("reset and step consume one double each, also where there is one entry only") {
  TabularEnvironment environment(coin(), {0.0, 1.0});
  std::vector<float> observation(1);
  environment.reset(9, observation);
  Generator stream(9);
  stream.random();
  CHECK(environment.save().stream == stream.state());
  environment.step(0, observation);
  stream.random();
  CHECK(environment.save().stream == stream.state());
}

TEST_CASE("the start is drawn from the initial distribution") {
  TabularEnvironment environment(coin(), {0.3, 0.7});
  std::vector<float> observation(1);
  environment.reset(0, observation);  // 0.637
  CHECK(observation[0] == 1.0f);
  environment.reset({}, observation);  // 0.270
  CHECK(observation[0] == 0.0f);
}

TEST_CASE("a sum that equals the draw is not above it") {
  Generator stream(0);
  stream.random();
  const double drawn = stream.random();  // that of the first step
  TabularEnvironment environment({{{{drawn, 0, 1.0, false}, {1.0 - drawn, 0, 2.0, false}}}}, {1.0});
  std::vector<float> observation(1);
  environment.reset(0, observation);
  CHECK(environment.step(0, observation).reward == 2.0);
}

TEST_CASE("a draw above all sums takes the first entry") {
  const double short_of_one = 1.0 - 8e-10;
  TabularEnvironment environment({{{{short_of_one, 0, 1.0, false}, {0.0, 0, 2.0, false}}}}, {1.0});
  std::vector<float> observation(1);
  Snapshot snapshot = environment.save();
  // A stream whose next double is the largest there is, 1 - 2^-53: from state 0 the next state is the increment, and its
  // halves xor to all ones but the last bit, which the rotation moves to where random() drops it.
  snapshot.stream = Generator::State{0, 0, UINT64_MAX, 1, false, 0};
  Generator next = Generator::from_state(*snapshot.stream);
  REQUIRE(next.random() > short_of_one);
  environment.load(snapshot);
  CHECK(environment.step(0, observation).reward == 1.0);
}

TEST_CASE("a table of wrong shape is refused with its place") {
  const auto made_from = [](TransitionTable table, std::vector<double> initial) {
    return error_message([&] { TabularEnvironment(table, initial, "Maze"); });
  };
  CHECK(made_from({}, {}) == "Maze: a transition table needs at least one state and one action");
  CHECK(made_from({{}}, {1.0}) == "Maze: a transition table needs at least one state and one action");
  CHECK(made_from(coin(), {1.0}) == "Maze: 2 states, but an initial distribution over 1");
  CHECK(made_from(coin(), {0.5, 0.4}) == "Maze: the initial distribution sums to 0.9, expected 1");
  CHECK(made_from(coin(), {1.5, -0.5}) == "Maze: the initial distribution holds -0.5, expected 0 or more");
  CHECK(made_from(coin(), {NAN, 1.0}) == "Maze: the initial distribution holds nan, expected 0 or more");
  TransitionTable table = coin();
  table[1][0][0].next_state = 2;
  CHECK(made_from(table, {1.0, 0.0}) == "Maze: state 1, action 0 leads to state 2 of 2");
  table = coin();
  table[0][0][0].probability = 0.5;
  CHECK(made_from(table, {1.0, 0.0}) == "Maze: the probabilities of state 0, action 0 sum to 1.25, expected 1");
  table = coin();
  table[1].push_back(table[1][0]);
  CHECK(made_from(table, {1.0, 0.0}) == "Maze: state 1 has 2 actions, state 0 has 1");
  table = coin();
  table[1][0].clear();
  CHECK(made_from(table, {1.0, 0.0}) == "Maze: the probabilities of state 1, action 0 sum to 0, expected 1");
}

TEST_CASE("an action that is not allowed in a state is refused and changes nothing") {
  TransitionTable table{{{{1.0, 1, -1.0, false}}, {}, {{1.0, 0, -1.0, false}}}, {{}, {{1.0, 0, 1.0, true}}, {}}};
  const std::vector<std::uint8_t> legal{1, 0, 1, 0, 1, 0};
  TabularEnvironment maze(table, {1.0, 0.0}, "Maze", legal);
  CHECK(maze.legal_actions() == legal);
  std::vector<float> observation(1);
  maze.reset(0, observation);
  const Snapshot before = maze.save();
  CHECK(error_message([&] { maze.step(1, observation); }) == "Maze: action 1 is not allowed in state 0, where there is 0, 2");
  CHECK(maze.save() == before);
  maze.step(0, observation);
  CHECK(error_message([&] { maze.step(2, observation); }) == "Maze: action 2 is not allowed in state 1, where there is 1");
  CHECK(maze.step(1, observation).terminated);
  CHECK(TabularEnvironment(coin(), {1.0, 0.0}).legal_actions().empty());
}

TEST_CASE("what is allowed has to fit the table") {
  const auto made_with = [](std::vector<std::uint8_t> legal) {
    return error_message([&] { TabularEnvironment(coin(), {1.0, 0.0}, "Maze", legal); });
  };
  CHECK(made_with({1}) == "Maze: 2 states with 1 actions, but 1 entries say which are allowed");
  CHECK(made_with({1, 0}) == "Maze: action 0 is not allowed in state 1, but there are 1 ways in which it goes");
  TransitionTable table = coin();
  table[1][0].clear();
  CHECK(error_message([&] { TabularEnvironment(table, {1.0, 0.0}, "Maze", {1, 0}); }) == "Maze: state 1 allows no action");
}

TEST_CASE("an invalid action leaves a tabular environment as it was") {
  TabularEnvironment environment(coin(), {1.0, 0.0}, "Maze");
  std::vector<float> observation(1);
  CHECK(error_message([&] { environment.step(0, observation); }) ==
        "Maze: step before the first reset; call reset with a seed first");
  CHECK_THROWS_AS(environment.reset({}, observation), Error);
  environment.reset(3, observation);
  const Snapshot before = environment.save();
  CHECK(error_message([&] { environment.step(1, observation); }) == "Maze: action 1 is outside [0, 1)");
  CHECK_THROWS_AS(environment.step(-1, observation), Error);
  CHECK(environment.save() == before);
}

TEST_CASE("a tabular environment goes on from its snapshot and refuses another's") {
  TabularEnvironment saved(coin(), {0.5, 0.5}), loaded(coin(), {0.5, 0.5});
  std::vector<float> a(1), b(1);
  saved.reset(12, a);
  saved.step(0, a);
  loaded.load(saved.save());
  CHECK(loaded.last_action() == saved.last_action());
  CHECK(loaded.info().probability == saved.info().probability);
  for (int t = 0; t < 20; ++t) {
    saved.reset({}, a);
    loaded.reset({}, b);
    CHECK(a == b);
    CHECK(saved.step(0, a).reward == loaded.step(0, b).reward);
  }
  CHECK_THROWS_AS(loaded.load(Snapshot{{}, {2.0, -1.0, 1.0}}), Error);
  CHECK_THROWS_AS(loaded.load(Snapshot{{}, {0.0}}), Error);
  CHECK_THROWS_AS(loaded.load(Snapshot{{}, {NAN, -1.0, 1.0}}), Error);
}

}  // namespace handgrad
