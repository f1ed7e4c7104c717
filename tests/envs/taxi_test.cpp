#include "envs/taxi.h"

#include <algorithm>
#include <cmath>

#include "../support/catch.h"
#include "../support/error_message.h"
#include "../support/tabular_episode.h"

// Expected values: Gymnasium 1.3.0.

namespace handgrad {
namespace {

using Entries = std::vector<Transition>;

std::size_t at(int row, int column, int passenger, int destination) {
  return static_cast<std::size_t>(Taxi::encode({row, column, passenger, destination}));
}

/// Puts the taxi into a state as a snapshot would.
void place(Taxi& taxi, int row, int column, int passenger, int destination, bool fickle_now = false) {
  std::vector<float> observation(1);
  taxi.reset(0, observation);
  Snapshot snapshot = taxi.save();
  snapshot.values = {static_cast<double>(at(row, column, passenger, destination)), -1.0, 1.0, fickle_now ? 1.0 : 0.0};
  taxi.load(snapshot);
}

/// The columns that are open to the east, a row each, and what follows from them for moves.
bool open(int row, int column, int action) {
  static const std::vector<std::vector<int>> east{{0, 2, 3}, {0, 2, 3}, {0, 1, 2, 3}, {1, 3}, {1, 3}};
  const auto& here = east[static_cast<std::size_t>(row)];
  switch (action) {
    case 0: return row < 4;
    case 1: return row > 0;
    case 2: return std::ranges::count(here, column) == 1;
    default: return std::ranges::count(here, column - 1) == 1;
  }
}

/// Where a move leads, with row and column changed by what the compass says.
std::int64_t beside(const TaxiState& from, int action) {
  TaxiState to = from;
  if (!open(from.row, from.column, action)) return Taxi::encode(from);
  to.row += std::vector<int>{1, -1, 0, 0}[static_cast<std::size_t>(action)];
  to.column += std::vector<int>{0, 0, 1, -1}[static_cast<std::size_t>(action)];
  return Taxi::encode(to);
}

}  // namespace

TEST_CASE("Taxi's states are numbered by row, column, passenger, destination") {
  for (std::int64_t s = 0; s < 500; ++s) CHECK(Taxi::encode(Taxi::decode(s)) == s);
  CHECK(Taxi::decode(386) == TaxiState{.row = 3, .column = 4, .passenger = 1, .destination = 2});
}

TEST_CASE("a taxi moves unless a wall or an edge is in the way") {
  const Taxi taxi;
  for (std::int64_t s = 0; s < 500; ++s) {
    for (int a = 0; a < 4; ++a) {
      CHECK(taxi.transitions()[static_cast<std::size_t>(s)][static_cast<std::size_t>(a)] ==
            Entries{{1.0, beside(Taxi::decode(s), a), -1.0, false}});
    }
  }
}

TEST_CASE("in the rain a possible move drifts to its left or its right, a blocked one stays") {
  const Taxi taxi({.is_rainy = true, .rainy_probability = 0.75});
  const int left[] = {2, 3, 1, 0}, right[] = {3, 2, 0, 1};  // of south, north, east, west
  for (std::int64_t s = 0; s < 500; ++s) {
    const TaxiState state = Taxi::decode(s);
    for (std::size_t a = 0; a < 4; ++a) {
      const bool possible = open(state.row, state.column, static_cast<int>(a));
      CHECK(taxi.transitions()[static_cast<std::size_t>(s)][a] ==
            Entries{{0.75, beside(state, static_cast<int>(a)), -1.0, false},
                    {0.125, possible ? beside(state, left[a]) : s, -1.0, false},
                    {0.125, possible ? beside(state, right[a]) : s, -1.0, false}});
    }
  }
}

TEST_CASE("the rain's default probabilities are Gymnasium's to the last bit") {
  const Taxi taxi({.is_rainy = true});
  const double side = 0.09999999999999998;
  CHECK(taxi.transitions()[257][2] == Entries{{0.8, 277, -1.0, false}, {side, 157, -1.0, false}, {side, 357, -1.0, false}});
  CHECK(taxi.transitions()[1][3] == Entries{{0.8, 1, -1.0, false}, {side, 1, -1.0, false}, {side, 1, -1.0, false}});
  CHECK(taxi.transitions()[1][4] == Entries{{1.0, 17, -1.0, false}});  // pick-up and drop-off know no rain
  CHECK(taxi.transitions()[1][5] == Entries{{1.0, 1, -10.0, false}});
}

TEST_CASE("picking up and dropping off pay by where it happens") {
  const Taxi taxi;
  const auto entry = [&](std::size_t state, std::size_t action) { return taxi.transitions()[state][action].at(0); };
  const auto next = [](std::size_t state) { return static_cast<std::int64_t>(state); };
  CHECK(entry(at(0, 4, 1, 2), 4) == Transition{1.0, next(at(0, 4, 4, 2)), -1.0, false});
  CHECK(entry(at(0, 3, 1, 2), 4) == Transition{1.0, next(at(0, 3, 1, 2)), -10.0, false});  // not here
  CHECK(entry(at(0, 4, 4, 2), 4) == Transition{1.0, next(at(0, 4, 4, 2)), -10.0, false});  // already in the taxi
  CHECK(entry(at(4, 0, 4, 2), 5) == Transition{1.0, next(at(4, 0, 2, 2)), 20.0, true});
  CHECK(entry(at(4, 3, 4, 2), 5) == Transition{1.0, next(at(4, 3, 3, 2)), -1.0, false});   // another landmark
  CHECK(entry(at(2, 2, 4, 2), 5) == Transition{1.0, next(at(2, 2, 4, 2)), -10.0, false});  // no landmark
  CHECK(entry(at(4, 0, 2, 2), 5) == Transition{1.0, next(at(4, 0, 2, 2)), -10.0, false});  // nobody in the taxi
  CHECK(entry(at(4, 0, 2, 2), 4) == Transition{1.0, next(at(4, 0, 4, 2)), -1.0, false});   // picked up after the end
}

TEST_CASE("a ride begins anywhere, with a passenger who wants to go somewhere else") {
  const Taxi taxi;
  int starts = 0;
  for (std::int64_t s = 0; s < 500; ++s) {
    const TaxiState state = Taxi::decode(s);
    const double p = taxi.initial_distribution()[static_cast<std::size_t>(s)];
    CHECK(p == (state.passenger < 4 && state.passenger != state.destination ? 1.0 / 300.0 : 0.0));
    starts += p > 0.0;
  }
  CHECK(starts == 300);
}

TEST_CASE("rides are Gymnasium's") {
  Taxi dry, rainy({.is_rainy = true}), both({.is_rainy = true, .fickle_passenger = true});
  const auto ridden = test::take_actions_in_turn(dry, 9);
  CHECK(test::states(ridden) == std::vector<int>{386, 486, 386, 386, 366, 366, 366, 466, 366, 386});
  const std::vector<double> rewards{0, -1, -1, -1, -1, -10, -10, -1, -1, -1};
  for (std::size_t t = 0; t < rewards.size(); ++t) CHECK(ridden[t].reward == rewards[t]);
  CHECK(test::states(test::take_actions_in_turn(rainy, 9)) ==
        std::vector<int>{386, 486, 466, 486, 466, 466, 466, 466, 366, 386});
  // 98 is 86 with the passenger in the taxi.
  const auto visited = test::states(test::take_actions_in_turn(both, 16));
  CHECK(visited == std::vector<int>{386, 386, 286, 286, 186, 186, 186, 286, 186, 186, 86, 98, 86, 186, 86, 86, 66});
}

TEST_CASE("the action mask has one where an action would change the state") {
  for (const bool rainy : {false, true}) {
    Taxi taxi({.is_rainy = rainy});
    for (std::int64_t s = 0; s < 500; ++s) {
      const TaxiState state = Taxi::decode(s);
      place(taxi, state.row, state.column, state.passenger, state.destination);
      for (std::size_t a = 0; a < 6; ++a) {
        const bool changes = taxi.transitions()[static_cast<std::size_t>(s)][a].at(0).next_state != s;
        CHECK(taxi.info().action_mask.at(a) == (changes ? 1 : 0));
      }
    }
  }
}

TEST_CASE("a fickle passenger changes the destination on the first way driven together, once") {
  Taxi taxi({.fickle_passenger = true, .fickle_probability = 1.0});
  std::vector<float> observation(1);
  place(taxi, 0, 0, 0, 1, true);
  const auto destination = [&] { return Taxi::decode(taxi.current_state()).destination; };
  taxi.step(0, observation);  // the passenger is not in the taxi yet
  CHECK(destination() == 1);
  taxi.step(1, observation);
  taxi.step(4, observation);  // picked up, but nobody has moved
  CHECK(destination() == 1);
  taxi.step(1, observation);  // against the edge: still at the landmark
  CHECK(destination() == 1);
  Generator stream = Generator::from_state(*taxi.save().stream);
  CHECK(taxi.step(0, observation).reward == -1.0);
  stream.random();
  const std::vector<int> others{0, 2, 3};
  const int changed = others[static_cast<std::size_t>(stream.integers(0, 3))];
  CHECK(destination() == changed);
  CHECK(static_cast<std::int64_t>(observation[0]) == taxi.current_state());
  CHECK(taxi.save().stream == stream.state());
  for (const int action : {0, 1, 0, 1, 0, 1}) taxi.step(action, observation);
  CHECK(destination() == changed);
}

TEST_CASE("whether the passenger is fickle is drawn at reset, after the start, and only if it can be") {
  std::vector<float> observation(1);
  for (const bool can_be : {false, true}) {
    Taxi taxi({.fickle_passenger = can_be});
    Generator stream(11);
    for (int episode = 0; episode < 50; ++episode) {
      taxi.reset(episode == 0 ? std::optional<std::uint64_t>(11) : std::nullopt, observation);
      stream.random();
      const bool fickle = can_be && stream.random() < 0.3;
      CHECK(taxi.save().stream == stream.state());
      CHECK(taxi.save().values.back() == (fickle ? 1.0 : 0.0));
    }
  }
}

TEST_CASE("a taxi loaded from a snapshot goes on as the saved one") {
  const TaxiOptions options{.is_rainy = true, .fickle_passenger = true, .fickle_probability = 1.0};
  Taxi saved(options), loaded(options);
  place(saved, 2, 2, 4, 1, true);
  loaded.load(saved.save());
  std::vector<float> a(1), b(1);
  for (int t = 0; t < 30; ++t) {
    saved.step(t % 6, a);
    loaded.step(t % 6, b);
    CHECK(a == b);
  }
  CHECK_THROWS_AS(loaded.load(Snapshot{}), Error);
  CHECK_THROWS_AS(loaded.load(Snapshot{{}, {500.0, -1.0, 1.0, 0.0}}), Error);
}

TEST_CASE("the taxi is drawn as text like Gymnasium's") {
  Taxi taxi;
  std::vector<float> observation(1);
  taxi.reset(42, observation);
  const std::string top = "+---------+\n|R: | : :\x1b[34;1mG\x1b[0m|\n| : | : : |\n| : : : : |\n";
  CHECK(taxi.ansi() == top + "| | : | :\x1b[43m \x1b[0m|\n|\x1b[35mY\x1b[0m| : |B: |\n+---------+\n\n");
  taxi.step(0, observation);
  CHECK(taxi.ansi() == top + "| | : | : |\n|\x1b[35mY\x1b[0m| : |B:\x1b[43m \x1b[0m|\n+---------+\n  (South)\n");
  taxi.step(3, observation);
  CHECK(taxi.ansi() == top + "| | : | : |\n|\x1b[35mY\x1b[0m| : |\x1b[43mB\x1b[0m: |\n+---------+\n  (West)\n");
}

TEST_CASE("colours of the taxi's picture nest as Gymnasium's do") {
  Taxi taxi;
  const auto line = [&](int n) {
    std::string picture = taxi.ansi();
    for (int i = 0; i < n; ++i) picture.erase(0, picture.find('\n') + 1);
    return picture.substr(0, picture.find('\n'));
  };
  place(taxi, 0, 4, 1, 1);  // taxi, passenger and destination in one cell
  CHECK(line(1) == "|R: | : :\x1b[35m\x1b[34;1m\x1b[43mG\x1b[0m\x1b[0m\x1b[0m|");
  place(taxi, 4, 3, 4, 0);  // with the passenger, on a landmark
  CHECK(line(5) == "|Y| : |\x1b[42mB\x1b[0m: |");
  place(taxi, 2, 2, 4, 2);  // and on an empty cell
  CHECK(line(3) == "| : :\x1b[42m_\x1b[0m: : |");
  place(taxi, 0, 0, 0, 3);
  CHECK(line(1) == "|\x1b[34;1m\x1b[43mR\x1b[0m\x1b[0m: | : :G|");
}

TEST_CASE("wrong use of Taxi is refused and changes nothing") {
  Taxi taxi;
  std::vector<float> observation(1);
  CHECK(error_message([&] { taxi.step(0, observation); }) ==
        "Taxi: step before the first reset; call reset with a seed first");
  CHECK(error_message([&] { taxi.reset({}, observation); }) ==
        "Taxi: the first reset needs a seed; nothing here is random by accident");
  taxi.reset(0, observation);
  const Snapshot before = taxi.save();
  CHECK(error_message([&] { taxi.step(6, observation); }) == "Taxi: action 6 is outside [0, 6)");
  CHECK(error_message([&] { taxi.step(-1, observation); }) == "Taxi: action -1 is outside [0, 6)");
  CHECK(taxi.save() == before);
}

TEST_CASE("wrong options of Taxi are errors that say what is wrong") {
  const auto error = [](TaxiOptions options) { return error_message([&] { Taxi taxi(options); }); };
  CHECK(error({.rainy_probability = 1.5}) == "Taxi: rainy_probability is 1.5, expected a probability in [0, 1]");
  CHECK(error({.rainy_probability = NAN}) == "Taxi: rainy_probability is nan, expected a probability in [0, 1]");
  CHECK(error({.fickle_probability = -0.25}) == "Taxi: fickle_probability is -0.25, expected a probability in [0, 1]");
  CHECK(error_message([] {
          taxi_options({{"is_rainy", std::int64_t{1}}});
        }) == "option 'is_rainy' is 1, an integer; expected true or false");
  const TaxiOptions read = taxi_options(
      {{"is_rainy", true}, {"fickle_passenger", true}, {"rainy_probability", 0.5}, {"fickle_probability", std::int64_t{1}}});
  CHECK((read.is_rainy && read.fickle_passenger && read.rainy_probability == 0.5 && read.fickle_probability == 1.0));
}

}  // namespace handgrad
