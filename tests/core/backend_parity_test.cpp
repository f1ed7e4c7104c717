// Every operation of every backend against formulas computed in a wider precision, over random shapes, on operands that lie
// at odd addresses and right before memory that cannot be read.

#include <map>

#include "tests/support/backends.h"
#include "tests/support/bridged_backend.h"
#include "tests/support/catch.h"
#include "tests/support/trial.h"

using namespace handgrad;

namespace {

std::map<std::string, std::unique_ptr<Backend>> make_backends() {
  std::map<std::string, std::unique_ptr<Backend>> backends;
  for (const std::string& name : computing_backends()) {
    backends[name] = make_backend(name);
    if (name == "cuda") backends[name] = std::make_unique<BridgedBackend>(std::move(backends[name]));
  }
  return backends;
}

void check_on_each(const std::map<std::string, std::unique_ptr<Backend>>& backends, Trial trial) {
  for (const auto& [name, backend] : backends) CHECK(trial.failure(*backend) == "");
}

void check_all(Numbers numbers, int trials) {
  const Operation operation = GENERATE(from_range(all_operations()));
  const auto backends = make_backends();
  Draw draw(1, numbers);
  for (int k = 0; k < trials; ++k) check_on_each(backends, operation.draw(draw));
}

}  // namespace

TEST_CASE("Every operation of every backend gives what its formula says, over random shapes") {
  check_all(Numbers::ordinary, 300);
}

TEST_CASE("Every backend computes layers of all small shapes, over random batches") {
  const auto backends = make_backends();
  Draw draw(2, Numbers::ordinary);
  for (const Operation& operation : layer_operations()) {
    for (std::int64_t I = 1; I <= 17; ++I) {
      for (std::int64_t O = 1; O <= 35; ++O) {
        draw.prefer_extents({1 + draw.below(18), I, O});
        check_on_each(backends, operation.draw(draw));
      }
    }
  }
}

TEST_CASE("Every backend computes layers of long sums, in each dimension") {
  const auto backends = make_backends();
  Draw draw(3, Numbers::ordinary);
  for (const Operation& operation : layer_operations()) {
    for (const std::int64_t length : {511, 512, 513, 1040}) {
      for (int k = 0; k < 4; ++k) {
        const std::int64_t a = 1 + draw.below(20), b = 1 + draw.below(50);
        for (const auto& extents : {std::vector{length, a, b}, {a, length, b}, {a, b, length}}) {
          draw.prefer_extents(extents);
          check_on_each(backends, operation.draw(draw));
        }
      }
    }
  }
}

TEST_CASE("Every backend computes layers whose operands are half zeros, behind a ReLU") {
  const auto backends = make_backends();
  for (const Numbers numbers : {Numbers::ordinary, Numbers::special, Numbers::denormal}) {
    Draw draw(4, numbers);
    for (const Operation& operation : layer_operations()) {
      for (int k = 0; k < 60; ++k) {
        std::vector<std::int64_t> extents = {32 + draw.below(60), 32 + draw.below(60), 32 + draw.below(60)};
        extents[static_cast<std::size_t>(draw.below(3))] += draw.below(210);
        draw.prefer_extents(extents);
        check_on_each(backends, operation.draw(draw));
      }
    }
  }
}

TEST_CASE("NaN and infinity and signed zeros go through every operation of every backend as they should") {
  check_all(Numbers::special, 100);
}

TEST_CASE("Denormal numbers in a train step count as zeros, and no backend computes one") { check_all(Numbers::denormal, 60); }
