#include "envs/observation_transform.h"

#include "../support/catch.h"
#include "../support/error_message.h"
#include "envs/registry.h"

namespace handgrad {
namespace {

std::unique_ptr<Environment> shown(const std::string& id, ObservationKind kind, const EnvironmentOptions& options = {}) {
  return std::make_unique<ObservationTransform>(Registry::gymnasium().make(id, options), kind);
}

}  // namespace

TEST_CASE("a state is shown as row and column of its grid, not scaled") {
  const auto plain = Registry::gymnasium().make("CliffWalking-v1");
  const auto grid = shown("CliffWalking-v1", ObservationKind::row_column);
  CHECK(grid->observation_space() == Space(Box{{0, 0}, {3, 11}}));
  std::vector<float> state(1), cell(2);
  plain->reset(0, state);
  grid->reset(0, cell);
  CHECK(cell == std::vector<float>{3, 0});
  for (const int action : {0, 1, 1, 0, 1, 1, 2, 2, 2}) {
    const StepResult expected = plain->step(action, state), got = grid->step(action, cell);
    CHECK(got.reward == expected.reward);
    CHECK(cell[0] * 12 + cell[1] == state[0]);
  }
}

TEST_CASE("the width is that of the map, and need not be its height") {
  const auto lake = shown("FrozenLake-v1", ObservationKind::row_column,
                          {{"desc", std::vector<std::string>{"SFF", "FFG"}}, {"is_slippery", false}});
  CHECK(lake->observation_space() == Space(Box{{0, 0}, {1, 2}}));
  std::vector<float> cell(2);
  lake->reset(0, cell);
  for (const int action : {2, 2, 1}) lake->step(action, cell);
  CHECK(cell == std::vector<float>{1, 2});
}

TEST_CASE("a state is shown as a one among zeros") {
  const auto taxi = shown("Taxi-v4", ObservationKind::one_hot);
  CHECK(taxi->observation_size() == 500);
  std::vector<float> observation(500, 7.0f);
  taxi->reset(42, observation);
  std::vector<float> expected(500, 0.0f);
  expected[386] = 1.0f;
  CHECK(observation == expected);
  taxi->step(0, observation);
  expected[386] = 0.0f;
  expected[486] = 1.0f;
  CHECK(observation == expected);
}

TEST_CASE("raw observations are passed on, whatever they are") {
  const auto pole = shown("CartPole-v1", ObservationKind::raw);
  const auto plain = Registry::gymnasium().make("CartPole-v1");
  CHECK(pole->observation_space() == plain->observation_space());
  std::vector<float> a(4), b(4);
  pole->reset(1, a);
  plain->reset(1, b);
  CHECK(a == b);
  pole->step(1, a);
  plain->step(1, b);
  CHECK(a == b);
}

TEST_CASE("what is inside shines through, and a snapshot is that of the environment inside") {
  const auto lake = shown("FrozenLake-v1", ObservationKind::one_hot), other = shown("FrozenLake-v1", ObservationKind::one_hot);
  std::vector<float> a(16), b(16);
  lake->reset(5, a);
  CHECK(lake->ansi() == "\n\x1b[41mS\x1b[0mFFF\nFHFH\nFFFH\nHFFG\n");
  CHECK(lake->info().probability == 1.0);
  other->load(lake->save());
  for (int t = 0; t < 10; ++t) {
    lake->step(t % 4, a);
    other->step(t % 4, b);
    CHECK(a == b);
  }
}

TEST_CASE("observations that are no integers or no grid are refused with what to do") {
  CHECK(error_message([] { shown("CartPole-v1", ObservationKind::one_hot); }) ==
        "observation = \"one_hot\" needs an environment whose observations are integers, found "
        "Box([-4.8 -inf -0.41887903 -inf], [4.8 inf 0.41887903 inf], (4,), float32); use \"raw\"");
  CHECK_THROWS_AS(shown("Blackjack-v1", ObservationKind::row_column), Error);
  CHECK(error_message([] { shown("Taxi-v4", ObservationKind::row_column); }) ==
        "observation = \"row_column\" needs an environment whose states are the cells of a grid; use \"raw\" or \"one_hot\"");
  CHECK_THROWS_AS(ObservationTransform(nullptr, ObservationKind::raw), Error);
  const auto lake = shown("FrozenLake-v1", ObservationKind::row_column);
  std::vector<float> small(1);
  CHECK(error_message([&] { lake->reset(0, small); }) ==
        "observation transform: an observation takes 2 floats, the array given holds 1");
}

}  // namespace handgrad
