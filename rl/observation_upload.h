#pragma once

#include <algorithm>
#include <span>
#include <type_traits>
#include <vector>

#include "../core/buffer.h"

namespace handgrad::inline HANDGRAD_PRECISION {

/// Brings observations, which are float whatever Real is, into a buffer of a backend. Nothing is allocated after construction.
class ObservationUpload {
 public:
  /// For up to `values` numbers at once.
  explicit ObservationUpload(std::int64_t values)
      : staging_(std::is_same_v<Real, float> ? 0 : static_cast<std::size_t>(values)) {}

  /// Copies observations to [offset, offset + observations.size()) of `to`.
  template <class T>  // Real, but the compiler has to see that it may differ from float
  void operator()(std::span<const float> observations, Buffer<T>& to, std::int64_t offset = 0) {
    if constexpr (std::is_same_v<T, float>) {
      to.upload(observations, offset);
    } else {
      std::ranges::copy(observations, staging_.begin());
      to.upload(std::span<const T>(staging_).first(observations.size()), offset);
    }
  }

 private:
  std::vector<Real> staging_;
};

}  // namespace handgrad::inline HANDGRAD_PRECISION
