#pragma once

#include "app/watch/canvas.h"
#include "app/watch/scene.h"

namespace handgrad::app {

struct Size {
  double width, height;
};

/// How much room a scene takes, in pixels: Gymnasium's sizes.
Size size_of(const Scene& scene);

/// Draws it from (0, 0) on, with figures of our own. Every scene is drawn by its own function, below.
void draw_scene(Canvas& canvas, const Scene& scene);

void draw(Canvas& canvas, const CartPoleScene& scene);
void draw(Canvas& canvas, const MountainCarScene& scene);
void draw(Canvas& canvas, const AcrobotScene& scene);
void draw(Canvas& canvas, const FrozenLakeScene& scene);
void draw(Canvas& canvas, const CliffWalkingScene& scene);
void draw(Canvas& canvas, const TaxiScene& scene);
void draw(Canvas& canvas, const RoomsScene& scene);
void draw(Canvas& canvas, const BlackjackScene& scene);

}  // namespace handgrad::app
