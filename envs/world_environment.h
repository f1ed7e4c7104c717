#pragma once

#include <memory>
#include <optional>

#include "vector_environment.h"
#include "world.h"

namespace handgrad {

/// Time limit, autoreset and workers of a WorldEnvironment.
struct WorldEnvironmentSettings {
  AutoresetMode mode = AutoresetMode::next_step;
  std::optional<std::int64_t> max_episode_steps = {};  ///< truncates there, as TimeLimit does; none: no limit
  /// Workers over the environments, where each of them gets 256 or more and the library was built with OpenMP. Results do not
  /// depend on them.
  int threads = 1;
};

/// A World behind the vector interface: what SyncVectorEnvironment does with E environments one by one, to the last bit, done
/// with arrays. One virtual call per vector step and per round of resets, none per environment; a step allocates nothing.
///
/// Snapshots are those of a SyncVectorEnvironment of the same kind: either may load what the other has saved.
class WorldEnvironment : public VectorEnvironment {
 public:
  static constexpr std::int64_t kLongestLimit = INT32_MAX - 1;

  /// Throws Error for a limit or a number of threads below 1, and for a limit above kLongestLimit.
  WorldEnvironment(std::unique_ptr<World> world, const WorldEnvironmentSettings& settings = {});

  std::int64_t count() const override { return static_cast<std::int64_t>(world_->count()); }
  const Space& observation_space() const override { return world_->single().observation_space(); }
  const Discrete& action_space() const override { return world_->single().action_space(); }
  std::span<const float> reset(std::uint64_t seed) override;
  /// Stricter than SyncVectorEnvironment: no environment moves either where an action is not allowed in its state.
  VectorStep step(std::span<const std::int32_t> actions) override;
  std::vector<Snapshot> save() const override;
  std::span<const float> load(std::span<const Snapshot> snapshots) override;
  Snapshot save_environment(std::int64_t i) const override;

 private:
  void check_actions(std::span<const std::int32_t> actions) const;
  void refuse_if_wrong(std::span<const std::int32_t> actions) const;
  void advance_all(const std::int32_t* actions) noexcept;
  void advance(std::size_t first, std::size_t last, const std::int32_t* actions) noexcept;
  void count_steps(std::size_t first, std::size_t last) noexcept;
  void reset_waiting(std::size_t first, std::size_t last) noexcept;
  void reset_ended(std::size_t first, std::size_t last) noexcept;
  void reset_listed(std::span<const std::int32_t> which) noexcept;
  void load_one(std::size_t i, const Snapshot& snapshot);

  std::unique_ptr<World> world_;
  WorldEnvironmentSettings settings_;
  std::int32_t limit_;  // largest number: none
  std::size_t width_;   // D
  bool started_ = false;
  std::vector<float> observations_, final_observations_;          // [E, D]
  std::vector<double> rewards_;                                   // [E]
  std::vector<std::uint8_t> terminated_, truncated_, autoreset_;  // [E]
  std::vector<std::int32_t> steps_;                               // [E] of the episode; not counted without a limit
  // Work memory; worker [first, last) uses what lies from `first` on.
  std::vector<std::uint8_t> ended_;  // [E] same_step only
  std::vector<std::int32_t> list_;   // [E] environments to reset
};

}  // namespace handgrad
