#pragma once

#include <functional>
#include <span>

#include "layer.h"

namespace handgrad::inline HANDGRAD_PRECISION {

/// How well an analytic gradient agrees with central differences.
struct GradientCheck {
  double max_relative_error = 0.0;  ///< of the worst element: |a - n| / max(|a|, |n|, 1e-3 · largest |a|)
  std::size_t worst = 0;            ///< its index
  double analytic = 0.0;            ///< its analytic gradient
  double numeric = 0.0;             ///< its central difference
  double norm = 0.0;                ///< |a|₂: a check of an all-zero gradient proves nothing
};

/// Compares `analytic` with (f(x + h e_i) - f(x - h e_i)) / 2h, element by element. f is called 2n times with a changed x,
/// which is as it was afterwards. h is 6e-6 · max(1, |x_i|) in double (about the cube root of the precision, where
/// truncation and rounding balance); in float, 5e-3 times that scale, and only large errors show.
///
/// Trap: a function with kinks (ReLU) has no derivative there; keep inputs away from them by more than h.
GradientCheck check_gradient(const std::function<double(ConstVector x)>& f, Vector x, ConstVector analytic);

/// The two gradients of a layer.
struct LayerCheck {
  GradientCheck input;       ///< dX
  GradientCheck parameters;  ///< all parameters of the layer; norm 0 for a layer without any
};

/// Checks backward of any layer, your own too: with Y = layer(X) and a fixed random R, the gradients of f = Σ R ∘ Y with
/// respect to X [B, in] (host memory) and to the parameters (host memory, parameter_count() elements). The layer stays
/// bound to memory that is gone afterwards: bind it again before using it.
LayerCheck check_layer(Backend& backend, Layer& layer, ConstMatrix X, ConstVector parameters, Generator& random);

}  // namespace handgrad::inline HANDGRAD_PRECISION
