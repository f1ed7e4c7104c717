#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "../core/backend.h"
#include "../core/random.h"

namespace handgrad::inline HANDGRAD_PRECISION {

/// One parameter array of a layer.
struct ParameterShape {
  std::string name;                 ///< "weight", "bias"
  std::vector<std::int64_t> shape;  ///< row-major
  std::int64_t size() const;
};

/// A differentiable map from X [B, in] to Y [B, out], with parameters that live in arrays shared by a whole network.
///
/// A layer owns no numbers: bind() gives it its piece of the flat parameter and gradient arrays, and the caller keeps what
/// backward needs, X and Y. Derive from this for a layer of your own; check_layer (gradient_check.h) tells whether its
/// backward is the derivative of its forward.
class Layer {
 public:
  virtual ~Layer() = default;

  virtual std::int64_t in_features() const = 0;
  virtual std::int64_t out_features() const = 0;

  /// In the order in which they lie in the flat array. Empty for a layer without parameters.
  virtual std::vector<ParameterShape> parameter_shapes() const { return {}; }
  /// How many entries it takes in PyTorch's nn.Sequential: a Linear with ReLU is two.
  virtual std::int64_t module_count() const { return 1; }

  /// Backend memory, parameter_count() elements each; gradients is empty where nobody will call backward.
  virtual void bind(Vector parameters, Vector gradients);
  /// Overwrites the host array of parameters with their initial values.
  virtual void initialize(Vector host_parameters, Generator& random) const;

  /// Overwrites Y [B, out].
  virtual void forward(ConstMatrix X, Matrix Y) = 0;
  /// With X and Y of the forward pass: overwrites dX [B, in] (unless it is empty) and the bound gradients. dY is consumed.
  virtual void backward(ConstMatrix X, ConstMatrix Y, Matrix dY, Matrix dX) = 0;

  std::int64_t parameter_count() const;
};

}  // namespace handgrad::inline HANDGRAD_PRECISION
