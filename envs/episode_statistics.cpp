#include "episode_statistics.h"

#include <algorithm>

#include "../core/error.h"
#include "flag_list.h"

namespace handgrad {
namespace {

void add_step(std::size_t n, const double* __restrict rewards, const std::uint8_t* __restrict autoreset,
              double* __restrict returns, std::int64_t* __restrict lengths) {
  for (std::size_t i = 0; i < n; ++i) returns[i] += rewards[i];
  for (std::size_t i = 0; i < n; ++i) lengths[i] += 1 - autoreset[i];
}

}  // namespace

EpisodeStatistics::EpisodeStatistics(std::int64_t count) {
  require(count > 0, "statistics are of 1 or more environments, got ", count);
  const auto E = static_cast<std::size_t>(count);
  returns_.resize(E);
  lengths_.resize(E);
  flags_.resize(E);
  ended_.resize(E);
}

void EpisodeStatistics::start() {
  std::fill(returns_.begin(), returns_.end(), 0.0);
  std::fill(lengths_.begin(), lengths_.end(), 0);
  listed_ = 0;
}

std::span<const std::int32_t> EpisodeStatistics::add(const VectorStep& step) {
  const std::size_t E = returns_.size();
  require(step.rewards.size() == E, "expected a step of ", E, " environments, got ", step.rewards.size());
  for (const std::int32_t i : std::span(ended_).first(listed_)) {
    returns_[static_cast<std::size_t>(i)] = 0.0;
    lengths_[static_cast<std::size_t>(i)] = 0;
  }
  add_step(E, step.rewards.data(), step.autoreset.data(), returns_.data(), lengths_.data());
  unite_flags(E, step.terminated.data(), step.truncated.data(), flags_.data());
  listed_ = list_flags(0, E, flags_.data(), ended_.data());
  return {ended_.data(), listed_};
}

}  // namespace handgrad
