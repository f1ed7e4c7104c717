#include "app/bench/acting.h"

#include <array>

#include "core/backends.h"

namespace handgrad::app {

Acting::Acting(const std::string& backend, const TrainStepConfiguration& configuration)
    : backend_(make_backend(backend)),
      agent_(*backend_, configuration.dqn, TrainStepConfiguration::kObservationSize, TrainStepConfiguration::kActions, 1, 1) {}

std::int32_t Acting::run_once() {
  constexpr std::array<float, TrainStepConfiguration::kObservationSize> kObservation = {0.1F, -0.2F, 0.03F, 0.4F};
  std::array<std::int32_t, 1> action{};
  agent_.act_greedily(kObservation, action);
  return action[0];
}

}  // namespace handgrad::app
