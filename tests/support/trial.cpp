#include "tests/support/trial.h"

#include <cmath>
#include <cstring>

#include "core/step_scope.h"

namespace handgrad {
namespace {

bool is_denormal(Real x) { return std::fpclassify(x) == FP_SUBNORMAL; }

bool acceptable(Real found, Rounded expected) {
  if (expected.error == std::numeric_limits<Wide>::infinity()) return true;
  if (std::isnan(expected.value)) return std::isnan(found);
  if (std::isinf(expected.value)) return static_cast<Wide>(found) == expected.value;
  return std::abs(static_cast<Wide>(found) - expected.value) <= 2 * expected.error;
}

template <class T>
std::string wrong_bits(const std::string& name, std::span<const T> found, const std::vector<T>& expected) {
  for (std::size_t i = 0; i < expected.size(); ++i) {
    if (std::memcmp(&found[i], &expected[i], sizeof(T)) != 0) {
      return text("element ", i, " of ", name, " is ", found[i], ", expected ", expected[i], " to the bit");
    }
  }
  return "";
}

}  // namespace

Guarded<Real>& Trial::reads(const char* name, std::vector<Real> values) {
  const std::vector<Real> same = values;
  return moves(name, std::move(values), same);
}

Guarded<std::int32_t>& Trial::reads(const char* name, std::vector<std::int32_t> values) {
  const std::vector<std::int32_t> same = values;
  return moves(name, std::move(values), same);
}

Guarded<Real>& Trial::computes_some(const char* name, std::vector<Real> before, std::vector<Rounded> after) {
  Array& array = arrays_.emplace_back(name, std::move(before), random_);
  array.computed = std::move(after);
  return array.memory;
}

Guarded<Real>& Trial::computes(const char* name, std::vector<Real> before, std::vector<Rounded> after) {
  Guarded<Real>& memory = computes_some(name, std::move(before), std::move(after));
  arrays_.back().flushed = numbers_ == Numbers::denormal;
  return memory;
}

Guarded<Real>& Trial::moves(const char* name, std::vector<Real> before, std::vector<Real> after) {
  Array& array = arrays_.emplace_back(name, std::move(before), random_);
  array.moved = std::move(after);
  return array.memory;
}

Guarded<std::int32_t>& Trial::moves(const char* name, std::vector<std::int32_t> before, std::vector<std::int32_t> after) {
  IndexArray& array = index_arrays_.emplace_back(name, std::move(before), random_);
  array.moved = std::move(after);
  return array.memory;
}

std::string Trial::wrong_in(const Array& array) const {
  if (const std::string damage = array.memory.damage(); !damage.empty()) return array.name + ": " + damage;
  const std::span<const Real> found = array.memory.span();
  for (std::size_t i = 0; i < array.computed.size(); ++i) {
    const Rounded expected = array.computed[i];
    if (!acceptable(found[i], expected)) {
      return text("element ", i, " of ", array.name, " is ", found[i], ", expected ", expected.value, " to within ",
                  2 * expected.error);
    }
    if (array.flushed && is_denormal(found[i])) {
      return text("element ", i, " of ", array.name, " is ", found[i], ", which is denormal, in a step");
    }
  }
  return wrong_bits(array.name, found, array.moved);
}

std::string Trial::failure(Backend& backend) {
  for (Array& array : arrays_) array.memory.reset();
  for (IndexArray& array : index_arrays_) array.memory.reset();
  if (numbers_ == Numbers::denormal) {
    const StepScope scope(backend);
    operation_(backend);
  } else {
    operation_(backend);
  }
  std::string wrong;
  for (const Array& array : arrays_) {
    if (wrong.empty()) wrong = wrong_in(array);
  }
  for (const IndexArray& array : index_arrays_) {
    if (wrong.empty() && !array.memory.damage().empty()) wrong = array.name + ": " + array.memory.damage();
    if (wrong.empty()) wrong = wrong_bits<std::int32_t>(array.name, array.memory.span(), array.moved);
  }
  return wrong.empty() ? "" : text(backend.name(), ": ", what_, ": ", wrong);
}

std::vector<Operation> all_operations() {
  std::vector<Operation> all;
  for (const auto& part :
       {layer_operations(), loss_operations(), data_operations(), optimizer_operations(), flat_operations()}) {
    all.insert(all.end(), part.begin(), part.end());
  }
  return all;
}

std::string first_failure(Backend& backend, const Operation& operation, Numbers numbers, int trials) {
  Draw draw(2024, numbers);
  for (int k = 0; k < trials; ++k) {
    if (const std::string failure = operation.draw(draw).failure(backend); !failure.empty()) return failure;
  }
  return "";
}

}  // namespace handgrad
