#pragma once

#include "../../nn/optimizer.h"
#include "../device_memory.h"
#include "../kernels/optimizers.h"
#include "../kernels/packs.h"

namespace handgrad::cuda {

/// An optimiser over the parameters of all agents, who are in the same step: they are one long array to it. What Optimizer is
/// for one.
template <class Device>
class AgentsOptimizer {
 public:
  /// For so many parameters, those of all agents together. The device must outlive it.
  AgentsOptimizer(Device& device, const OptimizerSpec& spec, std::int64_t parameters)
      : device_(device), spec_(spec), parameters_(parameters) {
    for (std::size_t i = 0; i < optimizer_state(spec).size(); ++i) state_[i] = DeviceMemory<Device, float>(device, parameters);
  }

  /// One update of p by g, with the coefficients [kAdamCoefficients] of the step (see optimizer_coefficients), which are on
  /// the device.
  void step(ConstVector coefficients, Vector p, ConstVector g) {
    switch (spec_.kind) {
      case OptimizerKind::sgd:
        launch(make_sgd_step({spec_.momentum, spec_.nesterov, spec_.weight_decay}, coefficients, p, g, state(0)));
        return;
      case OptimizerKind::rmsprop:
        launch(make_rmsprop_step({spec_.alpha, spec_.eps, false, spec_.momentum, spec_.weight_decay}, coefficients, p, g,
                                 state(0), spec_.centered ? state(1) : Vector{}, state(spec_.centered ? 2 : 1)));
        return;
      case OptimizerKind::rmsprop_dqn2015:
        launch(make_rmsprop_step({spec_.alpha, spec_.eps, true, 0.0, spec_.weight_decay}, coefficients, p, g, state(0),
                                 state(1), {}));
        return;
      case OptimizerKind::adam:
      case OptimizerKind::adam_keras:
      case OptimizerKind::adamw:
      case OptimizerKind::radam: {
        const double l2 = spec_.kind == OptimizerKind::adamw ? 0.0 : spec_.weight_decay;
        launch(make_adam_step({spec_.beta1, spec_.beta2, l2}, coefficients, p, g, state(0), state(1), state(2)));
        return;
      }
    }
  }

 private:
  Vector state(std::size_t i) const { return state_[i].span(); }
  template <class Kernel>
  void launch(const Kernel& kernel) {
    device_.launch(kernel, elements_grid(parameters_));
  }

  Device& device_;
  OptimizerSpec spec_;
  std::int64_t parameters_;
  std::array<DeviceMemory<Device, float>, 3> state_;  // those that the rule does not need are empty
};

}  // namespace handgrad::cuda
