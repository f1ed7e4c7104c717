#pragma once

/// The number type of the engine.
///
/// `Real` is float. The same sources also build with `Real = double` (define HANDGRAD_DOUBLE), which gradient checks and
/// golden data need. Everything that depends on Real lives in the inline namespace HANDGRAD_PRECISION, so that both builds
/// can be linked into one program; what does not (errors, random numbers, environments) lives in plain `handgrad`.

#if defined(HANDGRAD_DOUBLE)
#define HANDGRAD_PRECISION f64
#else
#define HANDGRAD_PRECISION f32
#endif

namespace handgrad::inline HANDGRAD_PRECISION {

#if defined(HANDGRAD_DOUBLE)
using Real = double;
#else
using Real = float;
#endif

}  // namespace handgrad::inline HANDGRAD_PRECISION
