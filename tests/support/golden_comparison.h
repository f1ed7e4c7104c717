#pragma once

#include <set>
#include <string>
#include <vector>

#include "golden_file.h"

namespace handgrad::golden {

/// Thrown by the comparison of a case that asks for something the engine does not have. The message is the reason.
class Skip : public Error {
 public:
  using Error::Error;
};

/// What the engine computes, held against the outputs of one case, element by element:
///   |got - expected| <= atol + rtol |expected|,   NaN on either side fails;   integers have to be equal.
/// Outputs that the case does not have are ignored; outputs that nobody compared are a failure.
class Comparison {
 public:
  explicit Comparison(const Case& c) : case_(c) {}

  /// Throws FileError if the case's output has another shape.
  void close(const std::string& output, const Shape& shape, const std::vector<float>& got);
  void close(const std::string& output, const Shape& shape, const std::vector<double>& got);
  void close(const std::string& output, double got) { close(output, {}, std::vector<double>{got}); }
  /// Of what is computed in double whatever Real is, and is close if it is within 1e-12.
  void close_in_double(const std::string& output, const Shape& shape, const std::vector<double>& got);
  void equal(const std::string& output, const Shape& shape, const std::vector<std::int32_t>& got);

  /// Whether the case has such an output.
  bool wants(const std::string& output) const { return case_.out.contains(output); }
  /// Call this when everything was compared: an output left over becomes the failure.
  void finish();

  /// "" if everything was close: otherwise the first bad element, with what was expected and allowed.
  const std::string& failure() const { return failure_; }
  void fail_with(const std::string& reason);

  std::int64_t numbers() const { return numbers_; }
  /// The largest |got - expected| / (atol + rtol |expected|).
  double largest_share() const { return largest_share_; }

 private:
  template <class T>
  void compare(const std::string& output, const Shape& shape, const std::vector<T>& got, const Tolerance& tolerance);

  const Case& case_;
  std::set<std::string> compared_;
  std::string failure_;
  std::int64_t numbers_ = 0;
  double largest_share_ = 0;
};

}  // namespace handgrad::golden
