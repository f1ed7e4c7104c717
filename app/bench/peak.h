#pragma once

#include <string>

namespace handgrad::app {

/// What one core can do at most: float multiply-adds in registers alone, nothing loaded or stored.
struct Peak {
  std::string isa;    ///< the widest instruction set that was found: "avx512f", "avx2+fma", "baseline"
  double gflops = 0;  ///< 10⁹ floating-point operations a second; a multiply-add counts as two
};

/// Measured, not looked up: clock rates, sharing and virtual machines all show. Takes about a fifth of a second.
Peak measure_peak();

}  // namespace handgrad::app
