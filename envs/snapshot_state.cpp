#include "snapshot_state.h"

#include <array>
#include <bit>

#include "../core/error.h"

namespace handgrad {
namespace {

constexpr std::int64_t kNoHalf = -1, kNoStream = -2;
constexpr std::size_t kWords = 4;

using Words = std::array<std::int64_t, kWords>;

Words words_of(const Generator::State& s) {
  return {std::bit_cast<std::int64_t>(s.state_high), std::bit_cast<std::int64_t>(s.state_low),
          std::bit_cast<std::int64_t>(s.increment_high), std::bit_cast<std::int64_t>(s.increment_low)};
}

std::optional<Generator::State> stream_of(std::span<const std::int64_t> words, std::int64_t half) {
  if (half == kNoStream) return std::nullopt;
  require(half >= kNoHalf && half <= std::int64_t{UINT32_MAX}, "an environment's random stream in the state cannot have ",
          half, " to give out next");
  const auto word = [&](std::size_t k) { return std::bit_cast<std::uint64_t>(words[k]); };
  return Generator::State{word(0), word(1),         word(2),
                          word(3), half != kNoHalf, static_cast<std::uint32_t>(half == kNoHalf ? 0 : half)};
}

}  // namespace

void serialize(StateArchive& state, std::span<Snapshot> snapshots) {
  const std::size_t E = snapshots.size();
  std::vector<std::int64_t> streams(E * kWords), halves(E, kNoStream), counts(E);
  std::vector<double> values;
  if (!state.loading()) {
    for (std::size_t i = 0; i < E; ++i) {
      const Snapshot& snapshot = snapshots[i];
      if (snapshot.stream) {
        std::ranges::copy(words_of(*snapshot.stream), streams.begin() + static_cast<std::ptrdiff_t>(i * kWords));
        halves[i] = snapshot.stream->has_half ? std::int64_t{snapshot.stream->half} : kNoHalf;
      }
      counts[i] = static_cast<std::int64_t>(snapshot.values.size());
      values.insert(values.end(), snapshot.values.begin(), snapshot.values.end());
    }
  }
  state.array("streams", std::span(streams), {static_cast<std::int64_t>(E), static_cast<std::int64_t>(kWords)});
  state.array("stream_halves", std::span(halves));
  state.array("value_counts", std::span(counts));
  state.list("values", values, SIZE_MAX);
  if (!state.loading()) return;

  std::span<const double> rest = values;
  for (std::size_t i = 0; i < E; ++i) {
    require(counts[i] >= 0 && static_cast<std::uint64_t>(counts[i]) <= rest.size(), "environment ", i,
            " in the state is said to have ", counts[i], " values, where there are ", rest.size());
    const auto mine = rest.first(static_cast<std::size_t>(counts[i]));
    snapshots[i] = {stream_of(std::span(streams).subspan(i * kWords, kWords), halves[i]), {mine.begin(), mine.end()}};
    rest = rest.subspan(mine.size());
  }
  require(rest.empty(), "the environments in the state have ", rest.size(), " values too many");
}

}  // namespace handgrad
