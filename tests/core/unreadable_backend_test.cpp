// Nobody but the backend follows a pointer into its memory: all of the library runs on memory that cannot be read.

#include "core/unreadable_backend.h"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "rl/dqn_step.h"
#include "tests/support/arrays.h"
#include "tests/support/catch.h"
#include "tests/support/sanitizer.h"

using namespace handgrad;

namespace {

/// Trains a small DQN for a few steps, and returns everything that came of it.
std::vector<Real> train(Backend& backend) {
  constexpr std::int64_t B = 8, D = 3, A = 2;
  DqnConfig config;
  config.hidden = {5, 4};
  config.batch_size = B;
  config.double_q = true;
  config.clipping = {Clipping::Kind::norm, 0.5};
  Generator random(11);
  DqnStep step(backend, config, D, A, B, random);
  std::vector<std::int32_t> actions(B);
  for (std::int32_t& action : actions) action = static_cast<std::int32_t>(random.integers(0, A));
  const auto x = on(backend, random_reals(B * D, random)), next = on(backend, random_reals(B * D, random));
  const auto reward = on(backend, random_reals(B, random)), discount = on(backend, std::vector<Real>(B, Real(0.99)));
  const auto action = on(backend, actions);

  std::vector<Real> results;
  for (int k = 0; k < 5; ++k) {
    step.run({x.matrix(B, D), action.span(), reward.span(), discount.span(), next.matrix(B, D)});
    step.follow();
    results.push_back(static_cast<Real>(step.loss().value()));
  }
  for (const auto& part :
       {step.online().parameters_to_host(), step.target().parameters_to_host(), to_host(backend, step.td_errors())}) {
    results.insert(results.end(), part.begin(), part.end());
  }
  for (const auto& [name, state] : step.optimizer().state()) {
    for (const Real value : to_host(backend, state)) results.push_back(value);
  }
  return results;
}

}  // namespace

TEST_CASE("A network trains in memory that cannot be read, to the same bits as anywhere") {
  UnreadableBackend unreadable;
  const auto reference = make_backend("reference");
  CHECK(same_bits(train(unreadable), train(*reference)));
}

#if !defined(HANDGRAD_ADDRESS_SANITIZER)
TEST_CASE("Whoever follows a pointer into the unreadable backend's memory dies of it") {
  UnreadableBackend backend;
  const Buffer<Real> x(backend, 4);
  const bool writes = GENERATE(false, true);
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    std::signal(SIGSEGV, SIG_DFL);  // not the test program's handler, which would report a failed test
    auto* p = const_cast<volatile Real*>(x.data());
    if (writes) {
      *p = 1;
    } else {
      (void)*p;
    }
    _exit(0);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  REQUIRE(WIFSIGNALED(status));
  CHECK((WTERMSIG(status) == SIGSEGV || WTERMSIG(status) == SIGBUS));
}
#endif
