#include "envs/rooms.h"

#include <algorithm>
#include <cmath>

#include "../support/catch.h"
#include "../support/error_message.h"

namespace handgrad {
namespace {

using Dynamics = RoomsOptions::Dynamics;
constexpr double kNo = -1e9;  // not allowed

/// Q [6][6] with discount 0.95, by sweeps to the fixed point.
std::vector<std::vector<double>> best_values(const Rooms& rooms) {
  std::vector<std::vector<double>> q(6, std::vector<double>(6, 0.0));
  for (int sweep = 0; sweep < 500; ++sweep) {
    for (std::size_t s = 0; s < 6; ++s) {
      for (std::size_t a = 0; a < 6; ++a) {
        const auto& entries = rooms.transitions()[s][a];
        if (entries.empty()) {
          q[s][a] = kNo;
          continue;
        }
        const Transition& t = entries.at(0);
        const double rest = t.terminated ? 0.0 : std::ranges::max(q[static_cast<std::size_t>(t.next_state)]);
        q[s][a] = t.reward + 0.95 * rest;
      }
    }
  }
  return q;
}

void check_values(Dynamics dynamics, const std::vector<std::vector<double>>& expected) {
  const auto q = best_values(Rooms({.dynamics = dynamics}));
  for (std::size_t s = 0; s < expected.size(); ++s) {
    for (std::size_t a = 0; a < 6; ++a) {
      CAPTURE(s, a);
      CHECK(std::abs(q[s][a] - expected[s][a]) < 1e-9);
    }
  }
}

}  // namespace

TEST_CASE("each reading of the reward matrix has its own values") {
  check_values(Dynamics::doors, {{kNo, kNo, kNo, kNo, 95, kNo},
                                 {kNo, kNo, kNo, 90.25, kNo, 100},
                                 {kNo, kNo, kNo, 90.25, kNo, kNo},
                                 {kNo, 95, 85.7375, kNo, 95, kNo},
                                 {90.25, kNo, kNo, 90.25, kNo, 100},
                                 {0, 0, 0, 0, 0, 0}});
  check_values(Dynamics::doors_stay, {{89.25, 89.25, 89.25, 89.25, 95, 89.25},
                                      {94, 94, 94, 90.25, 94, 100},
                                      {84.7375, 84.7375, 84.7375, 90.25, 84.7375, 84.7375},
                                      {89.25, 95, 85.7375, 89.25, 95, 89.25},
                                      {90.25, 94, 94, 90.25, 94, 100},
                                      {0, 0, 0, 0, 0, 0}});
  check_values(Dynamics::teleport, {{89.25, 94, 88.3, 89.25, 95, -1},
                                    {89.25, 94, 88.3, 90.25, 94, 100},
                                    {89.25, 94, 88.3, 90.25, 94, -1},
                                    {89.25, 95, 89.3, 89.25, 95, -1},
                                    {90.25, 94, 88.3, 90.25, 94, 100},
                                    {0, 0, 0, 0, 0, 0}});
  std::vector<std::vector<double>> same;
  for (const double value : {95.0, 100.0, 90.25, 95.0, 100.0, 0.0}) same.emplace_back(6, value);
  check_values(Dynamics::argmax, same);
}

TEST_CASE("where the action does not count, every action goes to the room with the largest reward") {
  const Rooms rooms({.dynamics = Dynamics::argmax});
  const int next[] = {4, 5, 3, 1, 5, 5};
  for (std::size_t s = 0; s < 6; ++s) {
    for (const auto& entries : rooms.transitions()[s]) CHECK(entries.at(0).next_state == next[s]);
  }
}

TEST_CASE("walls are no actions where there have to be doors") {
  Rooms rooms;
  CHECK(rooms.legal_actions() == std::vector<std::uint8_t>{0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 1, 0, 0,
                                                           0, 1, 1, 0, 1, 0, 1, 0, 0, 1, 0, 1, 1, 1, 1, 1, 1, 1});
  CHECK(Rooms({.dynamics = Dynamics::teleport}).legal_actions().empty());
  std::vector<float> observation(1);
  do {
    rooms.reset(3, observation);
    if (observation[0] != 0.0f) rooms.reset({}, observation);
  } while (observation[0] != 0.0f);
  const Snapshot before = rooms.save();
  CHECK(error_message([&] { rooms.step(1, observation); }) == "Rooms: action 1 is not allowed in state 0, where there is 4");
  CHECK(rooms.save() == before);
  CHECK(rooms.step(4, observation).reward == 0.0);
  const StepResult last = rooms.step(5, observation);
  CHECK(last.reward == 100.0);
  CHECK(last.terminated);
}

TEST_CASE("an episode that starts in the goal is over after one step that pays nothing") {
  CHECK(Rooms().initial_distribution() == std::vector<double>{0.2, 0.2, 0.2, 0.2, 0.2, 0.0});
  Rooms rooms({.start_in_goal = true});
  CHECK(rooms.initial_distribution() == std::vector<double>(6, 1.0 / 6.0));
  std::vector<float> observation(1);
  int starts_in_goal = 0;
  rooms.reset(1, observation);
  for (int episode = 0; episode < 600; ++episode) {
    rooms.reset({}, observation);
    if (observation[0] != 5.0f) continue;
    ++starts_in_goal;
    const StepResult result = rooms.step(episode % 6, observation);
    CHECK(result.terminated);
    CHECK(result.reward == 0.0);
    CHECK(observation[0] == 5.0f);
  }
  CHECK(starts_in_goal > 60);  // 100 expected, with a deviation of 9
  CHECK(starts_in_goal < 140);
}

TEST_CASE("the rooms are drawn with their doors") {
  Rooms rooms;
  std::vector<float> observation(1);
  rooms.reset(0, observation);  // 0.637: the fourth of five
  CHECK(rooms.ansi() == "\n0 - 4\n1 - 3 5\n2 - 3\n\x1b[41m3\x1b[0m - 1 2 4\n4 - 0 3 5\n5 - 1 4  goal\n");
  rooms.step(4, observation);
  CHECK(rooms.ansi() == "  (to 4)\n0 - 4\n1 - 3 5\n2 - 3\n3 - 1 2 4\n\x1b[41m4\x1b[0m - 0 3 5\n5 - 1 4  goal\n");
}

TEST_CASE("wrong use and wrong options of Rooms are errors that say what is wrong") {
  Rooms rooms;
  std::vector<float> observation(1);
  CHECK(error_message([&] { rooms.step(0, observation); }) ==
        "Rooms: step before the first reset; call reset with a seed first");
  rooms.reset(0, observation);
  CHECK(error_message([&] { rooms.step(6, observation); }) == "Rooms: action 6 is outside [0, 6)");
  CHECK(error_message([] {
          rooms_options({{"dynamics", std::string("door")}});
        }) == "Rooms: dynamics is 'door', expected 'doors', 'doors_stay', 'teleport' or 'argmax'. Did you mean 'doors'?");
  CHECK(rooms_options({{"dynamics", std::string("argmax")}}).dynamics == Dynamics::argmax);
  CHECK(rooms_options({{"dynamics", std::string("doors_stay")}}).dynamics == Dynamics::doors_stay);
  CHECK(rooms_options({{"dynamics", std::string("teleport")}}).dynamics == Dynamics::teleport);
  CHECK(rooms_options({{"start_in_goal", true}}).start_in_goal);
  CHECK_FALSE(rooms_options({}).start_in_goal);
}

}  // namespace handgrad
