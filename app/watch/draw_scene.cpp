#include "app/watch/draw_scene.h"

#include <algorithm>

namespace handgrad::app {

namespace {

// 64 pixels a cell, and no more than 512 in all, as Gymnasium has it: a large lake gets small cells.
Size lake_size(const FrozenLakeScene& scene) {
  const auto side = [](std::size_t cells) { return static_cast<double>(std::min<std::size_t>(64 * cells, 512)); };
  return {side(scene.map.front().size()), side(scene.map.size())};
}

struct SizeOf {
  Size operator()(const CartPoleScene&) const { return {600, 400}; }
  Size operator()(const MountainCarScene&) const { return {600, 400}; }
  Size operator()(const AcrobotScene&) const { return {500, 500}; }
  Size operator()(const FrozenLakeScene& scene) const { return lake_size(scene); }
  Size operator()(const CliffWalkingScene&) const { return {720, 240}; }
  Size operator()(const TaxiScene&) const { return {550, 350}; }
  Size operator()(const RoomsScene&) const { return {480, 320}; }
  Size operator()(const BlackjackScene&) const { return {600, 500}; }
};

}  // namespace

Size size_of(const Scene& scene) { return std::visit(SizeOf{}, scene); }

void draw_scene(Canvas& canvas, const Scene& scene) {
  std::visit([&](const auto& world) { draw(canvas, world); }, scene);
}

}  // namespace handgrad::app
