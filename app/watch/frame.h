#pragma once

#include "app/watch/draw_scene.h"
#include "app/watch/moment.h"

namespace handgrad::app {

/// The scene alone, magnified. Throws Error if this build cannot draw.
Image draw_frame(const Scene& scene, double scale = 1);

/// The scene with a panel on its right: how the episode stands, the actions, and a bar for each Q-value. The moment must
/// have a scene. Throws Error if this build cannot draw.
Image draw_frame(const Moment& moment, double scale = 1);

}  // namespace handgrad::app
