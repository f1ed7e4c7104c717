#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "vector_environment.h"

namespace handgrad {

/// Returns and lengths of the episodes that E environments are in, what Gymnasium's vector.RecordEpisodeStatistics counts.
/// next_step's resets are no steps: they count for nothing.
class EpisodeStatistics {
 public:
  explicit EpisodeStatistics(std::int64_t count);

  /// Every environment begins an episode.
  void start();

  /// Counts a step. Returns the environments, in order, whose episode has ended in it: their returns and lengths are those of
  /// the whole episode until the next call. Throws Error for a step of another number of environments.
  std::span<const std::int32_t> add(const VectorStep& step);

  std::span<const double> returns() const { return returns_; }        ///< [E]
  std::span<const std::int64_t> lengths() const { return lengths_; }  ///< [E]

 private:
  std::vector<double> returns_;
  std::vector<std::int64_t> lengths_;
  std::vector<std::uint8_t> flags_;  // work memory
  std::vector<std::int32_t> ended_;  // those of the last step are the first `listed_`
  std::size_t listed_ = 0;
};

}  // namespace handgrad
