#pragma once

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

namespace handgrad::app {

/// Seconds a call.
struct Times {
  double median = 0;  ///< what it usually takes: what is reported
  double least = 0;   ///< what it can take, if nobody disturbs
};

/// A call that is timed in rounds, so that several things can take turns: a machine that is slower for a while is so for all
/// of them.
///
/// A round is some 20 ms of batches of calls, or one batch if that takes longer. A batch is long enough to be timed, and short
/// enough that on a busy machine most of them go undisturbed.
class Stopwatch {
 public:
  /// What is timed, in seconds.
  struct Pace {
    double warm_up;  ///< before a round, not counted: caches are filled that others have had since
    double batch;
  };
  static constexpr Pace kProcessor = {0.5e-3, 0.5e-3};
  /// A GPU slows down while it has nothing to do and takes a while to wake; waiting for it takes as long as a train step, and
  /// should not count for much in a batch.
  static constexpr Pace kGpu = {50e-3, 10e-3};

  /// `finish` is called at the end of each batch, and its time belongs to the batch: it waits for what calls only set going.
  explicit Stopwatch(
      std::function<void()> call, std::function<void()> finish = [] {}, Pace pace = kProcessor)
      : call_(std::move(call)), finish_(std::move(finish)), pace_(pace) {}

  void round();
  /// Over all batches of all rounds. Throws Error before the first round.
  Times times() const;

 private:
  double batch();  // seconds

  std::function<void()> call_, finish_;
  Pace pace_;
  std::int64_t calls_ = 0;     // a batch; 0 before the first round
  std::vector<double> times_;  // seconds a call, an entry a batch
};

/// What suits a backend of that name.
Stopwatch::Pace pace_of(std::string_view backend);

}  // namespace handgrad::app
