// Whether the trials that judge backends would notice: a backend with a mistake has to fail in the operation it is in.

#include "tests/support/wrong_backend.h"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>

#include "tests/support/catch.h"
#include "tests/support/trial.h"

using namespace handgrad;

namespace {

/// What is wrong with an operation, whatever numbers it takes to see it.
std::string what_is_wrong(Backend& backend, const Operation& operation) {
  for (const Numbers numbers : {Numbers::ordinary, Numbers::special, Numbers::denormal}) {
    if (const std::string failure = first_failure(backend, operation, numbers, 40); !failure.empty()) return failure;
  }
  return "";
}

}  // namespace

TEST_CASE("A backend without a mistake fails in no operation") {
  WrongBackend backend("none");
  for (const Operation& operation : all_operations()) CHECK(what_is_wrong(backend, operation) == "");
}

TEST_CASE("A backend with one mistake fails in the operation that it is in") {
  const std::vector<Operation> operations = all_operations();
  for (const auto& [mistake, place] : WrongBackend::mistakes()) {
    WrongBackend backend(mistake);
    const auto operation = std::ranges::find(operations, place, &Operation::name);
    REQUIRE(operation != operations.end());
    const std::string failure = what_is_wrong(backend, *operation);
    INFO(mistake << ": " << failure);
    CHECK(failure.starts_with("wrong: " + place.substr(0, place.find(' '))));
  }
}

TEST_CASE("A guard that is written before or after an operand is noticed, and where it is") {
  Generator random(3);
  int guarded_behind = 0;
  for (int k = 0; k < 20; ++k) {
    Guarded<Real> x({1, 2, 3}, random);
    CHECK(x.damage() == "");
    x.span().data()[-2] = 0;
    CHECK(x.damage() == "element 2 before the first was written");
    x.reset();
    CHECK(x.damage() == "");
    // A page is a multiple of the guards: behind an operand right before the wall there is nothing to write to.
    if (reinterpret_cast<std::uintptr_t>(x.span().data() + 3) % 4096 == 0) continue;
    ++guarded_behind;
    x.span().data()[3] = 0;
    CHECK(x.damage() == "element 1 after the last was written");
  }
  CHECK((guarded_behind > 0 && guarded_behind < 20));
}

TEST_CASE("Whoever reads or writes beyond the memory of an operand dies of it") {
  Generator random(3);
  const MemoryBeforeAWall memory(100 * sizeof(Real));
  const bool writes = GENERATE(false, true);
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    std::signal(SIGSEGV, SIG_DFL);  // not the test program's handler, which would report a failed test
    volatile Real* end = reinterpret_cast<Real*>(memory.begin()) + 100;
    if (writes) {
      *end = 1;
    } else {
      (void)*end;
    }
    _exit(0);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  REQUIRE(WIFSIGNALED(status));
  CHECK((WTERMSIG(status) == SIGSEGV || WTERMSIG(status) == SIGBUS));
}
