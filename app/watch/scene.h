#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "envs/environment.h"

namespace handgrad::app {

// What can be seen of an environment, as plain data: a struct a world. Scenes know nothing of drawing, and drawing knows
// nothing of environments.

enum class Direction { left, down, right, up };

struct CartPoleScene {
  double position, angle;  ///< m, rad: 0 upright, positive to the right
};

struct MountainCarScene {
  double position;
};

struct AcrobotScene {
  double angle_1, angle_2;  ///< rad: 0 hanging down; the second relative to the first
};

struct FrozenLakeScene {
  std::vector<std::string> map;  ///< S, F, H, G
  std::int64_t state;            ///< row · columns + column
  Direction facing = Direction::down;
};

struct CliffWalkingScene {
  std::int64_t state;  ///< row · 12 + column
  Direction facing = Direction::down;
};

struct TaxiScene {
  std::int64_t row, column;
  std::int64_t passenger;    ///< landmark 0 ... 3 (R, G, Y, B), 4 in the taxi
  std::int64_t destination;  ///< landmark
  Direction facing = Direction::down;
};

/// A house of rooms 0 ... 4 and the garden, 5.
struct RoomsScene {
  std::int64_t room;
};

/// The environment keeps no cards but the dealer's first, only totals.
struct BlackjackScene {
  int open_card;  ///< the dealer's first, 1 (ace) ... 10
  int dealer_cards, dealer_total;
  int player_total;
  bool usable_ace;            ///< the player has an ace that counts as 11
  bool dealer_hidden = true;  ///< until the game is over
};

using Scene = std::variant<CartPoleScene, MountainCarScene, AcrobotScene, FrozenLakeScene, CliffWalkingScene, TaxiScene,
                           RoomsScene, BlackjackScene>;

/// What an environment, wrapped or not, looks like now; none for a kind that nothing here can draw. It must have been reset.
/// Whoever stands still goes on facing where `before` has it.
std::optional<Scene> scene_of(const Environment& environment, const std::optional<Scene>& before = {});

/// Frames a second, as Gymnasium plays it.
double frames_per_second(const Scene& scene);

/// What action a is called: "left". Its number where there is no scene or no name.
std::string action_name(const std::optional<Scene>& scene, std::int64_t action);

}  // namespace handgrad::app
