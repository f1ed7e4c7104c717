#include "taxi.h"

#include <algorithm>
#include <array>

#include "checks.h"

namespace handgrad {
namespace {

constexpr int kSize = 5, kActions = 6;
constexpr int kInTaxi = 4;
enum Action : int { kSouth, kNorth, kEast, kWest, kPickUp, kDropOff };

/// Cell (r, c) is the character at line r + 1, column 2c + 1; the one to its right is open (':') or a wall ('|').
constexpr std::array<std::string_view, 7> kMap{"+---------+", "|R: | : :G|", "| : | : : |", "| : : : : |",
                                               "| | : | : |", "|Y| : |B: |", "+---------+"};

constexpr std::size_t line_of(int row) { return static_cast<std::size_t>(row) + 1; }
constexpr std::size_t column_of(int column) { return 2 * static_cast<std::size_t>(column) + 1; }

struct Cell {
  int row, column;
  bool operator==(const Cell&) const = default;
};
constexpr std::array<Cell, 4> kLandmarks{{{0, 0}, {0, 4}, {4, 0}, {4, 3}}};

bool open_to_the_east(int row, int column) { return kMap[line_of(row)][column_of(column) + 1] == ':'; }

/// Whether a move leads out of a cell. Walls stand between east and west only.
bool can_move(const Cell& cell, int direction) {
  switch (direction) {
    case kSouth: return cell.row < kSize - 1;
    case kNorth: return cell.row > 0;
    case kEast: return open_to_the_east(cell.row, cell.column);
    default: return cell.column > 0 && open_to_the_east(cell.row, cell.column - 1);
  }
}

std::int64_t moved(TaxiState state, int direction) {
  if (!can_move({state.row, state.column}, direction)) return Taxi::encode(state);
  state.row += (direction == kSouth) - (direction == kNorth);
  state.column += (direction == kEast) - (direction == kWest);
  return Taxi::encode(state);
}

/// The landmark at the taxi's cell, or -1.
int landmark_at(const TaxiState& state) {
  const auto found = std::find(kLandmarks.begin(), kLandmarks.end(), Cell{state.row, state.column});
  return found == kLandmarks.end() ? -1 : static_cast<int>(found - kLandmarks.begin());
}

Transition picked_up(TaxiState state) {
  const bool waits_here = state.passenger != kInTaxi && landmark_at(state) == state.passenger;
  if (waits_here) state.passenger = kInTaxi;
  return {1.0, Taxi::encode(state), waits_here ? -1.0 : -10.0, false};
}

Transition dropped_off(TaxiState state) {
  const int here = landmark_at(state);
  if (state.passenger != kInTaxi || here == -1) return {1.0, Taxi::encode(state), -10.0, false};
  state.passenger = here;
  const bool arrived = here == state.destination;
  return {1.0, Taxi::encode(state), arrived ? 20.0 : -1.0, arrived};
}

/// A rainy move: as meant, then to its left, then to its right, as the driver sees it.
/// Trap: a move that a wall blocks does not drift either; only the sides of a possible one do, and stay where they are blocked.
std::vector<Transition> drifting(const TaxiState& state, int direction, double probability) {
  constexpr std::array<std::array<int, 2>, 4> kLeftRight{{{kEast, kWest}, {kWest, kEast}, {kNorth, kSouth}, {kSouth, kNorth}}};
  const auto [left, right] = kLeftRight[static_cast<std::size_t>(direction)];
  const double side = (1.0 - probability) / 2.0;
  const std::int64_t here = Taxi::encode(state);
  const bool possible = can_move({state.row, state.column}, direction);
  return {{probability, moved(state, direction), -1.0, false},
          {side, possible ? moved(state, left) : here, -1.0, false},
          {side, possible ? moved(state, right) : here, -1.0, false}};
}

TransitionTable transition_table(const TaxiOptions& options) {
  TransitionTable table;
  for (std::int64_t s = 0; s < 500; ++s) {
    const TaxiState state = Taxi::decode(s);
    auto& actions = table.emplace_back();
    for (int direction = kSouth; direction <= kWest; ++direction) {
      if (options.is_rainy) {
        actions.push_back(drifting(state, direction, options.rainy_probability));
      } else {
        actions.push_back({{1.0, moved(state, direction), -1.0, false}});
      }
    }
    actions.push_back({picked_up(state)});
    actions.push_back({dropped_off(state)});
  }
  return table;
}

/// Equal over all states with a passenger who waits and wants to go somewhere else: 25 cells, 4 landmarks, 3 destinations.
std::vector<double> initial_distribution() {
  std::vector<double> distribution;
  for (std::int64_t s = 0; s < 500; ++s) {
    const TaxiState state = Taxi::decode(s);
    const bool start = state.passenger != kInTaxi && state.passenger != state.destination;
    distribution.push_back(start ? 1.0 / 300.0 : 0.0);
  }
  return distribution;
}

const TaxiOptions& checked(const TaxiOptions& options) {
  const double rainy = options.rainy_probability, fickle = options.fickle_probability;
  require(rainy >= 0.0 && rainy <= 1.0, "Taxi: rainy_probability is ", rainy, ", expected a probability in [0, 1]");
  require(fickle >= 0.0 && fickle <= 1.0, "Taxi: fickle_probability is ", fickle, ", expected a probability in [0, 1]");
  return options;
}

/// Wraps in a colour, by the terminal's escapes.
void paint(std::string& glyph, const char* colour) { glyph = text("\x1b[", colour, "m", glyph, "\x1b[0m"); }

}  // namespace

TaxiOptions taxi_options(const EnvironmentOptions& options) {
  TaxiOptions read;
  read_option(options, "is_rainy", read.is_rainy);
  read_option(options, "fickle_passenger", read.fickle_passenger);
  read_option(options, "rainy_probability", read.rainy_probability);
  read_option(options, "fickle_probability", read.fickle_probability);
  return read;
}

TaxiState Taxi::decode(std::int64_t state) {
  const int s = static_cast<int>(state);
  return {.row = s / 100, .column = s / 20 % 5, .passenger = s / 4 % 5, .destination = s % 4};
}

std::int64_t Taxi::encode(const TaxiState& state) {
  return ((state.row * kSize + state.column) * 5 + state.passenger) * 4 + state.destination;
}

Taxi::Taxi(const TaxiOptions& options)
    : TabularEnvironment(transition_table(checked(options)), handgrad::initial_distribution(), "Taxi"), options_(options) {}

void Taxi::reset(std::optional<std::uint64_t> seed, std::span<float> observation) {
  TabularEnvironment::reset(seed, observation);
  fickle_now_ = draw_fickle(options_, stream());
}

StepResult Taxi::step(std::int64_t action, std::span<float> observation) {
  const std::int64_t before = current_state();
  const StepResult result = TabularEnvironment::step(action, observation);  // reward and end stay those of the move
  if (!fickle_now_) return result;
  std::int64_t after = current_state();
  if (change_mind(before, after, stream())) {
    fickle_now_ = false;
    set_state(after, observation);
  }
  return result;
}

bool Taxi::change_mind(std::int64_t from, std::int64_t& to, Generator& stream) {
  const TaxiState before = decode(from);
  TaxiState after = decode(to);
  const bool has_moved = Cell{before.row, before.column} != Cell{after.row, after.column};
  if (before.passenger != kInTaxi || !has_moved) return false;
  const auto drawn = static_cast<int>(stream.integers(0, 3));
  after.destination = drawn + (drawn >= after.destination ? 1 : 0);
  to = encode(after);
  return true;
}

Info Taxi::info() const {
  const TaxiState state = decode(current_state());
  const Cell cell{state.row, state.column};
  const int here = landmark_at(state);
  Info info = TabularEnvironment::info();
  for (int direction = kSouth; direction <= kWest; ++direction) info.action_mask.push_back(can_move(cell, direction));
  info.action_mask.push_back(state.passenger != kInTaxi && here == state.passenger);
  info.action_mask.push_back(state.passenger == kInTaxi && here != -1);
  return info;
}

Snapshot Taxi::save() const {
  Snapshot snapshot = TabularEnvironment::save();
  snapshot.values.push_back(fickle_now_ ? 1.0 : 0.0);
  return snapshot;
}

void Taxi::load(const Snapshot& snapshot) {
  require(!snapshot.values.empty() && is_whole(snapshot.values.back(), 0, 1),
          "Taxi: this snapshot was not saved by such an environment");
  Snapshot table = snapshot;
  table.values.pop_back();
  TabularEnvironment::load(table);
  fickle_now_ = snapshot.values.back() != 0.0;
}

std::string Taxi::ansi() const {
  constexpr std::array<const char*, kActions> kNames{"  (South)", "  (North)",  "  (East)",
                                                     "  (West)",  "  (Pickup)", "  (Dropoff)"};
  const TaxiState state = decode(current_state());
  std::vector<std::vector<std::string>> glyphs;
  for (const std::string_view line : kMap) {
    auto& row = glyphs.emplace_back();
    for (const char c : line) row.emplace_back(1, c);
  }
  const auto at = [&](const Cell& cell) -> std::string& { return glyphs[line_of(cell.row)][column_of(cell.column)]; };

  std::string& taxi = at({state.row, state.column});
  if (state.passenger == kInTaxi) {
    if (taxi == " ") taxi = "_";
    paint(taxi, "42");
  } else {
    paint(taxi, "43");
    paint(at(kLandmarks[static_cast<std::size_t>(state.passenger)]), "34;1");
  }
  paint(at(kLandmarks[static_cast<std::size_t>(state.destination)]), "35");

  std::string picture;
  for (const auto& row : glyphs) {
    for (const std::string& glyph : row) picture += glyph;
    picture += '\n';
  }
  if (last_action()) picture += kNames[static_cast<std::size_t>(*last_action())];
  return picture + '\n';
}

}  // namespace handgrad
