#pragma once

#include "acrobot_state.h"

namespace handgrad {

// An Acrobot's step with Gymnasium's bits, for the single environment and for several side by side.

/// One step of 0.2 s under a constant torque [N m], limits of angles and velocities included.
void move_acrobot(AcrobotState<double>& state, double torque, bool book);

/// Writes the observation [6]. After a reset it is another one: Gymnasium keeps a start in float32, and NumPy has sines and
/// cosines of its own for float32.
void observe_acrobot(const AcrobotState<double>& state, float* observation);
void observe_acrobot_start(const AcrobotState<double>& state, float* observation);

/// Whether the tip is higher than one link above the pivot.
bool acrobot_is_up(const AcrobotState<double>& state);

}  // namespace handgrad
