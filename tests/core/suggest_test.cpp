#include "core/suggest.h"

#include "../support/catch.h"

namespace handgrad {

TEST_CASE("the nearest name is the one with the fewest edits") {
  const std::vector<std::string> names{"map_name", "is_slippery", "success_rate"};
  CHECK(nearest_name("map_nam", names) == "map_name");
  CHECK(nearest_name("is_sliperry", names) == "is_slippery");
  CHECK(nearest_name("succes_rates", names) == "success_rate");
}

TEST_CASE("upper and lower case are one when looking for a name") {
  CHECK(nearest_name("CARTPOLE", {"FrozenLake", "CartPole"}) == "CartPole");
}

TEST_CASE("of equally near names the first is taken") { CHECK(nearest_name("ac", {"ab", "ad"}) == "ab"); }

TEST_CASE("a name too far from all is answered with silence") {
  CHECK(nearest_name("pendulum", {"cartpole", "acrobot"}).empty());
  CHECK(nearest_name("x", {}).empty());
  CHECK(did_you_mean("pendulum", {"cartpole"}).empty());
}

TEST_CASE("the suggestion can be appended to a message") {
  CHECK(did_you_mean("cartpol", {"cartpole"}) == " Did you mean 'cartpole'?");
}

}  // namespace handgrad
