#include "mlp.h"

#include "../core/error.h"
#include "../core/suggest.h"

namespace handgrad::inline HANDGRAD_PRECISION {

Network make_mlp(Backend& backend, const MlpSpec& spec, std::int64_t max_batch, Network::Use use) {
  require(spec.sizes.size() >= 2, "an MLP needs at least an input and an output width, got ", spec.sizes.size(), " sizes");
  std::vector<std::unique_ptr<Layer>> layers;
  for (std::size_t k = 1; k < spec.sizes.size(); ++k) {
    const bool last = k + 1 == spec.sizes.size();
    layers.push_back(std::make_unique<Linear>(backend, spec.sizes[k - 1], spec.sizes[k],
                                              last ? Activation::none : spec.activation, spec.initialization));
  }
  return Network(backend, std::move(layers), max_batch, use);
}

std::string_view to_string(Activation activation) {
  switch (activation) {
    case Activation::relu: return "relu";
    case Activation::tanh: return "tanh";
    case Activation::none: break;
  }
  return "none";
}

Activation parse_activation(const std::string& name) {
  for (const Activation activation : {Activation::none, Activation::relu, Activation::tanh}) {
    if (name == to_string(activation)) return activation;
  }
  fail("no activation '", name, "': expected none, relu or tanh.", did_you_mean(name, {"none", "relu", "tanh"}));
}

}  // namespace handgrad::inline HANDGRAD_PRECISION
