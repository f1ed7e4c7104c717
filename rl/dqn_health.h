#pragma once

#include "dqn_step.h"

namespace handgrad::inline HANDGRAD_PRECISION {

/// Throws Error if anything that a train step works with or leaves behind is infinite or NaN: parameters, gradients, the loss,
/// the target network, the optimiser's state. Names the train step, the first such element by layer and place, its value, and
/// what to do. An exact search through copies of everything.
void require_healthy(const DqnStep& step);

/// Watches over train steps. A look costs next to nothing: the loss, and the norm of the parameters, which no gradient that is
/// not finite leaves finite. Only where a look finds something is there a search, which decides: a norm may overflow though
/// every element is finite, and then nothing has happened.
///
/// On a GPU a look would wait for the train step. So there only who fetches the mean loss looks, and nothing is missed: neither
/// parameters nor the sum of losses ever become finite again.
class DqnHealth {
 public:
  explicit DqnHealth(Backend& backend) : norm_(backend, 1), at_once_(backend.reads_at_once()) {}

  /// Throws Error as require_healthy does.
  void after_step(DqnStep& step) {
    if (at_once_) look(step, step.loss().value());
  }
  /// With the mean loss that was fetched. Looks at the optimiser's state and the target network as well. Throws Error as
  /// require_healthy does, or if the mean itself is not finite.
  void after_fetch(DqnStep& step, double mean_loss);

 private:
  void look(DqnStep& step, double loss);
  bool finite_norm(Backend& backend, ConstVector x);

  Buffer<Real> norm_;  // [1]
  bool at_once_;
};

}  // namespace handgrad::inline HANDGRAD_PRECISION
