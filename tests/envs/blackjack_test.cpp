#include "envs/blackjack.h"

#include "../support/catch.h"
#include "../support/error_message.h"
#include "envs/registry.h"

// Expected values: Gymnasium 1.3.0, or the rules.

namespace handgrad {
namespace {

struct Cards {
  double sum, ace, count;
};

/// A table at which these hands lie, the next cards drawn from seed 0.
Blackjack dealt(const BlackjackOptions& options, double open_card, const Cards& dealer, const Cards& player) {
  Blackjack blackjack(options);
  std::vector<float> observation(3);
  blackjack.reset(0, observation);
  Snapshot snapshot = blackjack.save();
  snapshot.values = {open_card, dealer.sum, dealer.ace, dealer.count, player.sum, player.ace, player.count};
  blackjack.load(snapshot);
  return blackjack;
}

double stick(Blackjack blackjack) {
  std::vector<float> observation(3);
  const StepResult result = blackjack.step(0, observation);
  CHECK(result.terminated);
  return result.reward;
}

constexpr Cards kNatural{11, 1, 2}, kTwenty{20, 0, 2}, kNineteen{19, 0, 2}, kDrawnTo21{21, 0, 3}, kBust{25, 0, 3};

}  // namespace

TEST_CASE("first cards are Gymnasium's") {
  Blackjack blackjack({.sab = true});
  std::vector<float> observation(3);
  const auto dealt_with = [&](std::uint64_t seed) {
    blackjack.reset(seed, observation);
    return observation;
  };
  CHECK(dealt_with(0) == std::vector<float>{11, 10, 0});
  CHECK(dealt_with(1) == std::vector<float>{20, 7, 0});
  CHECK(dealt_with(2) == std::vector<float>{6, 10, 0});
  CHECK(dealt_with(3) == std::vector<float>{7, 10, 0});
  CHECK(dealt_with(42) == std::vector<float>{15, 2, 0});
}

TEST_CASE("a busted player may go on, and against a busted dealer draws") {
  Blackjack blackjack({.sab = true});
  std::vector<float> observation(3);
  blackjack.reset(42, observation);
  for (const float total : {25.0f, 27.0f}) {
    const StepResult hit = blackjack.step(1, observation);
    CHECK(observation == std::vector<float>{total, 2, 0});
    CHECK(hit.reward == -1.0);
    CHECK(hit.terminated);
  }
  for (int again = 0; again < 2; ++again) {
    const StepResult stuck = blackjack.step(0, observation);
    CHECK(stuck.reward == 0.0);
    CHECK(stuck.terminated);
  }
}

TEST_CASE("a reset draws four cards, a suit, and a face if the dealer shows a ten") {
  Blackjack blackjack;
  std::vector<float> observation(3);
  Generator stream(17);
  const auto card = [&] { return std::min<std::int64_t>(1 + stream.integers(0, 13), 10); };
  int tens = 0;
  for (int episode = 0; episode < 60; ++episode) {
    blackjack.reset(episode == 0 ? std::optional<std::uint64_t>(17) : std::nullopt, observation);
    const std::int64_t open = card();
    for (int i = 0; i < 3; ++i) card();
    stream.integers(0, 4);
    if (open == 10) stream.integers(0, 3);
    tens += open == 10;
    CHECK(observation[1] == static_cast<float>(open));
    CHECK(blackjack.save().stream == stream.state());
  }
  CHECK(tens > 5);
  CHECK(tens < 40);
}

TEST_CASE("an ace counts as 11 as long as that is not too much") {
  std::vector<float> observation(3);
  Blackjack soft = dealt({}, 5, kTwenty, {7, 1, 2});  // an ace and a six
  CHECK(soft.step(1, observation).terminated == false);
  // Seed 0 has dealt 10, 9, 7, 4; whatever comes next, the total is that of the cards with aces as 1, plus 10 if it fits.
  const double sum = soft.save().values[4];
  CHECK(sum > 7);
  CHECK(observation[0] == static_cast<float>(sum + 10 <= 21 ? sum + 10 : sum));
  CHECK(observation[2] == (sum + 10 <= 21 ? 1.0f : 0.0f));
}

TEST_CASE("the dealer draws below 17 and no more from there") {
  std::vector<float> observation(3);
  for (const double sum : {2.0, 12.0, 16.0}) {
    Blackjack blackjack = dealt({}, 2, {sum, 0, 2}, kTwenty);
    blackjack.step(0, observation);
    CHECK(blackjack.save().values[1] > sum);
  }
  for (const Cards& hand : {Cards{17, 0, 2}, Cards{7, 1, 2}, kTwenty}) {  // 7 with an ace: a soft 17
    Blackjack blackjack = dealt({}, 2, hand, kTwenty);
    const Snapshot before = blackjack.save();
    blackjack.step(0, observation);
    CHECK(blackjack.save() == before);
  }
}

TEST_CASE("sticking compares the hands") {
  CHECK(stick(dealt({}, 10, kNineteen, kTwenty)) == 1.0);
  CHECK(stick(dealt({}, 10, kTwenty, kTwenty)) == 0.0);
  CHECK(stick(dealt({}, 10, kTwenty, kNineteen)) == -1.0);
  CHECK(stick(dealt({}, 10, kBust, kNineteen)) == 1.0);
  CHECK(stick(dealt({}, 10, kNineteen, kBust)) == -1.0);
}

TEST_CASE("a natural pays by the rules that hold") {
  const BlackjackOptions plain{}, natural{.natural = true}, sab{.sab = true}, both{.natural = true, .sab = true};
  CHECK(stick(dealt(plain, 10, kNineteen, kNatural)) == 1.0);
  CHECK(stick(dealt(natural, 10, kNineteen, kNatural)) == 1.5);
  CHECK(stick(dealt(natural, 10, kNineteen, kTwenty)) == 1.0);
  CHECK(stick(dealt(natural, 10, kDrawnTo21, kNatural)) == 0.0);  // 21 in three cards draws
  CHECK(stick(dealt(sab, 10, kNineteen, kNatural)) == 1.0);
  CHECK(stick(dealt(sab, 10, kDrawnTo21, kNatural)) == 1.0);  // but not in Sutton and Barto's rules
  CHECK(stick(dealt(sab, 10, kNatural, kNatural)) == 0.0);
  CHECK(stick(dealt(both, 10, kNineteen, kNatural)) == 1.0);
  CHECK(stick(dealt(natural, 10, kNineteen, {11, 1, 3})) == 1.0);  // a soft 21 in three cards is no natural
}

TEST_CASE("a Blackjack loaded from a snapshot goes on as the saved one, a half drawn word included") {
  Blackjack saved({.sab = true}), loaded({.sab = true});
  std::vector<float> a(3), b(3);
  for (std::uint64_t seed = 0; seed < 6; ++seed) {
    saved.reset(seed, a);
    saved.step(1, a);
    loaded.load(saved.save());
    for (int t = 0; t < 12; ++t) {
      const StepResult x = saved.step(t % 3 == 0 ? 0 : 1, a), y = loaded.step(t % 3 == 0 ? 0 : 1, b);
      CHECK(a == b);
      CHECK(x.reward == y.reward);
    }
  }
  CHECK_THROWS_AS(loaded.load(Snapshot{}), Error);
  CHECK_THROWS_AS(loaded.load(Snapshot{{}, {1, 2, 0, 2, -5, 0, 2}}), Error);
}

TEST_CASE("wrong use of Blackjack is refused and changes nothing") {
  Blackjack blackjack;
  std::vector<float> observation(3), small(1);
  CHECK(error_message([&] { blackjack.step(0, observation); }) ==
        "Blackjack: step before the first reset; call reset with a seed first");
  CHECK(error_message([&] { blackjack.reset({}, observation); }) ==
        "Blackjack: the first reset needs a seed; nothing here is random by accident");
  CHECK_THROWS_AS(blackjack.reset(1, small), Error);
  blackjack.reset(1, observation);
  const Snapshot before = blackjack.save();
  CHECK(error_message([&] { blackjack.step(2, observation); }) == "Blackjack: action 2 is outside [0, 2)");
  CHECK_THROWS_AS(blackjack.step(-1, observation), Error);
  CHECK_THROWS_AS(blackjack.step(0, small), Error);
  CHECK(blackjack.save() == before);
}

TEST_CASE("Blackjack has Gymnasium's spaces and options, and its id the rules of Sutton and Barto") {
  CHECK(to_string(Blackjack().observation_space()) == "Tuple(Discrete(32), Discrete(11), Discrete(2))");
  CHECK(Registry::gymnasium().find("Blackjack-v1").defaults == EnvironmentOptions{{"natural", false}, {"sab", true}});
  const BlackjackOptions read = blackjack_options({{"natural", true}, {"sab", true}});
  CHECK((read.natural && read.sab));
  CHECK(error_message([] {
          blackjack_options({{"sab", std::int64_t{1}}});
        }) == "option 'sab' is 1, an integer; expected true or false");
}

}  // namespace handgrad
