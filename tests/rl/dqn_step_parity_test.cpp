// Whole train steps: whatever the backend, the parameters stay near those that the reference arrives at, and every operation
// on the way agrees with it.

#include "core/backends.h"
#include "tests/support/arrays.h"
#include "tests/support/catch.h"
#include "tests/support/train_steps.h"

using namespace handgrad;

TEST_CASE("Twelve train steps lead to the same parameters on every backend") {
  const auto reference = make_backend("reference");
  for (const auto& [what, config] : train_step_trials()) {
    const Trained expected = train(*reference, config, 12);
    const Trained before = train(*reference, config, 0);
    CHECK(difference(before.parameters, expected.parameters, 0, 1e-3) != "");  // something has been learnt
    for (const std::string& name : computing_backends()) {
      const auto backend = make_backend(name);
      const Trained got = train(*backend, config, 12);
      INFO(name << ": " << what);
      CHECK(difference(got.parameters, expected.parameters, 1e-3, 1e-4) == "");
      CHECK(got.loss == Approx(expected.loss).epsilon(1e-3));
    }
  }
}

TEST_CASE("Every operation of a train step agrees with the reference, on every backend") {
  for (const std::string& name : computing_backends()) {
    const auto backend = make_backend("checked:" + name);
    for (const auto& [what, config] : train_step_trials()) {
      INFO(name << ": " << what);
      CHECK_NOTHROW(train(*backend, config, 3));
    }
  }
}
