// Playing: the same seed gives the same moments, an episode can be played again, and endings are told apart.

#include <sstream>

#include "app/config/make_environment.h"
#include "app/watch/show.h"
#include "tests/support/catch.h"
#include "tests/support/error_message.h"

using namespace handgrad;
using namespace handgrad::app;

namespace {

Player random_player(const std::string& id, std::uint64_t seed, const std::vector<std::string>& set = {}) {
  auto environment = make_environment(id, set);
  Agent agent = random_agent(*environment);
  return {id, std::move(environment), std::move(agent), seed};
}

// Always action 1, thinking this and that.
Player stubborn_player(const std::string& id, const std::vector<std::string>& set = {}) {
  return {id,
          make_environment(id, set),
          {"stubborn", [](std::uint64_t) {},
           [](std::span<const float>) {
             return Choice{1, {-2, 5}};
           }},
          7};
}

std::string as_text(Player player, std::int64_t episodes, std::int64_t max_frames = 1000) {
  std::ostringstream out;
  show_as_text(player, episodes, max_frames, out);
  return out.str();
}

}  // namespace

TEST_CASE("a random agent's episodes follow from the seed") {
  CHECK(as_text(random_player("CartPole-v1", 3), 2) == as_text(random_player("CartPole-v1", 3), 2));
  CHECK(as_text(random_player("CartPole-v1", 3), 1) != as_text(random_player("CartPole-v1", 4), 1));
}

TEST_CASE("episode i is the first one of seed + i, and begins again after restart") {
  Player player = random_player("CartPole-v1", 3), other = random_player("CartPole-v1", 4);
  while (!player.over()) player.step();
  player.next_episode();
  CHECK(player.now().observation == other.now().observation);
  CHECK(player.episode_seed() == 4);
  const auto play = [](Player& p) {
    std::vector<std::int64_t> actions;
    while (!p.over()) {
      p.step();
      actions.push_back(*p.now().last_action);
    }
    return actions;
  };
  const auto first = play(player);
  player.restart();
  CHECK(player.now().step == 0);
  CHECK(player.now().episode_return == 0);
  CHECK(play(player) == first);
  CHECK(play(other) == first);
  CHECK(contains(error_message([&] { player.step(); }), "over"));
}

TEST_CASE("a moment holds what led there and what comes next") {
  Player player = stubborn_player("CartPole-v1", {"max_episode_steps=3"});
  CHECK_FALSE(player.now().last_action.has_value());
  CHECK(player.now().choice->action == 1);
  for (int i = 0; i < 3; ++i) player.step();
  CHECK(player.now().last_action == 1);
  CHECK(player.now().episode_return == 3);
  CHECK(player.now().ending == Ending::truncated);
  CHECK_FALSE(player.now().choice.has_value());
  CHECK(player.now().least_value == -2);
  CHECK(player.now().most_value == 5);
}

TEST_CASE("recording keeps every moment up to the limit") {
  Player player = stubborn_player("CartPole-v1");
  std::vector<Moment> moments;
  Showing showing = record(player, 2, 1000, moments);
  REQUIRE(showing.episodes.size() == 2);
  CHECK_FALSE(showing.cut);
  CHECK(showing.episodes[0].ending == Ending::terminated);
  CHECK(showing.episodes[1].seed == 8);
  CHECK(static_cast<std::int64_t>(moments.size()) == showing.episodes[0].length + showing.episodes[1].length + 2);
  CHECK(moments.front().most_value == 5);

  Player again = stubborn_player("CartPole-v1");
  moments.clear();
  showing = record(again, 2, 4, moments);
  CHECK(moments.size() == 4);
  CHECK(showing.cut);
  CHECK(showing.episodes.size() == 1);
  CHECK(showing.episodes[0].ending == Ending::none);
}

TEST_CASE("text is the environment's own where it has one") {
  CHECK(as_text(stubborn_player("FrozenLake-v1", {"is_slippery=false"}), 1, 2) ==
        "episode 1  step 0  action -  reward -  return 0\n"
        "\n\x1b[41mS\x1b[0mFFF\nFHFH\nFFFH\nHFFG\n"
        "episode 1  step 1  action down  reward 0  return 0\n"
        "  (Down)\nSFFF\n\x1b[41mF\x1b[0mHFH\nFFFH\nHFFG\n");
}

TEST_CASE("the walker faces where it went, the taxi also while it stands") {
  Player player = stubborn_player("CliffWalking-v1");
  player.step();
  CHECK(std::get<CliffWalkingScene>(*player.now().scene).facing == Direction::right);

  std::int64_t action = 3;
  Player taxi("Taxi-v4", make_environment("Taxi-v4", {}),
              {"", [](std::uint64_t) {},
               [&](std::span<const float>) {
                 return Choice{std::exchange(action, 4), {}};
               }},
              0);
  const auto facing = [&] { return std::get<TaxiScene>(*taxi.now().scene).facing; };
  CHECK(facing() == Direction::down);
  taxi.step();
  CHECK(facing() == Direction::left);
  taxi.step();
  CHECK(taxi.now().last_action == 4);
  CHECK(facing() == Direction::left);
}
