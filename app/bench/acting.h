#pragma once

#include <memory>
#include <string>

#include "app/bench/train_step.h"
#include "rl/dqn.h"

namespace handgrad::app {

/// An agent that chooses the best action for one observation, over and over: observation on the host in, action out.
class Acting {
 public:
  Acting(const std::string& backend, const TrainStepConfiguration& configuration);

  std::int32_t run_once();

 private:
  std::unique_ptr<Backend> backend_;
  Dqn agent_;
};

}  // namespace handgrad::app
