#include "q_tables.h"

#include <cmath>

#include "../core/error.h"

namespace handgrad {

QTables::QTables(std::int64_t rows, std::int64_t actions, std::int64_t tables, std::vector<std::uint8_t> legal)
    : rows_(rows), actions_(actions), legal_(std::move(legal)) {
  constexpr std::int64_t kMostEntries = std::int64_t{1} << 31;
  require(rows >= 1 && actions >= 1 && rows <= kMostEntries / actions, "a table of ", rows, " states and ", actions,
          " actions cannot be made: at least one of each, and at most ", kMostEntries, " entries");
  require(tables == 1 || tables == 2, "expected one table, or two for double Q-learning, got ", tables);
  const auto entries = static_cast<std::size_t>(rows * actions);
  require(legal_.empty() || legal_.size() == entries, "expected a mask of ", entries, " legal actions, ", rows,
          " states times ", actions, ", or none, got ", legal_.size());
  weights_.assign(static_cast<std::size_t>(tables), std::vector<double>(entries));
  sums_.resize(static_cast<std::size_t>(actions));
  if (legal_.empty()) return;
  for (std::int32_t row = 0; row < rows; ++row) {
    require(legal_count({&row, 1}) > 0, "state ", row, " has no legal action; there has to be at least one");
  }
}

std::int64_t QTables::legal_count(StateRows state) const {
  if (legal_.empty()) return actions_;
  std::int64_t count = 0;
  for (std::int64_t a = 0; a < actions_; ++a) count += is_legal(state, a) ? 1 : 0;
  return count;
}

void QTables::serialize(StateArchive& state) {
  for (std::int64_t table = 0; table < tables(); ++table) {
    state.array(table_name(tables(), table), weights(table), {rows_, actions_});
    if (!state.loading()) continue;
    require(std::ranges::all_of(weights(table), [](double x) { return std::isfinite(x); }), "the table '",
            table_name(tables(), table), "' in the state holds a value that is not finite: learning had diverged when it was ",
            "written down. Go on from an earlier state.");
  }
}

}  // namespace handgrad
