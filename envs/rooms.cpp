#include "rooms.h"

#include <algorithm>
#include <array>

#include "../core/error.h"
#include "../core/suggest.h"

namespace handgrad {
namespace {

constexpr std::size_t kRooms = 6, kGoal = 5;

/// Row: the room one is in. Column: the room to go to. -1: there is no door.
constexpr std::array<std::array<double, kRooms>, kRooms> kRewards{{{-1, -1, -1, -1, 0, -1},
                                                                   {-1, -1, -1, 0, -1, 100},
                                                                   {-1, -1, -1, 0, -1, -1},
                                                                   {-1, 0, 0, -1, 0, -1},
                                                                   {0, -1, -1, 0, -1, 100},
                                                                   {-1, 0, -1, -1, 0, 100}}};

using Dynamics = RoomsOptions::Dynamics;

bool has_door(std::size_t from, std::size_t to) { return kRewards[from][to] >= 0.0; }

/// Whether going there is allowed at all. In the goal everything is, and leads nowhere.
bool is_legal(Dynamics dynamics, std::size_t from, std::size_t to) {
  return dynamics != Dynamics::doors || from == kGoal || has_door(from, to);
}

Transition transition(Dynamics dynamics, std::size_t from, std::size_t action) {
  if (from == kGoal) return {1.0, static_cast<std::int64_t>(kGoal), 0.0, true};
  std::size_t to = action;
  double reward = kRewards[from][action];
  if (dynamics == Dynamics::doors_stay && !has_door(from, action)) to = from;
  if (dynamics == Dynamics::argmax) {
    to = static_cast<std::size_t>(std::ranges::max_element(kRewards[from]) - kRewards[from].begin());  // the first of equals
    reward = kRewards[from][to];
  }
  return {1.0, static_cast<std::int64_t>(to), reward, to == kGoal};
}

TransitionTable transition_table(Dynamics dynamics) {
  TransitionTable table(kRooms, std::vector<std::vector<Transition>>(kRooms));
  for (std::size_t room = 0; room < kRooms; ++room) {
    for (std::size_t action = 0; action < kRooms; ++action) {
      if (is_legal(dynamics, room, action)) table[room][action] = {transition(dynamics, room, action)};
    }
  }
  return table;
}

std::vector<double> initial_distribution(bool start_in_goal) {
  const std::size_t starts = start_in_goal ? kRooms : kRooms - 1;
  std::vector<double> distribution(kRooms, 0.0);
  std::fill_n(distribution.begin(), starts, 1.0 / static_cast<double>(starts));
  return distribution;
}

/// Empty where everything is allowed.
std::vector<std::uint8_t> legal_actions(Dynamics dynamics) {
  if (dynamics != Dynamics::doors) return {};
  std::vector<std::uint8_t> legal;
  for (std::size_t room = 0; room < kRooms; ++room) {
    for (std::size_t action = 0; action < kRooms; ++action) legal.push_back(is_legal(dynamics, room, action));
  }
  return legal;
}

}  // namespace

RoomsOptions rooms_options(const EnvironmentOptions& options) {
  RoomsOptions read;
  read_option(options, "start_in_goal", read.start_in_goal);
  std::string dynamics = "doors";
  read_option(options, "dynamics", dynamics);
  const std::vector<std::string> names{"doors", "doors_stay", "teleport", "argmax"};  // in the order of Dynamics
  const auto found = std::ranges::find(names, dynamics);
  require(found != names.end(), "Rooms: dynamics is '", dynamics, "', expected 'doors', 'doors_stay', 'teleport' or 'argmax'.",
          did_you_mean(dynamics, names));
  read.dynamics = static_cast<Dynamics>(found - names.begin());
  return read;
}

Rooms::Rooms(const RoomsOptions& options)
    : TabularEnvironment(transition_table(options.dynamics), handgrad::initial_distribution(options.start_in_goal), "Rooms",
                         handgrad::legal_actions(options.dynamics)) {}

std::string Rooms::ansi() const {
  std::string picture = last_action() ? text("  (to ", *last_action(), ")\n") : "\n";
  for (std::size_t room = 0; room < kRooms; ++room) {
    const bool here = current_state() == static_cast<std::int64_t>(room);
    picture += here ? text("\x1b[41m", room, "\x1b[0m -") : text(room, " -");
    for (std::size_t next = 0; next < kRooms; ++next) {
      if (next != room && has_door(room, next)) picture += text(' ', next);
    }
    picture += room == kGoal ? "  goal\n" : "\n";
  }
  return picture;
}

}  // namespace handgrad
