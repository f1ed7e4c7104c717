// Every operation of every backend against formulas computed in a wider precision, over random shapes, on operands that lie
// at odd addresses and right before memory that cannot be read.

#include <map>

#include "tests/support/backends.h"
#include "tests/support/catch.h"
#include "tests/support/trial.h"

using namespace handgrad;

namespace {

void check_all(Numbers numbers, int trials) {
  const Operation operation = GENERATE(from_range(all_operations()));
  INFO(operation.name);
  std::map<std::string, std::unique_ptr<Backend>> backends;
  for (const std::string& name : computing_backends()) backends[name] = make_backend(name);
  Draw draw(1, numbers);
  for (int k = 0; k < trials; ++k) {
    Trial trial = operation.draw(draw);
    for (const auto& [name, backend] : backends) {
      INFO(name);
      CHECK(trial.failure(*backend) == "");
    }
  }
}

}  // namespace

TEST_CASE("Every operation of every backend gives what its formula says, over random shapes") {
  check_all(Numbers::ordinary, 300);
}

TEST_CASE("NaN and infinity and signed zeros go through every operation of every backend as they should") {
  check_all(Numbers::special, 100);
}

TEST_CASE("Denormal numbers in a train step count as zeros, and no backend computes one") { check_all(Numbers::denormal, 60); }
