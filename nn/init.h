#pragma once

#include <string>
#include <string_view>

#include "../core/backend.h"
#include "../core/random.h"

namespace handgrad::inline HANDGRAD_PRECISION {

/// How the weights W [O, I] of a layer begin; fan_in = I, fan_out = O. U(-k, k) is uniform, N(0, s²) normal.
///
///   pytorch         W and b from U(-k, k), k = 1/sqrt(fan_in): PyTorch's nn.Linear, kaiming_uniform with a = sqrt 5
///   glorot_uniform  U(-k, k), k = sqrt(6/(fan_in + fan_out)), b = 0     Glorot & Bengio (2010), eq. 16
///   glorot_normal   N(0, s²), s = sqrt(2/(fan_in + fan_out)), b = 0     the same, eq. 12
///   he_uniform      U(-k, k), k = sqrt(6/fan_in), b = 0                 He et al. (2015), eq. 10
///   he_normal       N(0, s²), s = sqrt(2/fan_in), not truncated, b = 0  the same
///   orthogonal      gain · Q with Q uniform among (semi-)orthogonal matrices, b = 0   Saxe et al. (2014)
///   zero            0 everywhere
enum class Initialization { pytorch, glorot_uniform, glorot_normal, he_uniform, he_normal, orthogonal, zero };

/// As written above: "glorot_uniform".
std::string_view to_string(Initialization kind);

/// The reverse. Throws Error naming the choices.
Initialization parse_initialization(const std::string& name);

/// The bound k or deviation s above; for orthogonal and zero 1 and 0. Throws Error unless both fans are positive.
double initialization_scale(Initialization kind, std::int64_t fan_out, std::int64_t fan_in);

/// The factor that keeps the variance of activations: 1 for none, sqrt 2 for relu, 5/3 for tanh (PyTorch's calculate_gain).
double activation_gain(Activation f);

/// Overwrites host arrays W [O, I] and b [O] (or an empty b: a layer without bias). Draws W row by row, then b (where b is
/// drawn at all), in double; the float build has the double build's values, rounded. gain is used by orthogonal alone.
/// Throws Error for an empty W, a b of another size than O and a gain that is not finite.
void initialize(Initialization kind, Matrix W, Vector b, Generator& random, double gain = 1.0);

}  // namespace handgrad::inline HANDGRAD_PRECISION
