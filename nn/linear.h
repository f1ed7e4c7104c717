#pragma once

#include "init.h"
#include "layer.h"

namespace handgrad::inline HANDGRAD_PRECISION {

/// Fully connected layer with its activation: Y = f(X Wᵀ + b).
///
///   X  [B, I]   input
///   W  [O, I]   weights, PyTorch's layout
///   b  [O]      bias
///   Y  [B, O]   output, kept by the caller for backward
///
/// backward takes dY and overwrites all three gradients (dY itself is consumed):
///   dZ = dY ∘ f'(Y)   [B, O]
///   dX = dZ W         [B, I]
///   dW = dZᵀ X        [O, I]
///   db = Σ_B dZ       [O]
///
/// In the flat arrays W comes first, then b.
class Linear : public Layer {
 public:
  /// The backend must outlive the layer. Throws Error unless both widths are at least 1.
  Linear(Backend& backend, std::int64_t in, std::int64_t out, Activation activation = Activation::none,
         Initialization initialization = Initialization::pytorch);

  std::int64_t in_features() const override { return in_; }
  std::int64_t out_features() const override { return out_; }
  std::vector<ParameterShape> parameter_shapes() const override;
  std::int64_t module_count() const override { return activation_ == Activation::none ? 1 : 2; }

  void bind(Vector parameters, Vector gradients) override;
  void initialize(Vector host_parameters, Generator& random) const override;
  void forward(ConstMatrix X, Matrix Y) override;
  void backward(ConstMatrix X, ConstMatrix Y, Matrix dY, Matrix dX) override;

 private:
  Backend& backend_;
  std::int64_t in_, out_;
  Activation activation_;
  Initialization initialization_;
  ConstMatrix W_;
  ConstVector b_;
  Matrix dW_;
  Vector db_;
};

}  // namespace handgrad::inline HANDGRAD_PRECISION
