#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "environment.h"

namespace handgrad {

/// What happens when one of several environments ends an episode (names and meaning as in Gymnasium 1.1 and later):
///   next_step  its next step ignores the action, resets instead and returns the first observation, reward 0, no flags
///   same_step  it is reset at once: observations hold the first one of the new episode, final_observations the last one
///   disabled   stepping on is the caller's error until reset
/// Trap: in next_step the step after an end is no transition. Whoever stores it teaches that the last observation of an
/// episode leads to the first one of the next.
enum class AutoresetMode { next_step, same_step, disabled };

/// What one vector step gives, E environments with observations of D floats. The arrays belong to the environment and stay
/// valid until its next call.
struct VectorStep {
  std::span<const float> observations;        ///< [E, D] where the next action is chosen
  std::span<const float> final_observations;  ///< [E, D] same_step only, else empty: valid where i ended in this step
  std::span<const double> rewards;            ///< [E]
  std::span<const std::uint8_t> terminated;   ///< [E] 0 or 1
  std::span<const std::uint8_t> truncated;    ///< [E] 0 or 1
  std::span<const std::uint8_t> autoreset;    ///< [E] 1 where this was no transition but next_step's reset
};

/// What a vector environment appends to the snapshot of one of its environments: the observation [D] where the next action is
/// chosen, and two flags. take_appended removes it again; it throws Error, naming snapshot i, for what cannot be that.
void append(std::span<const float> observation, bool terminated, bool truncated, Snapshot& to);
void take_appended(Snapshot& from, std::size_t i, std::span<float> observation, std::uint8_t& terminated,
                   std::uint8_t& truncated);

/// E environments of one kind, stepped together with one virtual call.
class VectorEnvironment {
 public:
  virtual ~VectorEnvironment() = default;

  virtual std::int64_t count() const = 0;
  virtual const Space& observation_space() const = 0;  ///< of a single environment
  virtual const Discrete& action_space() const = 0;    ///< of a single environment

  /// Environment i is seeded with seed + i. Returns observations [E, D].
  virtual std::span<const float> reset(std::uint64_t seed) = 0;
  /// actions [E]. Throws Error for an action outside the space, where an ended episode may not be stepped, and before the
  /// first reset; no environment has moved then. An action that next_step ignores may be anything. (Whether an action is allowed
  /// in its state, see TabularEnvironment, is found only when its turn comes.)
  virtual VectorStep step(std::span<const std::int32_t> actions) = 0;

  /// A snapshot an environment, with its last observation and flags appended. load returns the observations [E, D] where
  /// the next action is chosen. Throw Error as Environment's do, save also before the first reset; after a failed load only a
  /// reset helps.
  virtual std::vector<Snapshot> save() const;
  virtual std::span<const float> load(std::span<const Snapshot> snapshots);

  /// What environment i alone would save: to go on in a copy of it. Throws Error as save does.
  virtual Snapshot save_environment(std::int64_t i) const;

  std::int64_t observation_size() const { return flat_size(observation_space()); }
};

/// Any environment, E times, one after the other on the calling thread. A step allocates nothing of its own.
class SyncVectorEnvironment : public VectorEnvironment {
 public:
  /// `make` is called `count` times. Throws Error unless count > 0 and all that it makes have the same spaces.
  SyncVectorEnvironment(const std::function<std::unique_ptr<Environment>()>& make, std::int64_t count,
                        AutoresetMode mode = AutoresetMode::next_step);

  std::int64_t count() const override { return static_cast<std::int64_t>(environments_.size()); }
  const Space& observation_space() const override { return environments_.front()->observation_space(); }
  const Discrete& action_space() const override { return environments_.front()->action_space(); }
  std::span<const float> reset(std::uint64_t seed) override;
  VectorStep step(std::span<const std::int32_t> actions) override;
  std::vector<Snapshot> save() const override;
  std::span<const float> load(std::span<const Snapshot> snapshots) override;
  Snapshot save_environment(std::int64_t i) const override { return environment(i).save(); }

  AutoresetMode mode() const { return mode_; }
  /// Environment i, to look at its state. Throws Error unless 0 <= i < count().
  const Environment& environment(std::int64_t i) const;

 private:
  void check_actions(std::span<const std::int32_t> actions) const;
  void check_action(std::size_t i, std::int32_t action) const;
  std::span<float> row(std::vector<float>& array, std::size_t i) const { return {array.data() + i * width_, width_}; }
  bool ended(std::size_t i) const { return terminated_[i] != 0 || truncated_[i] != 0; }

  std::vector<std::unique_ptr<Environment>> environments_;
  AutoresetMode mode_;
  Discrete action_space_{0};  // that of each
  std::size_t width_ = 0;     // D
  bool started_ = false;
  std::vector<float> observations_, final_observations_;
  std::vector<double> rewards_;
  std::vector<std::uint8_t> terminated_, truncated_, autoreset_;
};

}  // namespace handgrad
