#include "app/run/run_state.h"

#include "core/error.h"

namespace handgrad::app {

namespace {

void serialize_checksum(StateArchive& state, std::string_view name, std::uint64_t& checksum) {
  std::string digits = hexadecimal(checksum);
  state.value(name, digits);
  const auto read = from_hexadecimal(digits);
  require(read.has_value(), "the state's ", name, " has to be 16 hexadecimal digits");
  checksum = *read;
}

void serialize_position(StateArchive& state, std::string_view file, CsvPosition& position) {
  const auto section = state.section(file);
  state.value("bytes", position.bytes);
  serialize_checksum(state, "crc64", position.crc64);
  require(position.bytes >= 0, "the state has no sensible place in ", file);
}

}  // namespace

void RunState::serialize(StateArchive& state) {
  constexpr std::int64_t kMostChanges = 100'000;
  state.value("finished", finished);
  state.value("best_at_env_step", best_at_env_step);
  state.value("solved_at_env_step", solved_at_env_step);
  state.value("solved_at_seconds", solved_at_seconds);
  state.value("training_seconds", training_seconds);
  state.value("wall_seconds", wall_seconds);
  serialize_checksum(state, "fingerprint", fingerprint);
  serialize_position(state, "metrics.csv", metrics);
  serialize_position(state, "evaluations.csv", evaluations);
  serialize_position(state, "timing.csv", timing);

  bool watched = norms.has_value();
  state.value("watches_norms", watched);
  if (watched && !norms) norms.emplace();
  if (watched) serialize_position(state, "norms.csv", *norms);

  auto count = static_cast<std::int64_t>(changes.size());
  state.value("changes", count);
  require(count >= 0 && count <= kMostChanges, "the state cannot have ", count, " changes of settings");
  changes.resize(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < changes.size(); ++i) state.value(text("change.", i), changes[i]);
}

}  // namespace handgrad::app
