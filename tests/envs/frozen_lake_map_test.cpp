#include "envs/frozen_lake_map.h"

#include <cmath>

#include "../support/catch.h"
#include "../support/error_message.h"

namespace handgrad {

TEST_CASE("random maps are Gymnasium's") {
  CHECK(generate_random_map(4, 0.8, 0) == FrozenLakeMap{"SFFF", "HHFF", "FHHF", "HFFG"});
  CHECK(generate_random_map(4, 0.8, 1) == FrozenLakeMap{"SHFH", "FFHF", "FFFF", "FFFG"});
  CHECK(generate_random_map(4, 0.8, 42) == FrozenLakeMap{"SFHF", "FHFF", "FFFH", "FHFG"});
  CHECK(generate_random_map(8, 0.8, 0) ==
        FrozenLakeMap{"SFFFHHFF", "FHHFHFFF", "HFFFFFFF", "FFHHFFFF", "FFFFFHHF", "FFFFFHFF", "FHFFHFFF", "FFFFFFFG"});
}

TEST_CASE("a probability above one freezes every cell") {
  CHECK(generate_random_map(2, 1.0, 3) == FrozenLakeMap{"SF", "FG"});
  CHECK(generate_random_map(2, 7.5, 3) == FrozenLakeMap{"SF", "FG"});
}

TEST_CASE("a random map can be crossed, however winding the way") {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const FrozenLakeMap map = generate_random_map(6, 0.5, seed);
    REQUIRE_NOTHROW(check_frozen_lake_map(map));
    // Flood from the start until nothing changes.
    FrozenLakeMap flooded = map;
    flooded[0][0] = '~';
    for (int round = 0; round < 36; ++round) {
      for (std::size_t r = 0; r < 6; ++r) {
        for (std::size_t c = 0; c < 6; ++c) {
          const bool wet = (r > 0 && flooded[r - 1][c] == '~') || (r < 5 && flooded[r + 1][c] == '~') ||
                           (c > 0 && flooded[r][c - 1] == '~') || (c < 5 && flooded[r][c + 1] == '~');
          if (wet && flooded[r][c] != 'H') flooded[r][c] = '~';
        }
      }
    }
    CHECK(flooded[5][5] == '~');
  }
}

TEST_CASE("a map has at most 2^20 cells") {
  FrozenLakeMap map(1024, std::string(1024, 'F'));
  map[0][0] = 'S';
  CHECK_NOTHROW(check_frozen_lake_map(map));
  map.emplace_back(1024, 'F');
  CHECK(error_message([&] { check_frozen_lake_map(map); }) ==
        "FrozenLake: a map has at most 1048576 cells, found 1025 rows of 1024");
}

TEST_CASE("maps that would be looked for for ever are errors") {
  CHECK(error_message([] { generate_random_map(1, 0.8, 0); }) == "a random map is between 2 and 1000 cells wide, got 1");
  CHECK_THROWS_AS(generate_random_map(-3, 0.8, 0), Error);
  CHECK_THROWS_AS(generate_random_map(1001, 0.8, 0), Error);
  CHECK(error_message([] { generate_random_map(4, 0.0, 0); }) ==
        "a random map needs a probability of frozen cells above 0, got 0");
  CHECK_THROWS_AS(generate_random_map(4, -0.5, 0), Error);
  CHECK_THROWS_AS(generate_random_map(4, NAN, 0), Error);
}

TEST_CASE("the search for a map that hardly exists ends") {
  CHECK(error_message([] { generate_random_map(1000, 0.01, 0); }) ==
        "no passable map in 100 attempts: p = 0.01 leaves too few frozen cells for size 1000");
}

TEST_CASE("the built-in maps are there and fit to play on") {
  for (const char* name : {"4x4", "8x8"}) CHECK_NOTHROW(check_frozen_lake_map(frozen_lake_map(name)));
  CHECK(frozen_lake_map("8x8").size() == 8);
  CHECK_THROWS_AS(frozen_lake_map("16x16"), Error);
  CHECK_THROWS_AS(frozen_lake_map(""), Error);
}

}  // namespace handgrad
