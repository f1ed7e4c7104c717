#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "../core/buffer.h"
#include "observation_upload.h"
#include "replay_ring.h"

namespace handgrad::inline HANDGRAD_PRECISION {

/// B transitions, ready to learn from. Views of backend memory, valid until the next sample.
struct ReplayBatch {
  ConstMatrix observations;       ///< [B, D]
  ConstIndices actions;           ///< [B]
  ConstVector rewards;            ///< [B] Σ_{k<m} γᵏ r_{t+k} over the m <= n steps of the return
  ConstVector discounts;          ///< [B] γᵐ, or 0 where the episode terminated within those steps (see ReplayConfig)
  ConstMatrix next_observations;  ///< [B, D] where the return bootstraps: the observation after those m steps
};

/// The last transitions of E environments that step together: a ReplayRing, and their observations in a backend's memory.
/// Everything else is on the host. Nothing is allocated after construction.
class Replay {
 public:
  /// The backend must outlive it. Throws Error as ReplayRing does.
  Replay(Backend& backend, const ReplayConfig& config);

  /// Empties the memory and takes the first observations [E, D] after the environments were reset.
  void start(std::span<const float> observations);

  /// What the actions [E], chosen in the latest observations, led to: a step with AutoresetMode::same_step.
  void add(std::span<const std::int32_t> actions, const VectorStep& step);

  /// Transitions that can be sampled now.
  std::int64_t size() const { return ring_.size(); }
  std::int64_t capacity() const { return ring_.config().capacity; }

  /// Draws B transitions uniformly, as ReplayRing does.
  ReplayBatch sample(std::int64_t batch_size, Generator& random);

  /// What is held, each observation once, the oldest first. Throws Error as ReplayRing's does; actions: A.
  void serialize(StateArchive& state, std::int64_t actions);

 private:
  void save_observations(StateArchive& state);
  void load_observations(StateArchive& state);
  void store_observations(std::int64_t first_row, std::span<const float> observations) {
    upload_(observations, observations_, first_row * ring_.config().observation_size);
  }

  ReplayRing ring_;
  Buffer<Real> observations_;  // [ring_.rows(), D]

  // A batch as it is put together on the host, and its place in backend memory: indices are rows of observations [B], rows of
  // next observations [B] and actions [B]; values are rewards [B] and discounts [B]; observations [2 B, D] are both kinds.
  std::vector<std::int32_t> batch_indices_;
  std::vector<Real> batch_values_;
  ObservationUpload upload_;
  Buffer<std::int32_t> device_indices_;
  Buffer<Real> device_values_, device_observations_;
};

}  // namespace handgrad::inline HANDGRAD_PRECISION
