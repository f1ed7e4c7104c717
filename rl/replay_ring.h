#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "../core/backend.h"
#include "../core/random.h"
#include "../core/state.h"
#include "../envs/vector_environment.h"

namespace handgrad::inline HANDGRAD_PRECISION {

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

/// Where the rows of a batch lie and what is known of them besides, B entries each; written by ReplayRing::sample.
struct ReplayRows {
  std::span<std::int32_t> observations;       ///< row of the observation
  std::span<std::int32_t> next_observations;  ///< row of the observation where the return bootstraps
  std::span<std::int32_t> actions;
  std::span<Real> rewards;    ///< see ReplayBatch
  std::span<Real> discounts;  ///< see ReplayBatch
};

/// The last transitions of E environments that step together, in a ring; the oldest is overwritten. It knows everything of
/// them but the observations: these lie in an array of rows() rows that somebody else has, wherever that is, and the ring says
/// in which row each belongs.
///
/// Each observation is stored once. With S = capacity / E, slot t mod (S + 1) of environment e holds the observation in
/// which action t was chosen, and the observation that followed is the one in the next slot. Where an episode ended, what
/// followed was another episode's first observation: there the final observation is kept aside, in a row of its own. So a
/// transition whose successor has been overwritten has been overwritten itself, and is never sampled.
///
/// n-step returns are put together when sampled: rewards are summed up to n steps, to the end of the episode or its time
/// limit. A transition whose n rewards are not there yet, in an episode that goes on, is held back.
///
/// Nothing is allocated after construction.
class ReplayRing {
 public:
  static constexpr std::int32_t kNone = -1;

  /// Throws Error for a capacity below E or below B without replacement, or above 2^29.
  explicit ReplayRing(const ReplayConfig& config);

  const ReplayConfig& config() const { return config_; }
  /// Rows of the array of observations: those of the ring, in [slot][environment] order, then the final ones.
  std::int64_t rows() const { return 2 * places_; }

  /// Empties the memory. The first observations of E environments belong in the rows from newest_row() on.
  void start();

  /// What the actions [E], chosen in the latest observations, led to: a step with AutoresetMode::same_step. Its observations
  /// belong in the rows from newest_row() on, its final observations in final_row(e) where that is not kNone.
  void add(std::span<const std::int32_t> actions, const VectorStep& step);
  std::int64_t newest_row() const { return newest_; }
  std::int32_t final_row(std::size_t environment) const { return final_rows_[environment]; }

  /// Transitions that can be sampled now.
  std::int64_t size() const;

  /// Draws B transitions uniformly, B the length of the spans. With replacement: B integers below size(). Without: Floyd's
  /// algorithm (Bentley & Floyd 1987), B integers too. Throws Error if there are none, or fewer than B without replacement.
  void sample(Generator& random, const ReplayRows& batch);

  /// What is held, the oldest first; reading, a ring with final rows numbered anew, in that order. Throws Error for
  /// what a ring of this configuration cannot hold, and for actions outside [0, actions).
  void serialize(StateArchive& state, std::int64_t actions);

  /// The rows of the array of observations that are in use, the oldest first: up to two runs of the ring's slots, held() + 1 of
  /// them, each E rows; and the final ones, in the order of the transitions that they belong to.
  struct RowRun {
    std::int64_t first, count;
  };
  std::array<RowRun, 2> runs_in_use() const;
  std::vector<std::int32_t> final_rows_in_use() const;

 private:
  enum EndFlag : std::uint8_t { kTerminated = 1, kTruncated = 2 };

  /// All that is known of a transition but its observations, in one piece of memory: a batch is drawn from all over the ring.
  struct Transition {
    Real reward = 0;
    std::int32_t action = 0;
    std::int32_t final_row;  ///< of the final observation, if it ended an episode; else kNone
    std::uint8_t ends = 0;   ///< EndFlags
  };

  std::int64_t held() const { return time_ < steps_kept_ ? time_ : steps_kept_; }  // transitions kept an environment
  std::int64_t sampleable(std::int64_t environment) const;
  std::int64_t oldest_place() const;
  std::int64_t wrapped(std::int64_t place) const { return place < places_ ? place : place - places_; }
  std::int64_t place_of(std::int64_t oldest, std::int64_t number) const;
  std::int64_t place_among_several(std::int64_t oldest, std::int64_t number) const;
  template <class Visit>
  void visit_held(Visit visit) const;
  void number_final_rows();
  void draw(std::int64_t batch_size, std::int64_t total, Generator& random);
  void assemble_one_step(const ReplayRows& batch) const;
  void assemble_n_steps(const ReplayRows& batch) const;

  ReplayConfig config_;
  std::int64_t steps_kept_;  // S
  std::int64_t places_;      // (S + 1) · E: the newest transition's successor needs a slot too
  std::uint8_t no_value_;    // the EndFlags behind which there is nothing to bootstrap from
  std::int64_t time_ = 0;    // transitions an environment since start
  std::int64_t newest_ = 0;  // place of environment 0's latest observation: (time_ mod (S + 1)) · E

  std::vector<Transition> transitions_;   // [places_] in [slot][environment] order
  std::vector<std::int32_t> free_rows_;   // rows for final observations that are free
  std::vector<std::int32_t> final_rows_;  // [E] of the last step
  std::vector<std::int64_t> since_end_;   // [E] transitions of the episode that goes on, as far as they matter

  std::vector<std::int64_t> drawn_;    // [B] numbers below size()
  std::vector<std::int64_t> running_;  // [E] running sums of sampleable()
  std::vector<std::uint32_t> stamps_;  // [capacity] equal to stamp_ where drawn in this batch
  std::uint32_t stamp_ = 0;
};

}  // namespace handgrad::inline HANDGRAD_PRECISION
