#pragma once

namespace handgrad {

/// numpy.cos and numpy.sin of float32 values up to ±100 radians, to the last bit, as NumPy computes them on processors with
/// fused multiply-add. The C library's cosf and sinf differ by one unit in the last place in one of 200 cases.
float numpy_cos(float x);
float numpy_sin(float x);

}  // namespace handgrad
