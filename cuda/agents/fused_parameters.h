#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "fused_layout.h"

// On the host: between the parameters of a network as nn/ has them, one flat array, and how a fused agent keeps them.

namespace handgrad::cuda {

/// For each parameter of a network with hidden layers of those widths, in the order of nn/ (W1 [H1, D], b1, W2 [H2, H1], b2, W3
/// [A, H2], b3, or without W2 and b2), its place in a network of FusedLayout.
template <class L>
std::vector<std::size_t> parameter_places(std::span<const std::int64_t> widths) {
  std::vector<std::size_t> places;
  const auto put = [&](std::int64_t place) { places.push_back(static_cast<std::size_t>(place)); };
  for (std::int64_t o = 0; o < widths.front(); ++o) {
    for (int d = 0; d < L::D; ++d) put(L::kOnlineSmall + L::kW1 + d * kSide + o);
  }
  for (std::int64_t o = 0; o < widths.front(); ++o) put(L::kOnlineSmall + L::kB1 + o);
  if constexpr (L::kTwo) {
    for (std::int64_t o = 0; o < widths.back(); ++o) {
      for (std::int64_t i = 0; i < widths.front(); ++i) put(L::kOnlineW2 + o * kStride + i);
    }
    for (std::int64_t o = 0; o < widths.back(); ++o) put(L::kOnlineSmall + L::kB2 + o);
  }
  for (int a = 0; a < L::A; ++a) {
    for (std::int64_t o = 0; o < widths.back(); ++o) put(L::kOnlineSmall + L::kW3 + a * kSide + o);
  }
  for (int a = 0; a < L::A; ++a) put(L::kOnlineSmall + L::kB3 + a);
  return places;
}

/// Puts parameters where they belong in a network [kNetwork] of zeros.
inline void put_parameters(std::span<const float> parameters, std::span<const std::size_t> places, std::span<float> network) {
  for (std::size_t p = 0; p < places.size(); ++p) network[places[p]] = parameters[p];
}

/// The reverse.
inline std::vector<float> take_parameters(std::span<const float> network, std::span<const std::size_t> places) {
  std::vector<float> parameters;
  for (const std::size_t place : places) parameters.push_back(network[place]);
  return parameters;
}

}  // namespace handgrad::cuda
