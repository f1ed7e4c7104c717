#include "health.h"

#include <algorithm>

#include "../core/finite.h"

namespace handgrad::inline HANDGRAD_PRECISION {

std::string element_name(const std::vector<Network::Entry>& layout, std::int64_t index) {
  const auto entry = std::ranges::find_if(layout, [&](const Network::Entry& e) { return index < e.offset + e.size; });
  require(index >= 0 && entry != layout.end(), "this network has no parameter ", index);
  // Row-major: the last place varies fastest.
  std::int64_t rest = index - entry->offset;
  std::string places;
  for (std::size_t k = entry->shape.size(); k-- > 0;) {
    places = std::to_string(rest % entry->shape[k]) + (places.empty() ? "" : ", ") + places;
    rest /= entry->shape[k];
  }
  return text(entry->name, '[', places, ']');
}

std::string find_non_finite(Backend& backend, const std::vector<Network::Entry>& layout, ConstVector array) {
  std::vector<Real> host(array.size());
  backend.download(host.data(), array.data(), array.size_bytes());
  const std::size_t first = first_non_finite(ConstVector(host));
  if (first == host.size()) return "";
  return text(element_name(layout, static_cast<std::int64_t>(first)), " is ", shown(host[first]));
}

}  // namespace handgrad::inline HANDGRAD_PRECISION
