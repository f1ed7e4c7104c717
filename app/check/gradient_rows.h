#pragma once

#include <functional>

#include "app/check/check_tables.h"
#include "nn/layer.h"

// For sources that see handgrad in double (named *_double.cpp): finite differences need the digits.
static_assert(sizeof(handgrad::Real) == sizeof(double), "gradient checks are made in double");

namespace handgrad::app {

/// Checks a layer, a new one too: dX and the gradients of its parameters, for X [batch, in] and parameters that are drawn
/// from U(-1, 1) until is_smooth(X, parameters) says that there is no kink near by and that something flows.
GradientRow layer_row(const std::string& what, Backend& backend, Layer& layer, std::int64_t batch,
                      const std::function<bool(ConstVector X, ConstVector parameters)>& is_smooth);

}  // namespace handgrad::app
