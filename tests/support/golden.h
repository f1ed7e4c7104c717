#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "golden_file.h"

/// The engine against a file of golden data (golden_file.h), in the precision of this build, on one or more backends.
namespace handgrad::golden {

/// What became of one case on one backend.
struct Result {
  std::string id, group, backend;
  std::string failure;       ///< "" if it passed
  std::int64_t numbers = 0;  ///< compared
  double largest_share = 0;  ///< of the tolerance
};

struct Skipped {
  std::string id, reason;
};

struct Report {
  std::vector<std::string> backends;
  std::vector<Result> results;   ///< in the file's order, a case once a backend
  std::vector<Skipped> skipped;  ///< a case once, whatever the number of backends

  std::int64_t passed() const;
  std::int64_t failed() const;
};

/// Every backend that computes by itself, one an instruction set, and `checked`.
std::vector<std::string> all_backends();

/// Throws FileError for a case that lacks what it needs; Error for a backend that does not exist.
Report compare(const File& file, const std::vector<std::string>& backends);

/// Failures first, then the table, what was skipped, and the line "N passed, N failed, N skipped".
void print(std::ostream& out, const Report& report);

}  // namespace handgrad::golden
