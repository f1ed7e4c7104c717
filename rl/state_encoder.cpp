#include "state_encoder.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "../core/finite.h"

namespace handgrad {
namespace {

using Kind = FeatureSpec::Kind;

constexpr std::int64_t kMostRows = std::int64_t{1} << 28;
constexpr double kLargestWhole = 9007199254740992;  // 2^53: up to it, a double holds every whole number

template <class T>
std::string joined(const std::vector<T>& values) {
  std::string list;
  for (const T value : values) {
    char digits[32];
    const auto result = std::to_chars(digits, digits + sizeof digits, value);
    list += (list.empty() ? "" : ",") + std::string(digits, result.ptr);
  }
  return list;
}

template <class T>
std::vector<T> split(const std::string& list, const std::string& key) {
  std::vector<T> values;
  const char* at = list.data();
  const char* const end = at + list.size();
  while (at != end) {
    T value{};
    const auto [stop, error] = std::from_chars(at, end, value);
    require(error == std::errc{} && (stop == end || (*stop == ',' && stop + 1 != end)), "the metadata '", key,
            "' has to be numbers with commas between them, found '", list, "'");
    values.push_back(value);
    at = stop == end ? end : stop + 1;
  }
  return values;
}

const std::string& find(const std::map<std::string, std::string>& metadata, const std::string& key) {
  const auto found = metadata.find(key);
  require(found != metadata.end(), "the metadata does not say how states are encoded: there is no '", key, "'");
  return found->second;
}

/// Of a space of whole numbers.
std::vector<Discrete> parts_of(const Space& space) {
  if (const auto* tuple = std::get_if<Tuple>(&space)) return tuple->parts;
  return {std::get<Discrete>(space)};
}

void check_length(const char* name, std::size_t length, std::size_t D) {
  require(length == D, "features.", name, ": expected a number for each of the ", D, " components of an observation, found ",
          length);
}

}  // namespace

std::string to_string(Kind kind) {
  switch (kind) {
    case Kind::identity: return "identity";
    case Kind::bins: return "bins";
    case Kind::tiles: return "tiles";
  }
  fail("there is no kind of features number ", static_cast<int>(kind));
}

StateEncoder::StateEncoder(Kind kind, std::vector<Component> components, std::int64_t tilings)
    : kind_(kind), components_(std::move(components)), active_(kind == Kind::tiles ? tilings : 1), rows_(active_) {
  require(!components_.empty(), "an observation without components cannot be encoded");
  require(active_ >= 1 && active_ <= 1024, "features.tilings: expected 1 to 1024, found ", active_);
  for (std::size_t i = 0; i < components_.size(); ++i) {
    const Component& c = components_[i];
    require(c.count >= 1, "features.bins: component ", i, " needs at least one bin, found ", c.count);
    // The distance has to be finite too: -1e308 to 1e308 is not.
    require(kind == Kind::identity || (std::isfinite(c.low) && std::isfinite(c.high - c.low) && c.low < c.high), "component ",
            i, " of the observation ranges from ", c.low, " to ", c.high,
            ": set features.low and features.high to finite numbers, low below high");
    require(kind != Kind::identity || (std::abs(c.low) <= kLargestWhole && c.low == std::floor(c.low)), "component ", i,
            " of the observation is numbered from ", c.low, ": expected a whole number");
    const std::int64_t one_more = kind == Kind::tiles ? 1 : 0;
    const std::int64_t count = std::min(c.count, kMostRows) + one_more;
    require(c.count <= kMostRows && count <= kMostRows / rows_, "these features make a table of more than ", kMostRows,
            " rows; use fewer bins or tilings");
    rows_ *= count;
  }
  tiling_rows_ = rows_ / active_;
}

StateEncoder::StateEncoder(const FeatureSpec& spec, const Space& observation_space)
    : StateEncoder(
          spec.kind,
          spec.kind == Kind::identity ? numbered_components(observation_space) : ranged_components(spec, observation_space),
          spec.tilings) {}

std::vector<StateEncoder::Component> StateEncoder::numbered_components(const Space& space) {
  require(!std::holds_alternative<Box>(space),
          "features.kind = \"identity\" needs states that are numbered, but observations are ", handgrad::to_string(space),
          ": set features.kind to bins or tiles, and features.bins");
  std::vector<Component> components;
  for (const Discrete& part : parts_of(space)) components.push_back({part.n, static_cast<double>(part.start), 0.0});
  return components;
}

std::vector<StateEncoder::Component> StateEncoder::ranged_components(const FeatureSpec& spec, const Space& space) {
  std::vector<double> low = spec.low, high = spec.high;
  if (const auto* box = std::get_if<Box>(&space)) {
    if (low.empty()) low.assign(box->low.begin(), box->low.end());
    if (high.empty()) high.assign(box->high.begin(), box->high.end());
  } else {
    for (const Discrete& part : parts_of(space)) {
      if (spec.low.empty()) low.push_back(static_cast<double>(part.start));
      if (spec.high.empty()) high.push_back(static_cast<double>(part.start + part.n));
    }
  }
  const auto D = static_cast<std::size_t>(flat_size(space));
  check_length("bins", spec.bins.size(), D);
  check_length("low", low.size(), D);
  check_length("high", high.size(), D);
  std::vector<Component> components;
  for (std::size_t i = 0; i < D; ++i) components.push_back({spec.bins[i], low[i], high[i]});
  return components;
}

void StateEncoder::refuse_non_finite(std::size_t component, float value) {
  fail("component ", component, " of an observation is ", value, ", which belongs to no bin");
}

void StateEncoder::refuse_number(std::size_t component, float value) const {
  const Component& c = components_[component];
  const auto low = static_cast<std::int64_t>(c.low);
  fail("component ", component, " of an observation has to be a whole number from ", low, " to ", low + c.count - 1, ", got ",
       value);
}

std::int64_t StateEncoder::bin(std::size_t component, float value) const {
  const Component& c = components_[component];
  if (!is_finite(value)) refuse_non_finite(component, value);
  const auto n = static_cast<double>(c.count);
  const double k = std::floor((static_cast<double>(value) - c.low) / (c.high - c.low) * n);
  return static_cast<std::int64_t>(std::clamp(k, 0.0, n - 1.0));
}

std::int64_t StateEncoder::tile(std::size_t component, float value, std::int64_t tiling) const {
  const Component& c = components_[component];
  if (!is_finite(value)) refuse_non_finite(component, value);
  const auto n = static_cast<double>(c.count);
  // Values beyond an end count as that end, else tilings would tell them apart. The last of the n + 1 tiles is what the
  // shift leaves over.
  const double place = std::clamp((static_cast<double>(value) - c.low) / (c.high - c.low), 0.0, 1.0) * n;
  const std::int64_t displacement = tiling * static_cast<std::int64_t>(2 * component + 1) % active_;
  const double shift = static_cast<double>(displacement) / static_cast<double>(active_);
  return static_cast<std::int64_t>(std::min(std::floor(place + shift), n));
}

std::map<std::string, std::string> StateEncoder::metadata() const {
  std::vector<std::int64_t> counts;
  std::vector<double> low, high;
  for (const Component& c : components_) {
    counts.push_back(c.count);
    low.push_back(c.low);
    high.push_back(c.high);
  }
  std::map<std::string, std::string> result = {
      {"features", to_string(kind_)}, {"features_counts", joined(counts)}, {"features_low", joined(low)}};
  if (kind_ != Kind::identity) result["features_high"] = joined(high);
  if (kind_ == Kind::tiles) result["features_tilings"] = std::to_string(active_);
  return result;
}

StateEncoder StateEncoder::from_metadata(const std::map<std::string, std::string>& metadata) {
  const std::string& name = find(metadata, "features");
  Kind kind{};
  for (const Kind candidate : {Kind::identity, Kind::bins, Kind::tiles}) {
    if (to_string(candidate) == name) kind = candidate;
  }
  require(to_string(kind) == name, "the metadata 'features' is '", name, "': expected identity, bins or tiles");
  const auto counts = split<std::int64_t>(find(metadata, "features_counts"), "features_counts");
  const auto low = split<double>(find(metadata, "features_low"), "features_low");
  const auto high = kind == Kind::identity ? std::vector<double>(low.size())
                                           : split<double>(find(metadata, "features_high"), "features_high");
  require(low.size() == counts.size() && high.size() == counts.size(),
          "the metadata 'features_counts', 'features_low' and 'features_high' have to be of one length");
  std::int64_t tilings = 1;
  if (kind == Kind::tiles) {
    const auto numbers = split<std::int64_t>(find(metadata, "features_tilings"), "features_tilings");
    require(numbers.size() == 1, "the metadata 'features_tilings' has to be one number");
    tilings = numbers[0];
  }
  std::vector<Component> components;
  for (std::size_t i = 0; i < counts.size(); ++i) components.push_back({counts[i], low[i], high[i]});
  return {kind, std::move(components), tilings};
}

}  // namespace handgrad
