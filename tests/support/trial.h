#pragma once

#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "core/backend.h"
#include "tests/support/draw.h"
#include "tests/support/guarded.h"
#include "tests/support/rounded.h"

/// Operations of the compute contract on random operands, judged by formulas of their own in a wider precision.
namespace handgrad {

/// One call of an operation, and what every array has to hold afterwards. It can be made on any number of backends that
/// compute on the CPU.
class Trial {
 public:
  /// `what` names the operation and its shape.
  Trial(std::string what, Draw& draw) : what_(std::move(what)), random_(draw.random()), numbers_(draw.numbers()) {}

  /// Operands, in memory of their own. They stay where they are.
  Guarded<Real>& reads(const char* name, std::vector<Real> values);
  Guarded<std::int32_t>& reads(const char* name, std::vector<std::int32_t> values);
  /// An array that holds `before` and has to hold `after`, up to twice the errors that are allowed (second-order terms, and
  /// other orders of evaluation). In a StepScope computed numbers are never denormal; computes_some is for arrays of which
  /// elements may be left or copied instead.
  Guarded<Real>& computes(const char* name, std::vector<Real> before, std::vector<Rounded> after);
  Guarded<Real>& computes_some(const char* name, std::vector<Real> before, std::vector<Rounded> after);
  /// The same to the bit: numbers that are moved and not computed.
  Guarded<Real>& moves(const char* name, std::vector<Real> before, std::vector<Real> after);
  Guarded<std::int32_t>& moves(const char* name, std::vector<std::int32_t> before, std::vector<std::int32_t> after);

  void calls(std::function<void(Backend&)> operation) { operation_ = std::move(operation); }

  /// "", or the first thing that is wrong after the call on this backend. With denormal numbers it is made in a StepScope.
  std::string failure(Backend& backend);

 private:
  struct Array {
    Array(const char* name_, std::vector<Real> before, Generator& random) : name(name_), memory(std::move(before), random) {}
    std::string name;
    Guarded<Real> memory;
    std::vector<Rounded> computed;  // or else:
    std::vector<Real> moved;
    bool flushed = false;  // nothing denormal is left in it
  };
  struct IndexArray {
    IndexArray(const char* name_, std::vector<std::int32_t> before, Generator& random)
        : name(name_), memory(std::move(before), random) {}
    std::string name;
    Guarded<std::int32_t> memory;
    std::vector<std::int32_t> moved;
  };

  std::string wrong_in(const Array& array) const;

  std::string what_;
  Generator& random_;
  Numbers numbers_;
  std::deque<Array> arrays_;
  std::deque<IndexArray> index_arrays_;
  std::function<void(Backend&)> operation_;
};

struct Operation {
  std::string name;
  Trial (*draw)(Draw&);  ///< a trial of random shape and settings, on random operands
};

/// Every operation of the contract that computes or moves numbers.
std::vector<Operation> all_operations();

/// The parts of that list.
std::vector<Operation> layer_operations();
std::vector<Operation> loss_operations();
std::vector<Operation> data_operations();
std::vector<Operation> optimizer_operations();
std::vector<Operation> flat_operations();

/// The first failure in `trials` trials of an operation, or "".
std::string first_failure(Backend& backend, const Operation& operation, Numbers numbers, int trials);

}  // namespace handgrad
