#include "app/watch/scene.h"

#include <array>

#include "envs/acrobot.h"
#include "envs/blackjack.h"
#include "envs/cartpole.h"
#include "envs/cliff_walking.h"
#include "envs/frozen_lake.h"
#include "envs/mountain_car.h"
#include "envs/rooms.h"
#include "envs/taxi.h"

namespace handgrad::app {

namespace {

using Names = std::vector<std::string>;

using enum Direction;
constexpr std::array<Direction, 4> kLakeDirections = {left, down, right, up};
constexpr std::array<Direction, 4> kCliffDirections = {up, right, down, left};
constexpr std::array<Direction, 4> kTaxiDirections = {down, up, right, left};

Direction facing(const TabularEnvironment& environment, const std::array<Direction, 4>& directions, Direction before) {
  const auto action = environment.last_action();
  if (!action) return down;
  const auto index = static_cast<std::size_t>(*action);
  return index < directions.size() ? directions[index] : before;
}

FrozenLakeScene scene(const FrozenLake& lake) {
  return {lake.map(), lake.current_state(), facing(lake, kLakeDirections, down)};
}

TaxiScene scene(const Taxi& taxi, const std::optional<Scene>& before) {
  const TaxiState state = Taxi::decode(taxi.current_state());
  const auto* earlier = before ? std::get_if<TaxiScene>(&*before) : nullptr;
  return {state.row, state.column, state.passenger, state.destination,
          facing(taxi, kTaxiDirections, earlier != nullptr ? earlier->facing : down)};
}

struct NamesOf {
  Names operator()(const CartPoleScene&) const { return {"left", "right"}; }
  Names operator()(const MountainCarScene&) const { return {"left", "none", "right"}; }
  Names operator()(const AcrobotScene&) const { return {"torque -1", "none", "torque +1"}; }
  Names operator()(const FrozenLakeScene&) const { return {"left", "down", "right", "up"}; }
  Names operator()(const CliffWalkingScene&) const { return {"up", "right", "down", "left"}; }
  Names operator()(const TaxiScene&) const { return {"south", "north", "east", "west", "pick up", "drop off"}; }
  Names operator()(const RoomsScene&) const { return {"room 0", "room 1", "room 2", "room 3", "room 4", "garden"}; }
  Names operator()(const BlackjackScene&) const { return {"stick", "hit"}; }
};

struct RateOf {
  double operator()(const CartPoleScene&) const { return 50; }
  double operator()(const MountainCarScene&) const { return 30; }
  double operator()(const AcrobotScene&) const { return 15; }
  double operator()(const auto&) const { return 4; }  // worlds of cells and cards
};

}  // namespace

std::optional<Scene> scene_of(const Environment& environment, const std::optional<Scene>& before) {
  const Environment& world = environment.unwrapped();
  const auto state = world.state();
  if (dynamic_cast<const CartPole*>(&world) != nullptr) return CartPoleScene{state[0], state[2]};
  if (dynamic_cast<const Acrobot*>(&world) != nullptr) return AcrobotScene{state[0], state[1]};
  if (dynamic_cast<const MountainCar*>(&world) != nullptr) return MountainCarScene{state[0]};
  if (const auto* lake = dynamic_cast<const FrozenLake*>(&world)) return scene(*lake);
  if (const auto* cliff = dynamic_cast<const CliffWalking*>(&world)) {
    return CliffWalkingScene{cliff->current_state(), facing(*cliff, kCliffDirections, down)};
  }
  if (const auto* taxi = dynamic_cast<const Taxi*>(&world)) return scene(*taxi, before);
  if (const auto* rooms = dynamic_cast<const Rooms*>(&world)) return RoomsScene{rooms->current_state()};
  if (const auto* blackjack = dynamic_cast<const Blackjack*>(&world)) {
    const Blackjack::Table table = blackjack->table();
    return BlackjackScene{table.open_card, table.dealer_cards, table.dealer_total, table.player_total, table.usable_ace};
  }
  return std::nullopt;
}

double frames_per_second(const Scene& scene) { return std::visit(RateOf{}, scene); }

std::string action_name(const std::optional<Scene>& scene, std::int64_t action) {
  const Names names = scene ? std::visit(NamesOf{}, *scene) : Names{};
  const auto index = static_cast<std::size_t>(action);
  return action >= 0 && index < names.size() ? names[index] : std::to_string(action);
}

}  // namespace handgrad::app
