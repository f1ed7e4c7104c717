#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "../core/buffer.h"
#include "../core/random.h"
#include "../envs/vector_environment.h"

namespace handgrad::inline HANDGRAD_PRECISION {

/// B transitions, ready to learn from. Views of backend memory, valid until the next sample.
struct ReplayBatch {
  ConstMatrix observations;       ///< [B, D]
  ConstIndices actions;           ///< [B]
  ConstVector rewards;            ///< [B] Σ_{k<m} γᵏ r_{t+k} over the m <= n steps of the return
  ConstVector discounts;          ///< [B] γᵐ, or 0 where the episode terminated within those steps
  ConstMatrix next_observations;  ///< [B, D] where the return bootstraps: the observation after those m steps
};

}  // namespace handgrad::inline HANDGRAD_PRECISION
