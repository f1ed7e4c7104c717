#pragma once

#include <string>

#include "options.h"
#include "tabular.h"

namespace handgrad {

/// Gymnasium's constructor arguments of Taxi.
struct TaxiOptions {
  bool is_rainy = false;            ///< a move may drift to one of its sides
  bool fickle_passenger = false;    ///< the passenger may change the destination on the way, once an episode
  double rainy_probability = 0.8;   ///< of a rainy move going where it was meant, [0, 1]; each side gets half of the rest
  double fickle_probability = 0.3;  ///< of an episode having a passenger who will, [0, 1]
};

/// Reads is_rainy, fickle_passenger, rainy_probability and fickle_probability. Throws Error for a wrong type.
TaxiOptions taxi_options(const EnvironmentOptions& options);

/// Where everything is. Landmarks: 0 red (0, 0), 1 green (0, 4), 2 yellow (4, 0), 3 blue (4, 3).
struct TaxiState {
  int row, column;  ///< of the taxi, 0 to 4
  int passenger;    ///< the landmark where the passenger waits, or 4: in the taxi
  int destination;  ///< a landmark
  bool operator==(const TaxiState&) const = default;
};

/// Taxi-v4 of Gymnasium 1.3.0, bit for bit: fetch a passenger at one of four landmarks and bring it to another one
/// (Dietterich 2000).
///
///   state   ((row · 5 + column) · 5 + passenger) · 4 + destination, 500 of them
///   action  0 south, 1 north, 2 east, 3 west, 4 pick up, 5 drop off; walls and edges keep the taxi where it is
///   reward  -1 a step; -10 for picking up or dropping off where that is not possible; +20 for arriving
///   end     the passenger gets off at the destination
///
/// A drop at another landmark than the destination is possible and costs 1. Steps after the end go on from there: the
/// passenger can be picked up again. info().action_mask has 1 where an action would change the state.
class Taxi : public TabularEnvironment {
 public:
  /// Throws Error for a probability outside [0, 1]. (Stricter than Gymnasium on purpose: it does not look.)
  explicit Taxi(const TaxiOptions& options = {});

  static TaxiState decode(std::int64_t state);
  static std::int64_t encode(const TaxiState& state);

  /// A fickle passenger on a move from one state to another: if the taxi has driven it somewhere, it changes the destination in
  /// `to` for one of the other three, and true comes back.
  static bool change_mind(std::int64_t from, std::int64_t& to, Generator& stream);
  /// Whether an episode that starts now has such a passenger: one random(), if the options allow for one at all.
  static bool draw_fickle(const TaxiOptions& options, Generator& stream) {
    return options.fickle_passenger && stream.random() < options.fickle_probability;
  }

  void reset(std::optional<std::uint64_t> seed, std::span<float> observation) override;
  StepResult step(std::int64_t action, std::span<float> observation) override;
  Info info() const override;
  Snapshot save() const override;
  void load(const Snapshot& snapshot) override;

  /// The map with its walls, the taxi on a yellow background (green with the passenger in it), the passenger's landmark in
  /// blue, the destination in magenta; then a line with the last action.
  std::string ansi() const override;

 private:
  TaxiOptions options_;
  bool fickle_now_ = false;  // this episode's passenger will change the destination, and has not yet
};

}  // namespace handgrad
