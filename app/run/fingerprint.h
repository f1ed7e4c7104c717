#pragma once

#include <string>
#include <vector>

#include "core/checksum.h"
#include "rl/trainer.h"

namespace handgrad::app {

/// A number that stands for all that came of a run: every episode, every evaluation, the parameters at the end. Two runs that
/// differ in one bit of those have different ones (but for one in 2^64). Times are no part of it.
///
/// What was added so far is one number, so that a resumed run goes on with it.
class Fingerprint {
 public:
  Fingerprint() = default;
  /// Goes on after what gave so_far().
  explicit Fingerprint(std::uint64_t so_far) : sum_(so_far) {}

  void add(const EpisodeRecord& record);
  void add(const EvaluationRecord& record);
  std::uint64_t so_far() const { return sum_.value(); }

  /// That of the run if it ended now with this model: 16 hexadecimal digits.
  std::string with(const std::vector<NamedArray>& model) const;

 private:
  Crc64 sum_;
};

}  // namespace handgrad::app
