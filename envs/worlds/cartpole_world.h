#pragma once

#include "../cartpole.h"
#include "../world.h"
#include "cartpole_kernel.h"

namespace handgrad {

/// CartPoles side by side, bit for bit as CartPole: sines and cosines are the C library's, one after the other; the arithmetic
/// around them runs through vector instructions, which round every number as the others do.
class CartPoleWorld : public World {
 public:
  CartPoleWorld(const CartPoleOptions& options, std::int64_t count, InstructionSet set = best_instruction_set());

  void reset(std::span<const std::int32_t> which, float* observations) noexcept override;
  void step(std::size_t first, std::size_t last, const WorldStep& step) noexcept override;
  Snapshot save(std::size_t i) const override;
  void load(std::size_t i, const Snapshot& snapshot) override;

 private:
  CartPoleOptions options_;
  CartPoleKernel<double> kernel_;
  std::vector<double> x_, velocity_, angle_, angular_velocity_;  // [E]
  std::vector<std::uint8_t> fallen_;                             // [E] in the last step
};

}  // namespace handgrad
