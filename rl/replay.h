#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "../core/buffer.h"
#include "../core/random.h"
#include "../envs/vector_environment.h"
#include "observation_upload.h"

namespace handgrad::inline HANDGRAD_PRECISION {

/// B transitions, ready to learn from. Views of backend memory, valid until the next sample.
struct ReplayBatch {
  ConstMatrix observations;       ///< [B, D]
  ConstIndices actions;           ///< [B]
  ConstVector rewards;            ///< [B] Σ_{k<m} γᵏ r_{t+k} over the m <= n steps of the return
  ConstVector discounts;          ///< [B] γᵐ, or 0 where the episode terminated within those steps (see ReplayConfig)
  ConstMatrix next_observations;  ///< [B, D] where the return bootstraps: the observation after those m steps
};

struct ReplayConfig {
  std::int64_t capacity = 10'000;  ///< transitions; rounded down to a multiple of the number of environments
  std::int64_t environments = 1;   ///< E
  std::int64_t observation_size;   ///< D
  std::int64_t batch_size = 32;    ///< B, the largest batch
  bool replacement = true;         ///< whether a transition can be in a batch twice
  int n_step = 1;                  ///< n >= 1
  double gamma = 0.99;
  bool terminal_bootstraps = false;     ///< discount γᵐ at an end: the mistake, for comparison
  bool truncation_as_terminal = false;  ///< discount 0 at a time limit too: the mistake, for comparison
};

/// The last transitions of E environments that step together, in a ring; the oldest is overwritten.
///
/// Each observation is stored once. With S = capacity / E, slot t mod (S + 1) of environment e holds the observation in
/// which action t was chosen, and the observation that followed is the one in the next slot. Where an episode ended, what
/// followed was another episode's first observation: there the final observation is kept aside, in a row of its own. So a
/// transition whose successor has been overwritten has been overwritten itself, and is never sampled.
///
/// n-step returns are put together when sampled: rewards are summed up to n steps, to the end of the episode or its time
/// limit. A transition whose n rewards are not there yet, in an episode that goes on, is held back.
///
/// Observations live in backend memory, everything else on the host. Nothing is allocated after construction.
class Replay {
 public:
  /// The backend must outlive it. Throws Error for a capacity below E or below B without replacement, or above 2^30.
  Replay(Backend& backend, const ReplayConfig& config);

  /// Empties the memory and takes the first observations [E, D] after the environments were reset.
  void start(std::span<const float> observations);

  /// What the actions [E], chosen in the latest observations, led to: a step with AutoresetMode::same_step.
  void add(std::span<const std::int32_t> actions, const VectorStep& step);

  /// Transitions that can be sampled now.
  std::int64_t size() const;
  std::int64_t capacity() const { return config_.capacity; }

  /// Draws B transitions uniformly. With replacement: B integers below size(). Without: Floyd's algorithm (Bentley & Floyd
  /// 1987), B integers too. Throws Error if there are none, or fewer than B without replacement.
  ReplayBatch sample(std::int64_t batch_size, Generator& random);

 private:
  enum EndFlag : std::uint8_t { kTerminated = 1, kTruncated = 2 };

  /// All that is known of a transition but its observations, in one piece of memory: a batch is drawn from all over the ring.
  struct Transition {
    Real reward = 0;
    std::int32_t action = 0;
    std::int32_t final_row;  ///< of the final observation, if it ended an episode; else kNone
    std::uint8_t ends = 0;   ///< EndFlags
  };
  static constexpr std::int32_t kNone = -1;

  std::int64_t held() const { return time_ < steps_kept_ ? time_ : steps_kept_; }  // transitions kept an environment
  std::int64_t sampleable(std::int64_t environment) const;
  std::int64_t oldest_place() const;
  std::int64_t wrapped(std::int64_t place) const { return place < places_ ? place : place - places_; }
  std::int64_t place_of(std::int64_t oldest, std::int64_t number) const;
  std::int64_t place_among_several(std::int64_t oldest, std::int64_t number) const;
  void draw(std::int64_t batch_size, std::int64_t total, Generator& random);
  void assemble_one_step(std::int64_t batch_size);
  void assemble_n_steps(std::int64_t batch_size);
  void store_observations(std::int64_t first_row, std::span<const float> observations) {
    upload_(observations, observations_, first_row * config_.observation_size);
  }

  ReplayConfig config_;
  std::int64_t steps_kept_;  // S
  std::int64_t places_;      // (S + 1) · E: the newest transition's successor needs a slot too
  std::uint8_t no_value_;    // the EndFlags behind which there is nothing to bootstrap from
  std::int64_t time_ = 0;    // transitions an environment since start
  std::int64_t newest_ = 0;  // place of environment 0's latest observation: (time_ mod (S + 1)) · E

  Buffer<Real> observations_;            // [places_, D] in [slot][environment] order, then the final ones [places_, D]
  std::vector<Transition> transitions_;  // [places_] in the same order
  std::vector<std::int32_t> free_rows_;  // rows for final observations that are free
  std::vector<std::int64_t> since_end_;  // [E] transitions of the episode that goes on

  // A batch as it is put together on the host, and its place in backend memory: indices are rows of observations [B], rows of
  // next observations [B] and actions [B]; values are rewards [B] and discounts [B]; observations [2 B, D] are both kinds.
  std::vector<std::int64_t> drawn_;    // [B] numbers below size()
  std::vector<std::int64_t> running_;  // [E] running sums of sampleable()
  std::vector<std::uint32_t> stamps_;  // [capacity] equal to stamp_ where drawn in this batch
  std::uint32_t stamp_ = 0;
  std::vector<std::int32_t> batch_indices_;
  std::vector<Real> batch_values_;
  ObservationUpload upload_;
  Buffer<std::int32_t> device_indices_;
  Buffer<Real> device_values_, device_observations_;
};

}  // namespace handgrad::inline HANDGRAD_PRECISION
