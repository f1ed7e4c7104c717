#pragma once

#include <vector>

#include "core/instruction_set.h"

namespace handgrad::app {

/// What one core can do at most with an instruction set that it has, in GFLOP/s: float multiply-adds in registers alone, nothing
/// loaded or stored; a multiply-add counts as two operations.
///
/// Measured, not looked up: clock rates, sharing and virtual machines all show. The best of some 20 ms; a program that
/// measures for longer asks now and then and keeps the largest.
double measure_peak_gflops(InstructionSet set);

/// The largest peaks seen so far, of every instruction set there is.
class Peaks {
 public:
  struct Peak {
    InstructionSet set;
    double gflops;
  };

  void round();
  const std::vector<Peak>& all() const { return peaks_; }
  /// The highest: that of the machine.
  const Peak& best() const;

 private:
  std::vector<Peak> peaks_;
};

}  // namespace handgrad::app
