#include "app/interrupt.h"

#include <chrono>
#include <csignal>
#include <string>
#include <thread>

#include "tests/support/catch.h"
#include "tests/support/child.h"

using namespace handgrad::app;
using handgrad::test::Child;

TEST_CASE("a signal that comes twice at once asks once, and the first says how the program exits") {
  const Child child([](const auto& tell) {
    const InterruptScope interruptible;
    std::raise(SIGINT);
    std::raise(SIGINT);
    std::raise(SIGTERM);
    tell(std::to_string(interrupt_exit_code()));
  });
  CHECK(child.told() == "130");
}

TEST_CASE("a second signal some time after the first kills the program") {
  const Child child([](const auto& tell) {
    const InterruptScope interruptible;
    std::raise(SIGTERM);
    std::this_thread::sleep_for(std::chrono::milliseconds(1050));
    tell(std::to_string(interrupt_exit_code()));
    std::raise(SIGINT);
    tell(", and it lives on");
  });
  CHECK(child.told() == "143");
}

TEST_CASE("what was asked for is forgotten with the scope") {
  {
    const InterruptScope interruptible;
    CHECK_FALSE(interrupted());
    std::raise(SIGINT);
    CHECK(interrupted());
  }
  CHECK_FALSE(interrupted());
  CHECK(interrupt_exit_code() == 0);
}
