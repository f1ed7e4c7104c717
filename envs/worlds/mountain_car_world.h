#pragma once

#include "../mountain_car.h"
#include "../world.h"
#include "mountain_car_kernel.h"

namespace handgrad {

/// MountainCars side by side: in double bit for bit as MountainCar, with the C library's cosines; in float for training, with
/// a polynomial. See CartPoleWorld.
template <class Number>
class MountainCarWorld : public World {
 public:
  MountainCarWorld(const MountainCarOptions& options, std::int64_t count, InstructionSet set = best_instruction_set());

  void reset(std::span<const std::int32_t> which, float* observations) noexcept override;
  void step(std::size_t first, std::size_t last, const WorldStep& step) noexcept override;
  Snapshot save(std::size_t i) const override;
  void load(std::size_t i, const Snapshot& snapshot) override;

 private:
  Number goal_velocity_;
  MountainCarKernel<Number> kernel_;
  std::vector<Number> position_, velocity_;  // [E]
};

extern template class MountainCarWorld<double>;
extern template class MountainCarWorld<float>;

}  // namespace handgrad
