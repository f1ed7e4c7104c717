#pragma once

#include "layers.h"
#include "losses.h"
#include "parameters.h"

// Included last: everything above under one roof.

namespace handgrad::simd {
namespace {

constexpr Kernels kKernels{linear_forward, linear_backward, loss_selected, loss_full, td_target, argmax,  sgd_step,
                           rmsprop_step,   adam_step,       clip_by_value, scale,     mix,       l2_norm, gather_rows};

}  // namespace
}  // namespace handgrad::simd
