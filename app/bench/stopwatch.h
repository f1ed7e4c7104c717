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
      std::function<void()> call, std::function<void()> finish = [] {})
      : call_(std::move(call)), finish_(std::move(finish)) {}

  void round();
  /// Over all batches of all rounds. Throws Error before the first round.
  Times times() const;

 private:
  double batch();  // seconds

  std::function<void()> call_, finish_;
  std::int64_t calls_ = 0;     // a batch; 0 before the first round
  std::vector<double> times_;  // seconds a call, an entry a batch
};

}  // namespace handgrad::app
