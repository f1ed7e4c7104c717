#pragma once

#include <vector>

#include "linear.h"
#include "network.h"

namespace handgrad::inline HANDGRAD_PRECISION {

/// A multi-layer perceptron: linear layers, an activation after each but the last.
struct MlpSpec {
  std::vector<std::int64_t> sizes;  ///< [in, hidden..., out], at least two, each >= 1
  Activation activation = Activation::relu;
  Initialization initialization = Initialization::pytorch;
};

/// The network, with its parameters still zero: initialize() or set_parameters() comes next.
Network make_mlp(Backend& backend, const MlpSpec& spec, std::int64_t max_batch, Network::Use use = Network::Use::training);

std::string_view to_string(Activation activation);
/// "none", "relu" or "tanh"; throws Error otherwise.
Activation parse_activation(const std::string& name);

}  // namespace handgrad::inline HANDGRAD_PRECISION
