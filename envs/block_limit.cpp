#include "block_limit.h"

#include "checks.h"

namespace handgrad {

BlockLimit::BlockLimit(std::unique_ptr<Environment> wrapped, std::int64_t steps)
    : Wrapper(std::move(wrapped), "a block limit"), length_(steps) {
  require(steps > 0, "a block is a number of steps above 0, got ", steps);
}

void BlockLimit::reset(std::optional<std::uint64_t> seed, std::span<float> observation) {
  inner().reset(seed, observation);
  if (seed) steps_ = 0;
}

StepResult BlockLimit::step(std::int64_t action, std::span<float> observation) {
  StepResult result = inner().step(action, observation);  // a refused action throws here and does not count
  if (++steps_ == length_) {
    steps_ = 0;
    result.truncated = true;
  }
  return result;
}

Snapshot BlockLimit::save() const {
  Snapshot snapshot = inner().save();
  snapshot.values.push_back(static_cast<double>(steps_));
  return snapshot;
}

void BlockLimit::load(const Snapshot& snapshot) {
  require(!snapshot.values.empty() && is_whole(snapshot.values.back(), 0, static_cast<double>(length_ - 1)),
          "this snapshot was not saved under such a block limit");
  Snapshot inside = snapshot;
  inside.values.pop_back();
  inner().load(inside);
  steps_ = static_cast<std::int64_t>(snapshot.values.back());
}

}  // namespace handgrad
