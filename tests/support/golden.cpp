#include "golden.h"

#include <algorithm>
#include <iomanip>
#include <ostream>

#include "core/backends.h"
#include "golden_groups.h"

namespace handgrad::golden {
namespace {

struct Group {
  const char* id;      // the beginning of the ids
  Comparer compare;    // null: there is nothing to compare with yet
  const char* reason;  // why
};

// The first entry that an id begins with counts.
constexpr Group kGroups[] = {
    {"layer.linear", compare_linear, ""},
    {"layer.relu", compare_activation, ""},
    {"layer.tanh", compare_activation, ""},
    {"layer.layernorm", nullptr, "the engine has no layer normalisation yet"},
    {"mlp.", compare_mlp, ""},
    {"pqn.", nullptr, "the engine has no layer normalisation yet"},
    {"loss.", compare_loss, ""},
    {"optim.", compare_optimizer, ""},
    {"clip.value.", compare_clip_by_value, ""},
    {"clip.norm.", compare_clip_by_norm, ""},
    {"init.scales", compare_initialization, ""},
    {"schedule.linear", compare_schedule, ""},
    {"schedule.exponential", compare_schedule, ""},
    {"dqn.target.one_step", compare_td_target, ""},
    {"dqn.target.double", compare_td_target, ""},
    {"dqn.target.nstep", compare_nstep_target, ""},
    {"dqn.loss.full_vs_selected", compare_dqn_losses, ""},
    {"dqn.train.", compare_dqn_training, ""},
    {"dueling.", nullptr, "the engine has no duelling networks yet"},
    {"c51.", nullptr, "the engine has no C51 yet"},
    {"qr.", nullptr, "the engine has no quantile regression yet"},
    {"munchausen.", nullptr, "the engine has no Munchausen targets yet"},
    {"qlambda.", nullptr, "the engine has no Q(lambda) returns yet"},
    {"tabular.", compare_tabular, ""},
    {"mdp.planning", compare_planning, ""},
    {"per.", nullptr, "the engine has no prioritised replay yet"},
};

Comparer find_comparer(const std::string& id) {
  const auto group = std::ranges::find_if(kGroups, [&](const Group& candidate) { return id.starts_with(candidate.id); });
  if (group == std::end(kGroups)) throw Skip("this kind of case is not known");
  if (group->compare == nullptr) throw Skip(group->reason);
  return group->compare;
}

/// Throws FileError or Skip; everything else that goes wrong is the case's failure.
Result compare_case(const Case& c, Backend& backend) {
  const Comparer comparer = find_comparer(c.id);
  Comparison comparison(c);
  try {
    comparer(c, backend, comparison);
    comparison.finish();
  } catch (const FileError&) {
    throw;
  } catch (const Skip&) {
    throw;
  } catch (const Error& error) {
    comparison.fail_with(error.what());
  }
  return {c.id, c.group, std::string(backend.name()), comparison.failure(), comparison.numbers(), comparison.largest_share()};
}

std::string percent(double share) {
  std::ostringstream out;
  out << std::setprecision(share < 0.1 ? 1 : 3) << 100 * share << " %";
  return out.str();
}

void print_table(std::ostream& out, const Report& report) {
  std::vector<std::string> groups;
  for (const Result& result : report.results) {
    if (std::ranges::find(groups, result.group) == groups.end()) groups.push_back(result.group);
  }
  out << std::left << std::setw(12) << "group" << std::right << std::setw(6) << "cases" << std::setw(12) << "numbers";
  for (const std::string& backend : report.backends) out << std::setw(16) << backend;
  out << "   (largest share of the tolerance used)\n";
  for (const std::string& group : groups) {
    std::int64_t cases = 0, numbers = 0;
    std::vector<double> shares(report.backends.size());
    for (std::size_t k = 0; k < report.results.size(); ++k) {
      const Result& result = report.results[k];
      if (result.group != group) continue;
      const std::size_t backend = k % report.backends.size();
      cases += backend == 0 ? 1 : 0;
      numbers += result.numbers;
      shares[backend] = std::max(shares[backend], result.largest_share);
    }
    out << std::left << std::setw(12) << group << std::right << std::setw(6) << cases << std::setw(12) << numbers;
    for (const double share : shares) out << std::setw(16) << percent(share);
    out << "\n";
  }
}

}  // namespace

std::int64_t Report::passed() const {
  return std::ranges::count_if(results, [](const Result& result) { return result.failure.empty(); });
}

std::int64_t Report::failed() const { return static_cast<std::int64_t>(results.size()) - passed(); }

std::vector<std::string> all_backends() {
  std::vector<std::string> names = computing_backends();
  names.emplace_back("checked");
  return names;
}

Report compare(const File& file, const std::vector<std::string>& backends) {
  Report report{backends, {}, {}};
  std::vector<std::unique_ptr<Backend>> made;
  for (const std::string& name : backends) made.push_back(make_backend(name));
  for (const Case& c : file.cases) {
    try {
      for (const auto& backend : made) report.results.push_back(compare_case(c, *backend));
    } catch (const Skip& skip) {
      report.skipped.push_back({c.id, skip.what()});
    }
  }
  return report;
}

void print(std::ostream& out, const Report& report) {
  for (const Result& result : report.results) {
    if (!result.failure.empty()) out << "FAILED " << result.id << " on " << result.backend << ": " << result.failure << "\n";
  }
  print_table(out, report);
  out << "precision: " << (sizeof(Real) == sizeof(double) ? "double" : "float") << "\n";
  for (const Skipped& skipped : report.skipped) out << "skipped " << skipped.id << ": " << skipped.reason << "\n";
  out << "A case counts once for each of " << report.backends.size()
      << " backends as passed or failed, and once as skipped.\n";
  out << report.passed() << " passed, " << report.failed() << " failed, " << report.skipped.size() << " skipped\n";
}

}  // namespace handgrad::golden
