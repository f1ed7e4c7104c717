#pragma once

#include <string>
#include <vector>

namespace handgrad::app {

/// One line of `handgrad check`'s first table: an analytic gradient against finite differences in double.
struct GradientRow {
  std::string what;
  std::string backend;
  double max_relative_error = 0;
  double norm = 0;  ///< of the gradient; a check of an all-zero gradient proves nothing
  bool ok = false;
};

/// The largest relative error that passes.
inline constexpr double kGradientTolerance = 1e-6;

/// The backends that compute in double, which finite differences need.
std::vector<std::string> gradient_backends();

/// Every layer and every loss on one of them.
std::vector<GradientRow> gradient_table(const std::string& backend);

/// One line of the second table: an operation of the compute contract in float, on random operands, against the oracle.
struct OperationRow {
  std::string operation;
  std::string backend;
  double largest_difference = 0;  ///< as a share of the tolerance: up to 1 passes
  bool ok = false;
};

/// A result x passes if |x - oracle| <= kRelative · (largest |oracle| of the array) + kAbsolute; whole numbers must be equal.
inline constexpr double kOperationRelative = 5e-5, kOperationAbsolute = 1e-6;

/// The backends that are compared with the reference, one an instruction set.
std::vector<std::string> operation_backends();

/// Every operation on one of them against the reference backend.
std::vector<OperationRow> operation_table(const std::string& backend);

}  // namespace handgrad::app
