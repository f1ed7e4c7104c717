#pragma once

#include "../acrobot.h"
#include "../world.h"
#include "acrobot_kernel.h"

namespace handgrad {

/// Acrobots side by side, bit for bit as Acrobot. Four steps of Runge and Kutta's method with the C library's sines, cosines and
/// powers are nearly all of a step: what an array saves is small.
class AcrobotWorld : public World {
 public:
  AcrobotWorld(const AcrobotOptions& options, std::int64_t count);

  void reset(std::span<const std::int32_t> which, float* observations) noexcept override;
  void step(std::size_t first, std::size_t last, const WorldStep& step) noexcept override;
  Snapshot save(std::size_t i) const override;
  void load(std::size_t i, const Snapshot& snapshot) override;

 private:
  AcrobotOptions options_;
  std::vector<AcrobotState<double>> states_;  // [E]; a step needs all of a state at once, so it lies together
};

/// Acrobots in float for training: polynomials for sines and cosines, everything through vector instructions, the same bits on
/// every instruction set. Starts are Acrobot's.
///
/// Where links spin fast, a step of 0.2 s multiplies an error by thousands, and floats would be off by more than 1e-5: those
/// environments are stepped in double. At random no Acrobot gets there, under a policy that swings hard one in twenty is.
class FastAcrobotWorld : public World {
 public:
  FastAcrobotWorld(const AcrobotOptions& options, std::int64_t count, InstructionSet set = best_instruction_set());

  void reset(std::span<const std::int32_t> which, float* observations) noexcept override;
  void step(std::size_t first, std::size_t last, const WorldStep& step) noexcept override;
  Snapshot save(std::size_t i) const override;
  void load(std::size_t i, const Snapshot& snapshot) override;

 private:
  void step_block(std::size_t first, std::size_t n, const float* torques, const WorldStep& step) noexcept;
  void keep(std::size_t i, const AcrobotState<double>& state) noexcept;

  AcrobotOptions options_;
  AcrobotKernel kernel_;
  std::vector<float> angle1_, angle2_, velocity1_, velocity2_;  // [E]
};

}  // namespace handgrad
