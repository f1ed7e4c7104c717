#pragma once

#include <cstdint>

#include "block_products.h"

namespace handgrad::cuda {

/// Where everything of one agent lies: a network D-64-64-A, or D-64-A with one hidden layer; narrower ones padded with zeros.
///
/// Zeros stay zeros: a unit whose weights are all zero is 0 behind ReLU, and so is every gradient of what leads to and from
/// it; Adam then moves nothing, as long as its eps is above 0.
template <class Environment, int kLayers>
struct FusedLayout {
  static_assert(kLayers == 1 || kLayers == 2);
  static constexpr bool kTwo = kLayers == 2;
  static constexpr int D = Environment::kObservation, A = Environment::kActions;
  static_assert(D <= 8 && A <= 4);
  static constexpr int kThreads = 128, kWarps = kThreads / kWarp;
  static constexpr int kInputs = (D + 3) / 4 * 4;  // an observation, padded

  // The small parameters, in floats from their first: W1 transposed [D, 64], b1 [64], with two hidden layers b2 [64], then W3
  // [A, 64] and b3 [A] of the last layer, whichever number it has.
  static constexpr int kW1 = 0, kB1 = D * kSide, kB2 = kB1 + kSide, kW3 = kTwo ? kB2 + kSide : kB2, kB3 = kW3 + A * kSide;
  static constexpr int kSmall = kB3 + A, kSmallPadded = (kSmall + 3) / 4 * 4;
  static constexpr int kSmallEach = (kSmall + kThreads - 1) / kThreads;  // a thread

  // A network: W2 [64, 64] in rows of kStride if there is one, and the small parameters.
  static constexpr int kMatrix = kTwo ? kSide * kStride : 0;
  static constexpr int kNetwork = kMatrix + kSmallPadded;

  // Shared memory, in floats. What comes first, both networks, is in device memory in between launches, as it is here.
  static constexpr int kOnlineW2 = 0, kOnlineSmall = kMatrix;
  static constexpr int kTargetW2 = kNetwork, kTargetSmall = kNetwork + kMatrix;
  static constexpr int kNetworks = 2 * kNetwork;
  static constexpr int kHidden = kNetworks;                      // [64, 64] first hidden layer at s
  static constexpr int kGradient = kNetworks + kMatrix;          // [64, 64] the same at s', then dZ of the second layer
  static constexpr int kObservations = kNetworks + 2 * kMatrix;  // [64, kInputs] s
  static constexpr int kNext = kObservations + kSide * kInputs;  // [64, kInputs] s'
  static constexpr int kValues = kNext + kSide * kInputs;        // [warps, A] parts of Q while acting
  static constexpr int kEnd = kValues + kWarps * A;

  // Parts of the small gradients, a row a warp, and of their norm. They are put where activations are no longer needed.
  static constexpr int kParts = kTwo ? kGradient : kEnd, kNorms = kParts + kWarps * kSmallPadded;
  static constexpr int kPartsSize = kWarps * kSmallPadded + kWarps;
  static_assert(!kTwo || kPartsSize <= kMatrix);

  static constexpr int kSharedFloats = kTwo ? kEnd : kEnd + kPartsSize;
  static constexpr int kSharedBytes = kSharedFloats * static_cast<int>(sizeof(float));

  // Moments of Adam: each thread's, of a tile of W2 and of every 128th small parameter. Place n of thread t is n · kThreads + t.
  static constexpr int kTile = kTwo ? kTileRows * kTileColumns : 0;
  static constexpr int kMomentsEach = kTile + kSmallEach, kMoments = kMomentsEach * kThreads;

  // A transition in replay, in floats: s, s', then reward, discount, action.
  static constexpr int kTransition = 2 * kInputs + 4;
};

/// What all agents do in one step, planned by the host: schedules and bias corrections are the same for all.
struct alignas(16) PlannedStep {
  enum Does : std::int32_t { acts = 1, trains = 2, target_follows = 4 };
  float epsilon;                       ///< the probability of a random action
  float decay, step, root_scale, eps;  ///< of Adam: see AdamCoefficient in core/backend.h
  std::int32_t does;                   ///< in this order: act, train, move the target
  std::int32_t unused[2];
};

/// What an agent is besides its arrays, in between launches.
struct FusedRecord {
  float state[8];  ///< the environment's
  float episode_return;
  std::int32_t episode_steps;
  std::int32_t episodes;   ///< finished
  std::int32_t solved_at;  ///< environment steps, -1 if not
  double recent_sum;       ///< of the last 100 returns
  double loss_sum;         ///< over all train steps
};

inline constexpr int kRecentReturns = 100;

}  // namespace handgrad::cuda
