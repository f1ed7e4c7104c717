#include "envs/frozen_lake.h"

#include <algorithm>
#include <cmath>

#include "../support/catch.h"
#include "../support/error_message.h"

namespace handgrad {
namespace {

using Rewards = std::array<double, 3>;

const FrozenLakeMap kThreeStarts{"SFFHG", "FSHFF", "FFSFG"};

/// The table once more, from arrows on a map with a frame of walls around it.
TransitionTable plain_table(const FrozenLakeMap& map, bool slippery, double success, const Rewards& rewards) {
  const int rows = static_cast<int>(map.size()), columns = static_cast<int>(map[0].size());
  std::vector<std::string> framed(map.size() + 2, std::string(map[0].size() + 2, '#'));
  for (std::size_t r = 0; r < map.size(); ++r) framed[r + 1].replace(1, map[r].size(), map[r]);
  const auto letter = [&](int r, int c) { return framed[static_cast<std::size_t>(r + 1)][static_cast<std::size_t>(c + 1)]; };
  const std::string compass = "WSEN";  // left, down, right, up

  TransitionTable table;
  for (int r = 0; r < rows; ++r) {
    for (int c = 0; c < columns; ++c) {
      auto& actions = table.emplace_back();
      for (std::size_t a = 0; a < 4; ++a) {
        auto& entries = actions.emplace_back();
        const auto add = [&](double p, char arrow) {
          int to_r = r + (arrow == 'S') - (arrow == 'N'), to_c = c + (arrow == 'E') - (arrow == 'W');
          if (letter(to_r, to_c) == '#') to_r = r, to_c = c;
          const char reached = letter(to_r, to_c);
          const double reward = reached == 'G' ? rewards[0] : reached == 'H' ? rewards[1] : rewards[2];
          entries.push_back({p, to_r * columns + to_c, reward, reached == 'G' || reached == 'H'});
        };
        if (letter(r, c) == 'G' || letter(r, c) == 'H') {
          entries.push_back({1.0, r * columns + c, 0.0, true});
        } else if (slippery) {
          add((1.0 - success) / 2.0, compass[(a + 3) % 4]);
          add(success, compass[a]);
          add((1.0 - success) / 2.0, compass[(a + 1) % 4]);
        } else {
          add(1.0, compass[a]);
        }
      }
    }
  }
  return table;
}

/// Value of the start under the best policy, by value iteration to the end, or for `horizon` steps.
double best_value(const FrozenLake& lake, double discount, int horizon = 100000) {
  const TransitionTable& table = lake.transitions();
  std::vector<double> value(table.size(), 0.0);
  for (int sweep = 0; sweep < horizon; ++sweep) {
    std::vector<double> next(table.size(), 0.0);
    double change = 0.0;
    for (std::size_t s = 0; s < table.size(); ++s) {
      double best = -1e300;
      for (const auto& transitions : table[s]) {
        double expected = 0.0;
        for (const Transition& t : transitions) {
          const double rest = t.terminated ? 0.0 : value[static_cast<std::size_t>(t.next_state)];
          expected += t.probability * (t.reward + discount * rest);
        }
        best = std::max(best, expected);
      }
      next[s] = best;
      change = std::max(change, std::abs(best - value[s]));
    }
    value = next;
    if (change < 1e-13) break;
  }
  double start = 0.0;
  for (std::size_t s = 0; s < value.size(); ++s) start += lake.initial_distribution()[s] * value[s];
  return start;
}

FrozenLake made_from(FrozenLakeOptions options) { return FrozenLake(options); }

std::vector<int> visited(FrozenLake& lake, int steps) {
  std::vector<float> observation(1);
  lake.reset(42, observation);
  std::vector<int> states{static_cast<int>(observation[0])};
  for (int t = 0; t < steps; ++t) {
    const StepResult result = lake.step(t % 4, observation);
    states.push_back(static_cast<int>(observation[0]) * (result.terminated ? -1 : 1));  // negative: terminated there
  }
  return states;
}

}  // namespace

TEST_CASE("the lake's table is the one of the rules, written a second time") {
  const Rewards schedule{7, -3, -1};
  CHECK(made_from({}).transitions() == plain_table(frozen_lake_map("4x4"), true, 1.0 / 3.0, {1, 0, 0}));
  CHECK(made_from({.map_name = "8x8"}).transitions() == plain_table(frozen_lake_map("8x8"), true, 1.0 / 3.0, {1, 0, 0}));
  CHECK(made_from({.is_slippery = false}).transitions() == plain_table(frozen_lake_map("4x4"), false, 1.0, {1, 0, 0}));
  CHECK(made_from({.desc = kThreeStarts, .success_rate = 0.75, .reward_schedule = schedule}).transitions() ==
        plain_table(kThreeStarts, true, 0.75, schedule));
}

TEST_CASE("the sides of a slippery step are a bit likelier than one third") {
  const FrozenLake lake;
  const auto& down = lake.transitions()[0][1];
  REQUIRE(down.size() == 3);
  CHECK(down[0].probability == 0.33333333333333337);
  CHECK(down[1].probability == 0.3333333333333333);
  CHECK(down[2].probability == 0.33333333333333337);
  CHECK(down[0].next_state == 0);  // left, against the edge
  CHECK(down[1].next_state == 4);
  CHECK(down[2].next_state == 1);
}

TEST_CASE("staying on a hole or the goal pays nothing, whatever the schedule says") {
  const FrozenLake lake({.reward_schedule = {5, -5, -1}});
  for (const std::size_t s : {5u, 15u}) {
    for (const auto& transitions : lake.transitions()[s]) {
      CHECK(transitions == std::vector<Transition>{{1.0, static_cast<std::int64_t>(s), 0.0, true}});
    }
  }
}

TEST_CASE("all starts are equally likely") {
  const FrozenLake lake({.desc = kThreeStarts});
  for (const std::size_t s : {0u, 6u, 12u}) CHECK(lake.initial_distribution()[s] == 1.0 / 3.0);
  CHECK(std::count(lake.initial_distribution().begin(), lake.initial_distribution().end(), 0.0) == 12);
}

TEST_CASE("the best values of the lakes are the known ones") {
  const FrozenLake small, large({.map_name = "8x8"}), dry({.is_slippery = false});
  CHECK(std::abs(best_value(small, 0.99) - 0.5420259) < 1e-7);
  CHECK(std::abs(best_value(large, 0.99) - 0.4146404) < 1e-7);
  CHECK(std::abs(best_value(dry, 0.99) - std::pow(0.99, 5)) < 1e-12);
  CHECK(std::abs(best_value(small, 1.0, 100) - 0.7441903) < 1e-7);
  CHECK(std::abs(best_value(large, 1.0, 200) - 0.9132202) < 1e-7);
  CHECK(std::abs(best_value(small, 1.0) - 14.0 / 17.0) < 1e-9);
}

TEST_CASE("episodes of the lakes are Gymnasium's") {
  FrozenLake small, large({.map_name = "8x8"});
  CHECK(visited(small, 8) == std::vector<int>{0, 0, 1, 1, 2, 6, -7, -7, -7});
  CHECK(visited(large, 13) == std::vector<int>{0, 0, 1, 1, 2, 10, 11, 3, 4, 3, 11, 3, 3, 11});
  CHECK(visited(large, 14).back() == -19);
}

TEST_CASE("wrong use of FrozenLake is refused and changes nothing") {
  FrozenLake lake;
  std::vector<float> observation(1);
  CHECK(error_message([&] { lake.step(0, observation); }) ==
        "FrozenLake: step before the first reset; call reset with a seed first");
  lake.reset(0, observation);
  const Snapshot before = lake.save();
  CHECK(error_message([&] { lake.step(4, observation); }) == "FrozenLake: action 4 is outside [0, 4)");
  CHECK(error_message([&] { lake.step(-1, observation); }) == "FrozenLake: action -1 is outside [0, 4)");
  CHECK(lake.save() == before);
}

TEST_CASE("wrong options of a lake are errors that say what is wrong") {
  const auto error = [](FrozenLakeOptions options) { return error_message([&] { FrozenLake lake(options); }); };
  CHECK(error({.map_name = "4x8"}) ==
        "FrozenLake: there is no map '4x8'. Did you mean '4x4'? There are 4x4 and 8x8; desc takes a map of your own.");
  CHECK(error({.success_rate = 1.5}) == "FrozenLake: success_rate is 1.5, expected a probability in [0, 1]");
  CHECK(error({.success_rate = -0.5}) == "FrozenLake: success_rate is -0.5, expected a probability in [0, 1]");
  CHECK(error({.success_rate = NAN}) == "FrozenLake: success_rate is nan, expected a probability in [0, 1]");
  CHECK(error({.reward_schedule = {1, INFINITY, 0}}) == "FrozenLake: reward_schedule holds inf, expected finite numbers");
  CHECK(error({.desc = FrozenLakeMap{}}) == "FrozenLake: a map needs at least one row with one cell");
  CHECK(error({.desc = FrozenLakeMap{"SF", "G"}}) ==
        "FrozenLake: rows of a map are of one length, but row 1 has 1 cells and row 0 has 2");
  CHECK(error({.desc = FrozenLakeMap{"SF", "XG"}}) ==
        "FrozenLake: row 1 of the map, \"XG\", holds something else than S (start), F (frozen), H (hole) and G (goal)");
  CHECK(error({.desc = FrozenLakeMap{"FF", "FG"}}) == "FrozenLake: a map needs at least one start S");
}

TEST_CASE("success rates at the ends of their range and a lake without goal are fine") {
  CHECK_NOTHROW(FrozenLake({.success_rate = 0.0}));
  CHECK_NOTHROW(FrozenLake({.success_rate = 1.0}));
  const FrozenLake lake({.desc = FrozenLakeMap{"SF"}});
  CHECK(std::get<Discrete>(lake.observation_space()) == Discrete{2});
}

TEST_CASE("a map of your own goes before a map's name") {
  const FrozenLakeOptions options = frozen_lake_options({{"desc", std::vector<std::string>{"SG"}},
                                                         {"map_name", std::string("8x8")},
                                                         {"is_slippery", false},
                                                         {"success_rate", std::int64_t{1}},
                                                         {"reward_schedule", std::vector<double>{2, 1, 0}}});
  const FrozenLake lake(options);
  CHECK(lake.map() == FrozenLakeMap{"SG"});
  CHECK(lake.transitions()[0][2] == std::vector<Transition>{{1.0, 1, 2.0, true}});
  CHECK(options.success_rate == 1.0);
}

TEST_CASE("the lake is drawn as text like Gymnasium's") {
  FrozenLake lake({.is_slippery = false});
  std::vector<float> observation(1);
  lake.reset(0, observation);
  CHECK(lake.ansi() == "\n\x1b[41mS\x1b[0mFFF\nFHFH\nFFFH\nHFFG\n");
  lake.step(1, observation);
  CHECK(lake.ansi() == "  (Down)\nSFFF\n\x1b[41mF\x1b[0mHFH\nFFFH\nHFFG\n");
}

}  // namespace handgrad
