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
  explicit Stopwatch(std::function<void()> call) : call_(std::move(call)) {}

  void round();
  /// Over all batches of all rounds. Throws Error before the first round.
  Times times() const;

 private:
  double batch();  // seconds

  std::function<void()> call_;
  std::int64_t calls_ = 0;     // a batch; 0 before the first round
  std::vector<double> times_;  // seconds a call, an entry a batch
};

}  // namespace handgrad::app
