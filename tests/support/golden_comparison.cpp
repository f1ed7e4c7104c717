#include "golden_comparison.h"

#include <algorithm>
#include <cmath>
#include <iomanip>
#include <limits>

namespace handgrad::golden {
namespace {

/// "dX[3,1]" for the flat index 7 of a [4,2] array.
std::string element_name(const std::string& output, const Shape& shape, std::size_t flat) {
  if (shape.empty()) return output;
  std::string index;
  auto rest = static_cast<std::int64_t>(flat);
  for (std::size_t k = shape.size(); k-- > 0;) {
    index = std::to_string(rest % shape[k]) + (index.empty() ? "" : "," + index);
    rest /= shape[k];
  }
  return output + "[" + index + "]";
}

std::string digits(double value) {
  std::ostringstream out;
  out << std::setprecision(sizeof(Real) == sizeof(double) ? 17 : 9) << value;
  return out.str();
}

}  // namespace

template <class T>
void Comparison::compare(const std::string& output, const Shape& shape, const std::vector<T>& got,
                         const Tolerance& tolerance) {
  const auto found = case_.out.find(output);
  if (found == case_.out.end()) return;
  const Value& expected = found->second;
  require_file(expected.shape == shape && expected.data.size() == got.size(), case_.id, ": output '", output, "' has to be ",
               to_string(shape), ", got ", to_string(expected.shape));
  compared_.insert(output);
  for (std::size_t i = 0; i < got.size(); ++i) {
    const double a = static_cast<double>(got[i]), b = expected.data[i];
    const double allowed = tolerance.atol + tolerance.rtol * std::abs(b);
    const double difference = std::abs(a - b);
    ++numbers_;
    if (difference > 0) largest_share_ = std::max(largest_share_, difference / allowed);
    if (!(difference <= allowed)) {  // NaN fails
      if (std::isnan(difference)) largest_share_ = std::numeric_limits<double>::infinity();
      fail_with(text(element_name(output, shape, i), " is ", digits(a), ", expected ", digits(b), ", off by ", difference,
                     ", allowed ", allowed));
    }
  }
}

void Comparison::close(const std::string& output, const Shape& shape, const std::vector<float>& got) {
  compare(output, shape, got, case_.tolerance_of(output));
}

void Comparison::close(const std::string& output, const Shape& shape, const std::vector<double>& got) {
  compare(output, shape, got, case_.tolerance_of(output));
}

void Comparison::close_in_double(const std::string& output, const Shape& shape, const std::vector<double>& got) {
  compare(output, shape, got, {1e-12, 1e-12});
}

void Comparison::equal(const std::string& output, const Shape& shape, const std::vector<std::int32_t>& got) {
  compare(output, shape, got, {0, 0});
}

void Comparison::finish() {
  for (const auto& [output, value] : case_.out) {
    if (!compared_.contains(output)) fail_with(text("output ", output, " is not compared"));
  }
}

void Comparison::fail_with(const std::string& reason) {
  if (failure_.empty()) failure_ = reason;
}

}  // namespace handgrad::golden
