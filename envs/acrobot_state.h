#pragma once

namespace handgrad {

template <class Number>
struct AcrobotState {
  Number angle1, angle2, velocity1, velocity2;  // θ1, θ2, θ1', θ2'
};

/// What the equations ask of the angles.
template <class Number>
struct AcrobotSines {
  Number c2, s2;              // cos θ2, sin θ2
  Number gravity1, gravity2;  // cos(θ1 - π/2), cos(θ1 + θ2 - π/2): how far out the links are
};

}  // namespace handgrad
