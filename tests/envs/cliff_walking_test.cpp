#include "envs/cliff_walking.h"

#include "../support/catch.h"
#include "../support/error_message.h"
#include "../support/tabular_episode.h"
#include "envs/registry.h"

// Expected values: Gymnasium 1.3.0.

namespace handgrad {
namespace {

/// The table once more, from a map with a frame of walls: each letter says what the cell is.
TransitionTable plain_table(bool slippery) {
  const std::vector<std::string> framed{"##############", "#............#", "#............#",
                                        "#............#", "#SCCCCCCCCCCG#", "##############"};
  const std::string compass = "NESW";  // up, right, down, left
  TransitionTable table;
  for (int r = 0; r < 4; ++r) {
    for (int c = 0; c < 12; ++c) {
      auto& actions = table.emplace_back();
      for (std::size_t a = 0; a < 4; ++a) {
        auto& entries = actions.emplace_back();
        const auto add = [&](double p, char arrow) {
          int to_r = r + (arrow == 'S') - (arrow == 'N'), to_c = c + (arrow == 'E') - (arrow == 'W');
          const auto letter = [&] { return framed[static_cast<std::size_t>(to_r + 1)][static_cast<std::size_t>(to_c + 1)]; };
          if (letter() == '#') to_r = r, to_c = c;
          if (letter() == 'C') return entries.push_back({p, 36, -100.0, false});
          entries.push_back({p, to_r * 12 + to_c, -1.0, letter() == 'G'});
        };
        if (!slippery) {
          add(1.0, compass[a]);
          continue;
        }
        for (const std::size_t turn : {3u, 0u, 1u}) add(0.3333333333333333, compass[(a + turn) % 4]);
      }
    }
  }
  return table;
}

}  // namespace

TEST_CASE("the cliff's table is the one of the rules, written a second time") {
  CHECK(CliffWalking().transitions() == plain_table(false));
  CHECK(CliffWalking({.is_slippery = true}).transitions() == plain_table(true));
}

TEST_CASE("the cliff's entries beside start and goal are the known ones") {
  using Entries = std::vector<Transition>;
  const CliffWalking dry, slippery({.is_slippery = true});
  CHECK(dry.transitions()[36][1] == Entries{{1.0, 36, -100.0, false}});  // from the start into the cliff
  CHECK(dry.transitions()[46][1] == Entries{{1.0, 47, -1.0, true}});
  const double third = 0.3333333333333333;
  CHECK(slippery.transitions()[36][0] ==
        Entries{{third, 36, -1.0, false}, {third, 24, -1.0, false}, {third, 36, -100.0, false}});
  CHECK(slippery.transitions()[46][3] ==
        Entries{{third, 36, -100.0, false}, {third, 36, -100.0, false}, {third, 34, -1.0, false}});
}

TEST_CASE("every walk begins in the lower left corner") {
  const CliffWalking cliff;
  for (std::size_t s = 0; s < 48; ++s) CHECK(cliff.initial_distribution()[s] == (s == 36 ? 1.0 : 0.0));
  CHECK(cliff.grid_columns() == 12);
}

TEST_CASE("the goal is not absorbing: steps after the end follow the table") {
  const CliffWalking cliff;
  CHECK(cliff.transitions()[47][0][0] == Transition{1.0, 35, -1.0, false});
  CHECK(cliff.transitions()[47][1][0] == Transition{1.0, 47, -1.0, true});
  CHECK(cliff.transitions()[47][2][0] == Transition{1.0, 47, -1.0, true});
  CHECK(cliff.transitions()[47][3][0] == Transition{1.0, 36, -100.0, false});
}

TEST_CASE("walks along the cliff are Gymnasium's") {
  const Registry registry = Registry::gymnasium();
  const auto dry = registry.make("CliffWalking-v1"), slippery = registry.make("CliffWalkingSlippery-v1");
  const auto walked = test::take_actions_in_turn(*dry, 8);
  CHECK(test::states(walked) == std::vector<int>{36, 24, 25, 36, 36, 24, 25, 36, 36});
  const std::vector<double> rewards{0, -1, -1, -100, -1, -1, -1, -100, -1};
  for (std::size_t t = 0; t < rewards.size(); ++t) CHECK(walked[t].reward == rewards[t]);
  CHECK(test::states(test::take_actions_in_turn(*slippery, 16)) ==
        std::vector<int>{36, 24, 36, 36, 36, 36, 36, 36, 36, 24, 25, 24, 24, 25, 26, 27, 26});
}

TEST_CASE("the cliff is drawn as text like Gymnasium's") {
  CliffWalking cliff;
  std::vector<float> observation(1);
  cliff.reset(0, observation);
  const std::string rows = "o  o  o  o  o  o  o  o  o  o  o  o\no  o  o  o  o  o  o  o  o  o  o  o\n";
  CHECK(cliff.ansi() == rows + "o  o  o  o  o  o  o  o  o  o  o  o\nx  C  C  C  C  C  C  C  C  C  C  T\n\n");
  cliff.step(0, observation);
  CHECK(cliff.ansi() == rows + "x  o  o  o  o  o  o  o  o  o  o  o\no  C  C  C  C  C  C  C  C  C  C  T\n\n");
  for (const int action : {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2}) cliff.step(action, observation);
  CHECK(cliff.ansi().ends_with("o  C  C  C  C  C  C  C  C  C  C  x\n\n"));  // the agent hides the goal
}

TEST_CASE("wrong use of CliffWalking is refused and changes nothing") {
  CliffWalking cliff;
  std::vector<float> observation(1);
  CHECK(error_message([&] { cliff.step(0, observation); }) ==
        "CliffWalking: step before the first reset; call reset with a seed first");
  CHECK(error_message([&] { cliff.reset({}, observation); }) ==
        "CliffWalking: the first reset needs a seed; nothing here is random by accident");
  cliff.reset(0, observation);
  const Snapshot before = cliff.save();
  CHECK(error_message([&] { cliff.step(4, observation); }) == "CliffWalking: action 4 is outside [0, 4)");
  CHECK(error_message([&] { cliff.step(-1, observation); }) == "CliffWalking: action -1 is outside [0, 4)");
  CHECK(cliff.save() == before);
  CHECK(error_message([] {
          cliff_walking_options({{"is_slippery", 0.5}});
        }) == "option 'is_slippery' is 0.5, a number; expected true or false");
}

}  // namespace handgrad
