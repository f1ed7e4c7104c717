#pragma once

#include <cstdint>
#include <functional>
#include <vector>

namespace handgrad::app {

/// Seconds a call.
struct Times {
  double median;  ///< what it usually takes: what is reported
  double least;   ///< what it can take, if nobody disturbs
};

/// A call that is timed in rounds, so that several things can take turns: a machine that is slower for a while is so for all
/// of them.
///
/// A round is some 20 ms of batches of calls, or one batch if that takes longer. A batch is long enough to be timed (half a
/// millisecond), and short enough that on a busy machine most of them go undisturbed.
class Stopwatch {
 public:
  /// `finish` is called at the end of each batch, and its time belongs to the batch: it waits for what calls only set going.
  explicit Stopwatch(
      std::function<void()> call, std::function<void()> finish = [] {}, double warm_up_seconds = kCaches)
      : call_(std::move(call)), finish_(std::move(finish)), warm_up_seconds_(warm_up_seconds) {}

  /// What comes before a round and is not counted: long enough to fill caches that others have had since, or to wake a GPU
  /// that has slowed down while it had nothing to do.
  static constexpr double kCaches = 0.5e-3, kClocks = 50e-3;

  void round();
  /// Over all batches of all rounds. Throws Error before the first round.
  Times times() const;

 private:
  double batch();  // seconds

  std::function<void()> call_, finish_;
  double warm_up_seconds_;
  std::int64_t calls_ = 0;     // a batch; 0 before the first round
  std::vector<double> times_;  // seconds a call, an entry a batch
};

}  // namespace handgrad::app
