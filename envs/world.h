#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "environment.h"

namespace handgrad {

/// Where a step of a World reads and writes: arrays over all E environments.
struct WorldStep {
  const std::int32_t* actions;  ///< [E] inside the space, but for those that wait
  const std::uint8_t* waiting;  ///< [E] 1: waits for its reset. What is written for it counts for nothing, its stream must not
                                ///< move, and its action may be anything
  float* observations;          ///< [E, D]
  double* rewards;              ///< [E]
  std::uint8_t* terminated;     ///< [E]
};

/// E environments of one kind as a structure of arrays: what is one number in a single environment is an array of E here, so
/// that a step is a loop over arrays. Knows physics, and neither limits nor episodes' ends: WorldEnvironment adds them.
///
/// Environment i has a random stream of its own and draws from it what the single environment would draw. Ranges of
/// environments are independent: several threads may step and reset different ones at the same time.
class World {
 public:
  /// `single` is an environment of the kind, made with the same options, to ask what it is. Throws Error without one, and
  /// unless count > 0.
  World(std::unique_ptr<Environment> single, std::int64_t count);
  virtual ~World() = default;

  std::size_t count() const { return count_; }
  const Environment& single() const { return *single_; }

  /// Starts the streams anew: environment i with seed + i. A reset of every environment has to follow.
  void seed(std::uint64_t seed);

  /// Starts an episode in each of `which` and writes its first observation.
  virtual void reset(std::span<const std::int32_t> which, float* observations) noexcept = 0;

  /// Steps environments first, ..., last - 1.
  virtual void step(std::size_t first, std::size_t last, const WorldStep& step) noexcept = 0;

  /// Throws Error for an action in the space that is not allowed in its environment's state; leaves out those that wait.
  virtual void check_allowed(std::span<const std::int32_t> actions, std::span<const std::uint8_t> waiting) const;

  /// As the single environment of the same kind and options saves and loads, without a time limit: either may load what the
  /// other has saved. load throws Error for a snapshot of another kind.
  virtual Snapshot save(std::size_t i) const = 0;
  virtual void load(std::size_t i, const Snapshot& snapshot) = 0;

 protected:
  Generator& stream(std::size_t i) { return streams_[i]; }
  const Generator& stream(std::size_t i) const { return streams_[i]; }
  /// Throws Error for a snapshot that a single environment would refuse, and for one without a stream.
  void load_stream(std::size_t i, const Snapshot& snapshot);

 private:
  std::unique_ptr<Environment> single_;
  std::size_t count_;
  std::vector<Generator> streams_;  // [E], empty before the first seed
};

}  // namespace handgrad
