#pragma once

#include "environment.h"

namespace handgrad {

/// Truncates whatever episode runs at every `steps`-th step, counted over the environment's life and not the episode's: what
/// a training loop does that plays blocks of so many steps and resets its environment before each. For training only: an
/// evaluation has no blocks.
///
/// A reset with a seed starts the count anew, as it does the random stream; one without goes on counting.
class BlockLimit : public Wrapper {
 public:
  /// Throws Error unless steps > 0 and there is an environment.
  BlockLimit(std::unique_ptr<Environment> wrapped, std::int64_t steps);

  void reset(std::optional<std::uint64_t> seed, std::span<float> observation) override;
  StepResult step(std::int64_t action, std::span<float> observation) override;
  Snapshot save() const override;
  void load(const Snapshot& snapshot) override;

 private:
  std::int64_t length_;
  std::int64_t steps_ = 0;  // of the running block
};

}  // namespace handgrad
