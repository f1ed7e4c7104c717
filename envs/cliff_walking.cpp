#include "cliff_walking.h"

#include <algorithm>

namespace handgrad {
namespace {

constexpr std::int64_t kRows = 4, kColumns = 12;
constexpr int kActions = 4;  // up, right, down, left: in this order neighbours are the sides one slips to
constexpr std::int64_t kStart = 36, kGoal = 47;

bool is_cliff(std::int64_t state) { return state > kStart && state < kGoal; }

Transition moved(std::int64_t state, int direction, double probability) {
  std::int64_t row = state / kColumns, column = state % kColumns;
  switch (direction) {
    case 0: row = std::max<std::int64_t>(row - 1, 0); break;
    case 1: column = std::min<std::int64_t>(column + 1, kColumns - 1); break;
    case 2: row = std::min<std::int64_t>(row + 1, kRows - 1); break;
    default: column = std::max<std::int64_t>(column - 1, 0); break;
  }
  const std::int64_t next = row * kColumns + column;
  // Trap: a fall costs 100 and leads back to the start, but the episode goes on.
  if (is_cliff(next)) return {probability, kStart, -100.0, false};
  return {probability, next, -1.0, next == kGoal};
}

TransitionTable transition_table(bool is_slippery) {
  TransitionTable table(kRows * kColumns, std::vector<std::vector<Transition>>(kActions));
  for (std::int64_t s = 0; s < kRows * kColumns; ++s) {
    for (int a = 0; a < kActions; ++a) {
      auto& transitions = table[static_cast<std::size_t>(s)][static_cast<std::size_t>(a)];
      if (!is_slippery) {
        transitions = {moved(s, a, 1.0)};
        continue;
      }
      // The order of the entries decides which one a draw picks: side, meant, side.
      for (const int turn : {kActions - 1, 0, 1}) transitions.push_back(moved(s, (a + turn) % kActions, 1.0 / 3.0));
    }
  }
  return table;
}

std::vector<double> initial_distribution() {
  std::vector<double> distribution(kRows * kColumns, 0.0);
  distribution[kStart] = 1.0;
  return distribution;
}

}  // namespace

CliffWalkingOptions cliff_walking_options(const EnvironmentOptions& options) {
  CliffWalkingOptions read;
  read_option(options, "is_slippery", read.is_slippery);
  return read;
}

CliffWalking::CliffWalking(const CliffWalkingOptions& options)
    : TabularEnvironment(transition_table(options.is_slippery), handgrad::initial_distribution(), "CliffWalking") {}

std::int64_t CliffWalking::grid_columns() const { return kColumns; }

std::string CliffWalking::ansi() const {
  std::string picture;
  for (std::int64_t s = 0; s < kRows * kColumns; ++s) {
    if (s == current_state()) {
      picture += 'x';
    } else if (s == kGoal) {
      picture += 'T';
    } else {
      picture += is_cliff(s) ? 'C' : 'o';
    }
    picture += s % kColumns == kColumns - 1 ? "\n" : "  ";
  }
  return picture + '\n';
}

}  // namespace handgrad
