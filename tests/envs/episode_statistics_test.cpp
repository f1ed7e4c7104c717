#include "envs/episode_statistics.h"

#include "../support/catch.h"
#include "../support/counting_environment.h"
#include "envs/registry.h"

namespace handgrad {
namespace {

using Actions = std::vector<std::int32_t>;

}  // namespace

TEST_CASE("statistics are of whole episodes, and a reset of next-step autoreset counts for nothing") {
  for (const AutoresetMode mode : {AutoresetMode::next_step, AutoresetMode::same_step}) {
    int length = 1;
    SyncVectorEnvironment environments([&] { return std::make_unique<test::CountingEnvironment>(++length); }, 2, mode);
    environments.reset(0);  // episodes of 2 and 3 steps, rewards are the actions
    EpisodeStatistics statistics(2);
    int ends = 0;
    for (int t = 0; t < 24; ++t) {
      for (const std::int32_t i : statistics.add(environments.step(Actions{1, 2}))) {
        ++ends;
        CHECK(statistics.lengths()[static_cast<std::size_t>(i)] == 2 + i);
        CHECK(statistics.returns()[static_cast<std::size_t>(i)] == (i == 0 ? 2.0 : 6.0));
      }
    }
    CHECK(ends == (mode == AutoresetMode::same_step ? 12 + 8 : 8 + 6));
  }
}

TEST_CASE("statistics equal a plain count over many environments") {
  const auto environments = Registry::gymnasium().make_vector("CartPole-v1", {}, 77);
  environments->reset(1);
  EpisodeStatistics statistics(77);
  std::vector<double> returns(77);
  Generator generator(1);
  Actions actions(77);
  for (int t = 0; t < 300; ++t) {
    for (std::int32_t& action : actions) action = static_cast<std::int32_t>(generator.integers(0, 2));
    const VectorStep step = environments->step(actions);
    const std::span<const std::int32_t> found = statistics.add(step);
    std::vector<std::int32_t> expected;
    for (std::size_t i = 0; i < 77; ++i) {
      if (step.autoreset[i] != 0) returns[i] = 0;
      returns[i] += step.rewards[i];
      CHECK(statistics.returns()[i] == returns[i]);
      if (step.terminated[i] != 0 || step.truncated[i] != 0) expected.push_back(static_cast<std::int32_t>(i));
    }
    REQUIRE(std::vector(found.begin(), found.end()) == expected);
  }
}

TEST_CASE("statistics begin anew, and are of the environments they were made for") {
  SyncVectorEnvironment environments([] { return std::make_unique<test::CountingEnvironment>(9); }, 2);
  environments.reset(0);
  EpisodeStatistics statistics(2), other(3);
  statistics.add(environments.step(Actions{1, 2}));
  statistics.start();
  CHECK(statistics.returns()[1] == 0.0);
  CHECK(statistics.lengths()[1] == 0);
  CHECK_THROWS_AS(other.add(environments.step(Actions{1, 2})), Error);
  CHECK_THROWS_AS(EpisodeStatistics(0), Error);
}

}  // namespace handgrad
