#include "app/bench/train_step.h"

#include "tests/support/arrays.h"
#include "tests/support/catch.h"
#include "tests/support/error_message.h"

using namespace handgrad;
using namespace handgrad::app;

TEST_CASE("The floating-point operations of a train step are those of its products") {
  // B = 32, 4-16-16-2: the first layer's product three times (twice forward, dW), the others' four times (dX too).
  CHECK(train_step_configuration("rlmep").flops() == 2.0 * 32 * (3 * 4 * 16 + 4 * 16 * 16 + 4 * 16 * 2));
  CHECK(train_step_configuration("tutorial").flops() == 17'432'576.0);
  CHECK(train_step_configuration("tutorial").network() == "4-128-128-2");
}

TEST_CASE("Every measured train step validates, and an unknown one is an error that names the others") {
  for (const TrainStepConfiguration& configuration : train_step_configurations()) {
    CAPTURE(configuration.name);
    CHECK_NOTHROW(validate(configuration.dqn));
  }
  CHECK(error_message([] { train_step_configuration("tutorail"); }) ==
        "no train step 'tutorail': there are tutorial, zoo, cleanrl, tf, hadiji, rlmep. Did you mean 'tutorial'?");
}

TEST_CASE("A measured train step moves a hard target in every 100th step, and a soft one in each") {
  TrainStep hard("reference", train_step_configuration("rlmep"));
  const auto target = [&] { return hard.dqn_step().target().parameters_to_host(); };
  const std::vector<Real> before = target();
  CHECK(before == hard.parameters());
  for (int step = 0; step < 99; ++step) hard.run_once();
  CHECK(target() == before);
  hard.run_once();
  CHECK(target() == hard.parameters());
  CHECK(target() != before);

  TrainStepConfiguration small = train_step_configuration("tutorial");
  small.dqn.hidden = {8};
  TrainStep soft("reference", small);
  const std::vector<Real> start = soft.parameters();
  soft.run_once();
  const std::vector<Real> online = soft.parameters(), followed = soft.dqn_step().target().parameters_to_host();
  CHECK(online != start);
  std::vector<double> expected;
  for (std::size_t i = 0; i < start.size(); ++i) expected.push_back(start[i] + 0.005 * (online[i] - start[i]));
  CHECK(difference(followed, expected) == "");
}

TEST_CASE("A measured train step begins with given parameters and takes its batches in turn") {
  const TrainStepConfiguration configuration = train_step_configuration("rlmep");
  const HostBatch a = random_batch(configuration, 1), b = random_batch(configuration, 2);
  std::vector<Real> start = TrainStep("reference", configuration).parameters();
  for (Real& x : start) x /= 2;
  const auto after = [&](const std::vector<HostBatch>& batches) {
    TrainStep step(make_backend("reference"), configuration, batches);
    step.set_parameters(start);
    CHECK(step.dqn_step().target().parameters_to_host() == start);
    for (int i = 0; i < 3; ++i) step.run_once();
    return step.parameters();
  };
  CHECK(same_bits(after({a, b}), after({a, b, a})));
  CHECK(after({a, b}) != after({a}));

  HostBatch short_one = a;
  short_one.rewards.pop_back();
  CHECK(error_message([&] { after({short_one}); }) == "the batch's rewards have to be 32 values, got 31");
}
