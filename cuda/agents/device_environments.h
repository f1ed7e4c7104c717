#pragma once

#include <cstdint>

#include "../../envs/cartpole_physics.h"
#include "../../envs/mountain_car_physics.h"
#include "../../envs/worlds/fast_trigonometry.h"
#include "../execution.h"
#include "device_random.h"

// Environments as a kernel steps them: the physics of envs/ in float, as the fast worlds have them, a state in registers.
//
//   kObservation, kActions     sizes
//   kName                      Gymnasium's, without the version
//   State                      plain numbers
//   reset(state, words)        a new episode, from four random words
//   observe(state, out)        out [kObservation]
//   step(state, action, reward)   returns whether the episode has terminated; time limits are the caller's affair
//
// A GPU contracts products and sums into fused multiply-adds, so that last bits differ from those of envs/.

namespace handgrad::cuda {

HANDGRAD_DEVICE float uniform(double low, double high, std::uint32_t word) {
  return static_cast<float>(low) + static_cast<float>(high - low) * unit_interval(word);
}

struct DeviceCartPole {
  static constexpr int kObservation = 4, kActions = 2;
  static constexpr const char* kName = "CartPole";

  struct State {
    float x, velocity, angle, angular_velocity;
  };

  static HANDGRAD_DEVICE void reset(State& s, const Words4& words) {
    constexpr double kStart = CartPolePhysics::kStart;
    s.x = uniform(-kStart, kStart, words.word[0]);
    s.velocity = uniform(-kStart, kStart, words.word[1]);
    s.angle = uniform(-kStart, kStart, words.word[2]);
    s.angular_velocity = uniform(-kStart, kStart, words.word[3]);
  }

  static HANDGRAD_DEVICE void observe(const State& s, float* out) {
    out[0] = s.x;
    out[1] = s.velocity;
    out[2] = s.angle;
    out[3] = s.angular_velocity;
  }

  static HANDGRAD_DEVICE bool step(State& s, int action, float& reward) {
    using P = CartPolePhysics;
    constexpr auto kForce = static_cast<float>(P::kForce), kTimeStep = static_cast<float>(P::kTimeStep);
    constexpr auto kPositionLimit = static_cast<float>(P::kPositionLimit), kAngleLimit = static_cast<float>(P::kAngleLimit);
    const FastAngle pole = fast_small_angle(s.angle);
    const CartPoleAcceleration<float> a =
        accelerate(action == 1 ? kForce : -kForce, pole.cosine, pole.sine, s.angular_velocity);
    s.x += kTimeStep * s.velocity;
    s.velocity += kTimeStep * a.cart;
    s.angle += kTimeStep * s.angular_velocity;
    s.angular_velocity += kTimeStep * a.pole;
    reward = 1.0f;
    return s.x < -kPositionLimit || s.x > kPositionLimit || s.angle < -kAngleLimit || s.angle > kAngleLimit;
  }
};

struct DeviceMountainCar {
  static constexpr int kObservation = 2, kActions = 3;
  static constexpr const char* kName = "MountainCar";

  struct State {
    float position, velocity;
  };

  static HANDGRAD_DEVICE void reset(State& s, const Words4& words) {
    s.position = uniform(MountainCarPhysics::kStartLow, MountainCarPhysics::kStartHigh, words.word[0]);
    s.velocity = 0.0f;
  }

  static HANDGRAD_DEVICE void observe(const State& s, float* out) {
    out[0] = s.position;
    out[1] = s.velocity;
  }

  /// Gymnasium's goal_velocity is 0.
  static HANDGRAD_DEVICE bool step(State& s, int action, float& reward) {
    roll(s.position, s.velocity, static_cast<float>(action), fast_angle(3.0f * s.position).cosine);
    reward = -1.0f;
    return s.position >= static_cast<float>(MountainCarPhysics::kGoal) && s.velocity >= 0.0f;
  }
};

}  // namespace handgrad::cuda
