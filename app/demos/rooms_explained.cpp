// A program that was generated and handed around as "Q-learning in a gridworld", read with the transition table beside it:
// what it really does, point by point, and what it was meant to do.

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "app/demos/demos.h"
#include "app/format.h"
#include "app/text_table.h"
#include "envs/rooms.h"
#include "rl/planning.h"

namespace handgrad::app {

namespace {

using Json = nlohmann::ordered_json;
using Dynamics = RoomsOptions::Dynamics;

constexpr std::size_t kRooms = 6, kGoal = 5;
const std::vector<std::string> kRoomNames = {"0", "1", "2", "3", "4", "5"};

/// The limit of Q-learning: best action values, NaN where an action is not allowed.
std::vector<double> limit_of(const Rooms& rooms, double gamma) {
  return action_values(rooms.transitions(), policy_iteration(rooms.transitions(), gamma).values, gamma);
}

std::string table_of(const std::vector<double>& q) {
  TextTable table({"room", "to 0", "to 1", "to 2", "to 3", "to 4", "to 5"}, "rrrrrrr");
  for (std::size_t s = 0; s < kRooms; ++s) {
    std::vector<std::string> row{std::to_string(s)};
    for (std::size_t a = 0; a < kRooms; ++a) {
      const double value = q[s * kRooms + a];
      row.push_back(std::isnan(value) ? "-" : brief(value, 6));
    }
    table.add(row);
  }
  return table.to_string(2);
}

Json rows_json(const std::vector<double>& q) {
  Json rows = Json::array();
  for (std::size_t s = 0; s < kRooms; ++s) {
    Json row = Json::array();
    for (std::size_t a = 0; a < kRooms; ++a) {
      row.push_back(std::isnan(q[s * kRooms + a]) ? Json(nullptr) : Json(q[s * kRooms + a]));
    }
    rows.push_back(row);
  }
  return rows;
}

/// Room 0 on top, as in a printed table.
HeatMap heat_map(const std::string& title, const std::vector<double>& q) {
  HeatMap map{title, "Action: the room to go to", "Room", "Q", kRoomNames, {kRoomNames.rbegin(), kRoomNames.rend()}, {}};
  for (std::size_t s = kRooms; s-- > 0;) map.values.insert(map.values.end(), &q[s * kRooms], &q[s * kRooms] + kRooms);
  return map;
}

/// In how many rooms the outcome is the same for all actions.
std::int64_t rooms_without_choice(const TransitionTable& table) {
  return std::count_if(table.begin(), table.end(), [](const auto& actions) {
    return std::all_of(actions.begin(), actions.end(), [&](const auto& outcomes) { return outcomes == actions.front(); });
  });
}

/// "2 > 3 > 1 > 5": where the program goes from a room, whatever it does.
std::string path_from(const TransitionTable& table, std::size_t room) {
  std::string path = std::to_string(room);
  while (room != kGoal) {
    room = static_cast<std::size_t>(table[room][0][0].next_state);
    path += " > " + std::to_string(room);
  }
  return path;
}

double smallest_reward(const TransitionTable& table) {
  double smallest = std::numeric_limits<double>::infinity();
  for (const auto& actions : table) {
    for (const auto& outcomes : actions) smallest = std::min(smallest, outcomes[0].reward);
  }
  return smallest;
}

std::string doors_of(const TransitionTable& table) {
  std::string lines;
  for (std::size_t s = 0; s < kGoal; ++s) {
    lines += text("     room ", s, ": doors to");
    for (std::size_t a = 0; a < kRooms; ++a) lines += table[s][a].empty() ? "" : " " + std::to_string(a);
    lines += '\n';
  }
  return lines;
}

/// The greedy actions of a table, "4 5 3 1 5", of the rooms 0 to 4.
std::string policy_text(const std::vector<double>& q) {
  const std::vector<std::int32_t> greedy = greedy_actions(q, kRooms);
  std::string line;
  for (std::size_t s = 0; s < kGoal; ++s) line += (s == 0 ? "" : " ") + std::to_string(greedy[s]);
  return line;
}

DemoReport run(const DemoRequest& request) {
  const double gamma = request.values.number("gamma");
  const Rooms faulty({Dynamics::argmax, true}), doors({Dynamics::doors});
  const TransitionTable& table = faulty.transitions();
  const std::vector<double> q = limit_of(faulty, gamma), right = limit_of(doors, gamma);

  const std::int64_t no_choice = rooms_without_choice(table);
  const auto forbidden = std::count(doors.legal_actions().begin(), doors.legal_actions().end(), std::uint8_t{0});
  const double least = smallest_reward(table), empty = faulty.initial_distribution()[kGoal], wrong_goal = 50;
  Json json = {{"rooms_without_choice", no_choice},
               {"pairs_without_door", forbidden},
               {"smallest_reward", least},
               {"greedy", greedy_actions(q, kRooms)},
               {"greedy_with_doors", greedy_actions(right, kRooms)},
               {"empty_episodes", empty},
               {"faulty", rows_json(q)}};

  std::string lines = text(
      "The program draws an action, but finds the next room as the one with the largest reward. Its table tends to (gamma ",
      exact(gamma), ")\n\n", table_of(q), "\n");
  lines += text("1. The action has no influence on where it goes or what it gets: in ", no_choice, " of ", kRooms,
                " rooms all actions have the same outcome.\n   So all columns tend to the same numbers, and the policy means "
                "nothing.\n");
  lines += text("2. The next room is the one with the largest immediate reward, the first among equals: ", path_from(table, 0),
                ", ", path_from(table, 1), ", ", path_from(table, 2), ".\n");
  lines += text("3. The -1 for \"no door\" is never a penalty and never a barrier: ", forbidden,
                " pairs have it, and the smallest reward that is ever paid is ", brief(least), ".\n");
  lines += text("4. It is no grid. Nothing has a row, a column or a neighbour beside it; it is a graph:\n",
                doors_of(doors.transitions()));
  lines += text("5. Ties always go to action 0. All values of a room being equal, the greedy policy of rooms 0 to 4 is ",
                policy_text(q), ";\n   with doors that mean something it is ", policy_text(right), ".\n");
  lines +=
      text("6. The goal is worth 0 only because the table begins with zeros: nothing masks the last step. Had row 5 begun at ",
           brief(wrong_goal), ",\n   the step into the goal would tend to ", brief(100 + gamma * wrong_goal, 6),
           " instead of ", brief(100.0), ". Row 5 of the rewards is never used.\n");
  lines += text("7. No step limit, no seed, and ", fixed(100 * empty, 1),
                " % of the episodes are empty: they start in the goal.\n\n");

  lines += "What it could have meant, and what Q-learning then tends to:\n";
  const std::vector<std::pair<std::string, Dynamics>> readings = {
      {"doors", Dynamics::doors}, {"doors_stay", Dynamics::doors_stay}, {"teleport", Dynamics::teleport}};
  const std::vector<std::string> meanings = {"-1 is no door: not allowed", "-1 is a wall: stay and pay 1",
                                             "-1 is a price: get there and pay 1"};
  Picture picture{{heat_map("The program", q)}, 12.0, 8.0, 2};
  for (std::size_t k = 0; k < readings.size(); ++k) {
    const std::vector<double> values = limit_of(Rooms({readings[k].second}), gamma);
    lines += text("\n", readings[k].first, ": ", meanings[k], "\n", table_of(values));
    json[readings[k].first] = rows_json(values);
    picture.panels.emplace_back(heat_map(readings[k].first, values));
  }
  return {lines, json.dump(), {{"tables", picture}}};
}

}  // namespace

Demo rooms_explained_demo() {
  return {"rooms-explained",
          "a faulty program that was handed around as Q-learning in a gridworld, read point by point",
          {{"gamma", 0.95, "discount", {.low = 0, .high = 1, .high_open = true}, {}}},
          run};
}

}  // namespace handgrad::app
