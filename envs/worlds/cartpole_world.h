#pragma once

#include "../cartpole.h"
#include "../world.h"
#include "cartpole_kernel.h"

namespace handgrad {

/// CartPoles side by side.
///
/// In double, bit for bit as CartPole: sines and cosines are the C library's, one after the other; the arithmetic around them
/// runs through vector instructions, which round every number as the others do.
///
/// In float for training: polynomials for sine and cosine, everything through vector instructions, the same bits on every
/// instruction set. Starts are CartPole's, rounded.
template <class Number>
class CartPoleWorld : public World {
 public:
  CartPoleWorld(const CartPoleOptions& options, std::int64_t count, InstructionSet set = best_instruction_set());

  void reset(std::span<const std::int32_t> which, float* observations) noexcept override;
  void step(std::size_t first, std::size_t last, const WorldStep& step) noexcept override;
  Snapshot save(std::size_t i) const override;
  void load(std::size_t i, const Snapshot& snapshot) override;

 private:
  CartPoleOptions options_;
  CartPoleKernel<Number> kernel_;
  std::vector<Number> x_, velocity_, angle_, angular_velocity_;  // [E]
  std::vector<std::uint8_t> fallen_;                             // [E] in the last step
};

extern template class CartPoleWorld<double>;
extern template class CartPoleWorld<float>;

}  // namespace handgrad
