#pragma once

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <optional>
#include <vector>

#include "../core/state.h"

namespace handgrad {

/// The returns of the last 100 finished episodes, the oldest of which goes when a new one comes. Allocates nothing after
/// construction.
class RecentReturns {
 public:
  static constexpr std::size_t kEpisodes = 100;

  RecentReturns() { returns_.reserve(kEpisodes); }

  void add(double episode_return) {
    if (!full()) {
      returns_.push_back(episode_return);
    } else {
      returns_[oldest_] = episode_return;
      oldest_ = (oldest_ + 1) % kEpisodes;
    }
  }

  /// Whether there are 100.
  bool full() const { return returns_.size() == kEpisodes; }

  /// None if there is none. Summed from the oldest to the newest, so that it is rounded the same way wherever the ring begins.
  std::optional<double> mean() const {
    if (returns_.empty()) return std::nullopt;
    const auto oldest = returns_.begin() + static_cast<std::ptrdiff_t>(oldest_);
    const double sum = std::accumulate(returns_.begin(), oldest, std::accumulate(oldest, returns_.end(), 0.0));
    return sum / static_cast<double>(returns_.size());
  }

  /// The returns, the oldest first.
  void serialize(StateArchive& state) {
    std::rotate(returns_.begin(), returns_.begin() + static_cast<std::ptrdiff_t>(oldest_), returns_.end());
    oldest_ = 0;
    state.list("recent_returns", returns_, kEpisodes);
  }

 private:
  std::vector<double> returns_;  // a ring
  std::size_t oldest_ = 0;       // where in it, once it is full
};

}  // namespace handgrad
