#include "rl/worker_team.h"

#include <numeric>
#include <stdexcept>
#include <string>

#include "tests/support/catch.h"

using namespace handgrad;

TEST_CASE("a team does everything once, round after round, whatever there is to do and however many they are", "[threads]") {
  for (const int threads : {0, 1, 2, 3, 8}) {
    WorkerTeam team(threads);
    for (const std::int64_t count : {0, 1, 2, 7, 1000, 5}) {
      std::vector<int> times(static_cast<std::size_t>(count));
      team.in_slices(count, [&](std::int64_t first, std::int64_t last) {
        for (std::int64_t i = first; i < last; ++i) ++times[static_cast<std::size_t>(i)];
      });
      CHECK(std::accumulate(times.begin(), times.end(), 0) == count);
      CHECK(std::ranges::all_of(times, [](int n) { return n == 1; }));
    }
  }
}

TEST_CASE("a team reports the first mistake in order, after everyone is done, and goes on", "[threads]") {
  WorkerTeam team(4);
  std::vector<int> done(4);
  const auto fail_in_two = [&](std::int64_t first, std::int64_t) {
    if (first == 1 || first == 3) throw std::runtime_error("slice " + std::to_string(first));
    done[static_cast<std::size_t>(first)] = 1;
  };
  for (int round = 0; round < 50; ++round) {
    done.assign(4, 0);
    CHECK_THROWS_WITH(team.in_slices(4, fail_in_two), "slice 1");
    CHECK(done == std::vector<int>{1, 0, 1, 0});
  }
  int all = 0;
  team.in_slices(1, [&](std::int64_t first, std::int64_t last) {
    if (first < last) all = 1;
  });
  CHECK(all == 1);
}

TEST_CASE("a team that has never worked can go", "[threads]") { WorkerTeam team(3); }
