#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "../core/error.h"
#include "../envs/space.h"

namespace handgrad {

/// How an observation becomes rows of a table.
struct FeatureSpec {
  enum class Kind {
    identity,  ///< whole numbers: the state's own; several components are numbered mixed-radix, the last one fastest
    bins,      ///< k = clamp(floor((x - low)/(high - low) · n), 0, n - 1) for each component, numbered the same way
    tiles,     ///< tile coding (Sutton & Barto 2018, section 9.5.4): several such grids, each shifted by a part of a tile
  };
  Kind kind = Kind::identity;
  std::vector<std::int64_t> bins = {};  ///< [D] bins, or tiles of one tiling, a component
  std::vector<double> low = {};   ///< [D] finite; values beyond an end fall into the bin there. Empty: those of the space
  std::vector<double> high = {};  ///< [D]
  std::int64_t tilings = 8;       ///< tiles only
};

/// "identity", "bins" or "tiles".
std::string to_string(FeatureSpec::Kind kind);

/// From an observation to the rows of a table that are active in it: one, or one a tiling.
///
/// Tiling t of T has n + 1 tiles of width w = (high - low)/n along component i, shifted down by (t(2i+1) mod T)/T of a tile:
/// displacements by odd numbers, so that tilings do not line up on diagonals (Miller & Glanz 1996; Sutton & Barto 2018).
class StateEncoder {
 public:
  /// Throws Error for a space that the kind cannot encode (identity needs whole numbers), for lists of another length than the
  /// observation, numbers that are not finite, low >= high, fewer than 1 bin or tiling, and more than 2^28 rows.
  StateEncoder(const FeatureSpec& spec, const Space& observation_space);

  std::int64_t rows() const { return rows_; }                                                      ///< F
  std::int64_t active() const { return active_; }                                                  ///< rows of a state
  std::int64_t observation_size() const { return static_cast<std::int64_t>(components_.size()); }  ///< D

  /// rows [active()] of an observation [D]. Throws Error for what is infinite or NaN, and, for identity, for what is not a number of the space.
  void encode(std::span<const float> observation, std::span<std::int32_t> rows) const;

  /// What a model file has to say so that from_metadata makes the same encoder again.
  std::map<std::string, std::string> metadata() const;
  /// Throws Error naming the key that is missing or makes no sense.
  static StateEncoder from_metadata(const std::map<std::string, std::string>& metadata);

 private:
  struct Component {
    std::int64_t count;  ///< numbers it can be, bins, or tiles of one tiling
    double low, high;    ///< identity: low is the smallest number
  };

  StateEncoder(FeatureSpec::Kind kind, std::vector<Component> components, std::int64_t tilings);
  static std::vector<Component> numbered_components(const Space& space);
  static std::vector<Component> ranged_components(const FeatureSpec& spec, const Space& space);
  std::int64_t bin(std::size_t component, float value) const;
  std::int64_t tile(std::size_t component, float value, std::int64_t tiling) const;
  [[noreturn]] static void refuse_non_finite(std::size_t component, float value);
  [[noreturn]] void refuse_number(std::size_t component, float value) const;
  std::int64_t number(std::size_t component, float value) const;

  FeatureSpec::Kind kind_;
  std::vector<Component> components_;  // [D]
  std::int64_t active_, rows_, tiling_rows_;
};

// The state's own number, here so that it is inlined.
inline std::int64_t StateEncoder::number(std::size_t component, float value) const {
  const Component& c = components_[component];
  const double place = static_cast<double>(value) - c.low;
  // Trap: a NaN compares false, so the test asks for what is right.
  if (!(place >= 0.0 && place < static_cast<double>(c.count))) refuse_number(component, value);
  const auto number = static_cast<std::int64_t>(place);
  if (static_cast<double>(number) != place) refuse_number(component, value);
  return number;
}

inline void StateEncoder::encode(std::span<const float> observation, std::span<std::int32_t> rows) const {
  require(observation.size() == components_.size() && rows.size() == static_cast<std::size_t>(active_),
          "expected an observation of ", components_.size(), " values and room for ", active_, " rows, got ",
          observation.size(), " and ", rows.size());
  for (std::int64_t t = 0; t < active_; ++t) {
    std::int64_t row = 0;  // of this tiling
    for (std::size_t i = 0; i < components_.size(); ++i) {
      switch (kind_) {
        case FeatureSpec::Kind::identity: row = row * components_[i].count + number(i, observation[i]); break;
        case FeatureSpec::Kind::bins: row = row * components_[i].count + bin(i, observation[i]); break;
        case FeatureSpec::Kind::tiles: row = row * (components_[i].count + 1) + tile(i, observation[i], t); break;
      }
    }
    rows[static_cast<std::size_t>(t)] = static_cast<std::int32_t>(t * tiling_rows_ + row);
  }
}

}  // namespace handgrad
