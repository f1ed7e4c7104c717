#include <algorithm>
#include <cmath>

#include "app/watch/gif.h"
#include "core/error.h"

namespace handgrad::app {

Timing film_timing(std::size_t frames, double frames_per_second, const std::vector<std::size_t>& held) {
  constexpr double kHundredths = 100;
  constexpr int kShortest = 2, kHold = 100, kLongest = 65535;
  require(frames_per_second > 0, "a film needs more than ", frames_per_second, " frames a second");
  const double period = kHundredths / frames_per_second;
  const auto stride = static_cast<std::size_t>(std::max(1.0, std::ceil(kShortest / period - 1e-9)));
  Timing timing;
  std::size_t since = 0;
  for (std::size_t i = 0; i < frames; ++i, ++since) {
    const bool hold = std::find(held.begin(), held.end(), i) != held.end();
    if (since % stride != 0 && !hold) continue;
    timing.kept.push_back(i);
    // From this frame to the next kept one, each at its rounded time, so that roundings do not add up.
    const double begin = std::round(static_cast<double>(timing.kept.size() - 1) * period * static_cast<double>(stride));
    const double end = std::round(static_cast<double>(timing.kept.size()) * period * static_cast<double>(stride));
    timing.delays.push_back(hold ? std::max(kHold, static_cast<int>(end - begin))
                                 : static_cast<int>(std::clamp(end - begin, double{kShortest}, double{kLongest})));
    if (hold) since = static_cast<std::size_t>(-1);  // the next episode begins with a kept frame
  }
  return timing;
}

}  // namespace handgrad::app
