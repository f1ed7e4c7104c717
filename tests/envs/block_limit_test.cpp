#include "envs/block_limit.h"

#include "../support/catch.h"
#include "../support/counting_environment.h"
#include "../support/error_message.h"
#include "envs/cartpole.h"
#include "envs/vector_environment.h"

namespace handgrad {

using test::CountingEnvironment;

TEST_CASE("a block ends at its step whatever episode runs, and the count goes on through resets") {
  BlockLimit blocks(std::make_unique<CountingEnvironment>(4), 6);
  std::vector<float> observation(1);
  blocks.reset(0, observation);
  std::vector<int> truncated, terminated;
  for (int t = 1; t <= 18; ++t) {
    const StepResult result = blocks.step(0, observation);
    if (result.truncated) truncated.push_back(t);
    if (result.terminated) terminated.push_back(t);
    if (result.truncated || result.terminated) blocks.reset({}, observation);
  }
  CHECK(truncated == std::vector<int>{6, 12, 18});
  CHECK(terminated == std::vector<int>{4, 10, 16});
}

TEST_CASE("a block and an episode can end in one step") {
  BlockLimit blocks(std::make_unique<CountingEnvironment>(3), 3);
  std::vector<float> observation(1);
  blocks.reset(0, observation);
  StepResult last;
  for (int t = 0; t < 3; ++t) last = blocks.step(0, observation);
  CHECK((last.terminated && last.truncated));
}

TEST_CASE("a seed starts the count anew, a refused action does not count") {
  BlockLimit blocks(std::make_unique<CountingEnvironment>(100), 3);
  std::vector<float> observation(1);
  blocks.reset(0, observation);
  blocks.step(0, observation);
  blocks.step(0, observation);
  blocks.reset(0, observation);
  CHECK_THROWS_AS(blocks.step(9, observation), Error);
  CHECK_FALSE(blocks.step(0, observation).truncated);
  CHECK_FALSE(blocks.step(0, observation).truncated);
  CHECK(blocks.step(0, observation).truncated);
}

TEST_CASE("in a vector every environment counts for itself and is reset at the end of its block") {
  SyncVectorEnvironment environments(
      [] { return std::make_unique<BlockLimit>(std::make_unique<CountingEnvironment>(100), 5); }, 2, AutoresetMode::same_step);
  environments.reset(0);
  const std::vector<std::int32_t> actions{0, 0};
  for (int t = 1; t <= 20; ++t) {
    const VectorStep step = environments.step(actions);
    for (std::size_t e = 0; e < 2; ++e) CHECK((step.truncated[e] != 0) == (t % 5 == 0));
    if (t % 5 == 0) CHECK(step.observations[0] == static_cast<float>(100 * (1 + t / 5)));
  }
}

TEST_CASE("a block goes on from its snapshot") {
  BlockLimit saved(std::make_unique<CartPole>(), 7), loaded(std::make_unique<CartPole>(), 7);
  std::vector<float> a(4), b(4);
  saved.reset(0, a);
  for (int t = 0; t < 4; ++t) saved.step(1, a);
  loaded.load(saved.save());
  for (int t = 5; t <= 15; ++t) {
    CHECK(saved.step(t % 2, a).truncated == (t % 7 == 0));
    CHECK(loaded.step(t % 2, b).truncated == (t % 7 == 0));
    CHECK(a == b);
  }
  BlockLimit shorter(std::make_unique<CartPole>(), 3);
  saved.reset(0, a);
  for (int t = 0; t < 5; ++t) saved.step(1, a);
  CHECK(error_message([&] { shorter.load(saved.save()); }) == "this snapshot was not saved under such a block limit");
  CHECK_THROWS_AS(shorter.load(Snapshot{}), Error);
}

TEST_CASE("a block below one step and one around nothing are errors") {
  CHECK(error_message([] { BlockLimit(std::make_unique<CountingEnvironment>(5), 0); }) ==
        "a block is a number of steps above 0, got 0");
  CHECK(error_message([] { BlockLimit(nullptr, 5); }) == "a block limit needs an environment, got none");
}

}  // namespace handgrad
