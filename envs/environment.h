#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "../core/random.h"
#include "space.h"

namespace handgrad {

/// What a step gives besides the observation.
struct StepResult {
  double reward = 0.0;
  bool terminated = false;  ///< the task ended: nothing comes after, do not bootstrap
  bool truncated = false;   ///< somebody stopped the clock (a time limit): the task would have gone on, bootstrap
};

/// What some environments tell besides.
struct Info {
  std::optional<double> probability;     ///< of the transition that was drawn (tabular environments)
  std::vector<std::int8_t> action_mask;  ///< 1 where an action would change the state (Taxi); else empty
};

/// Everything that decides how an environment goes on, as plain numbers: to write a run down and to resume it.
struct Snapshot {
  std::optional<Generator::State> stream;  ///< empty before the first reset
  std::vector<double> values;              ///< the environment's own; a wrapper appends what it adds
  bool operator==(const Snapshot&) const = default;
};

/// One environment with discrete actions, by Gymnasium's rules.
///
/// Observations are float32 arrays of flat_size(observation_space()); a discrete observation is one float that holds the
/// integer. The caller owns the array. Not thread-safe; separate objects are independent.
class Environment {
 public:
  virtual ~Environment() = default;

  virtual const Space& observation_space() const = 0;
  virtual const Discrete& action_space() const = 0;

  /// Starts an episode. With a seed the random stream starts anew (PCG64 from SeedSequence(seed)); without one it goes on.
  /// Throws Error if there has never been a seed: nothing here is random by accident.
  virtual void reset(std::optional<std::uint64_t> seed, std::span<float> observation) = 0;

  /// Throws Error for an action outside the space (state and stream untouched), or before the first reset.
  /// Stepping on after the end follows the environment's own rules, as in Gymnasium.
  virtual StepResult step(std::int64_t action, std::span<float> observation) = 0;

  /// About the last reset or step.
  virtual Info info() const { return {}; }

  /// The internal state in full precision, where there is more to it than the observation (else empty).
  virtual std::vector<double> state() const { return {}; }

  /// A picture in text, with terminal escapes where there are colours; empty where an environment has none. Where Gymnasium
  /// has the render mode "ansi" it is that string, byte for byte.
  virtual std::string ansi() const { return {}; }

  /// An environment that has loaded what another one of the same kind and options has saved goes on exactly as that one.
  /// Throws Error where an environment does not offer it; load also for a snapshot of another kind.
  virtual Snapshot save() const;
  virtual void load(const Snapshot& snapshot);

  /// The environment inside all wrappers, to look at what only its own class has.
  virtual const Environment& unwrapped() const { return *this; }

  std::int64_t observation_size() const { return flat_size(observation_space()); }
};

/// An environment around another one that passes everything on. Derive from it and change what is to be different.
class Wrapper : public Environment {
 public:
  /// Throws Error unless there is an environment; `name`, such as "a time limit", begins the message.
  Wrapper(std::unique_ptr<Environment> inner, std::string_view name);

  const Space& observation_space() const override { return inner_->observation_space(); }
  const Discrete& action_space() const override { return inner_->action_space(); }
  void reset(std::optional<std::uint64_t> seed, std::span<float> observation) override { inner_->reset(seed, observation); }
  StepResult step(std::int64_t action, std::span<float> observation) override { return inner_->step(action, observation); }
  Info info() const override { return inner_->info(); }
  std::vector<double> state() const override { return inner_->state(); }
  std::string ansi() const override { return inner_->ansi(); }
  Snapshot save() const override { return inner_->save(); }
  void load(const Snapshot& snapshot) override { inner_->load(snapshot); }
  const Environment& unwrapped() const override { return inner_->unwrapped(); }

 protected:
  Environment& inner() { return *inner_; }
  const Environment& inner() const { return *inner_; }

 private:
  std::unique_ptr<Environment> inner_;
};

/// Truncates an episode at `limit` steps: from the limit-th step on `truncated` is set, whatever `terminated` says.
/// Trap: both can be set in one step. The task did end then: terminated goes first, do not bootstrap.
class TimeLimit : public Wrapper {
 public:
  /// Throws Error unless limit > 0 and there is an environment.
  TimeLimit(std::unique_ptr<Environment> inner, std::int64_t limit);

  void reset(std::optional<std::uint64_t> seed, std::span<float> observation) override;
  StepResult step(std::int64_t action, std::span<float> observation) override;
  Snapshot save() const override;
  void load(const Snapshot& snapshot) override;

  std::int64_t limit() const { return limit_; }

 private:
  std::int64_t limit_;
  std::int64_t steps_ = 0;
};

}  // namespace handgrad
