#include "app/study/bars.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "app/format.h"
#include "app/study/aggregate.h"

namespace handgrad::app {

namespace {

bool holds(const std::string& comparison, double x, double value, double within) {
  if (comparison == ">=") return x >= value;
  if (comparison == ">") return x > value;
  if (comparison == "<=") return x <= value;
  if (comparison == "<") return x < value;
  return std::abs(x - value) <= within;  // near
}

// One of several arms that a statement is about.
struct Finding {
  std::string measured;
  bool met;
};

class Judge {
 public:
  Judge(const Study& study, const StudyResults& results, const BarSpec& bar)
      : study_(study), results_(results), bar_(bar), measure_(index_of(bar.measure)) {}

  BarOutcome outcome() const {
    const std::size_t there = seeds_there();
    if (there < static_cast<std::size_t>(bar_.of)) {
      return {bar_.text, text("stated for ", bar_.of, " seeds, run with ", there), std::nullopt};
    }
    if (!bar_.extreme.empty()) return judge_extreme();
    BarOutcome outcome{bar_.text, "", true};
    std::vector<std::string> measured;
    for (std::size_t a = 0; a < study_.arms.size(); ++a) {
      if (bar_.arm != "*" && !bar_.arm.empty() && study_.arms[a].label != bar_.arm) continue;
      const Finding finding = bar_.statistic.empty() ? count(a) : compare(a);
      measured.push_back(finding.measured);
      outcome.met = *outcome.met && finding.met;
    }
    outcome.measured = in_words(measured);
    return outcome;
  }

 private:
  // "17 of 20 seeds", "median 195"; of several arms side by side in their order, or once if it is the same in all.
  std::string in_words(const std::vector<std::string>& measured) const {
    const bool same = std::adjacent_find(measured.begin(), measured.end(), std::not_equal_to<>()) == measured.end();
    std::string list = measured.front();
    for (std::size_t i = 1; i < measured.size() && !same; ++i) list += ", " + measured[i];
    const std::string of_each = same && measured.size() > 1 ? text(" in each of ", measured.size(), " arms") : "";
    return (bar_.statistic.empty() ? text(list, " of ", bar_.of, " seeds") : bar_.statistic + " " + list) + of_each;
  }

  std::size_t index_of(const std::string& measure) const {
    const auto& measures = study_.definition.measures;
    const auto found = std::find_if(measures.begin(), measures.end(), [&](const auto& m) { return m.as == measure; });
    return static_cast<std::size_t>(found - measures.begin());
  }

  std::size_t arm_of(const std::string& label) const {
    const auto found =
        std::find_if(study_.arms.begin(), study_.arms.end(), [&](const Arm& arm) { return arm.label == label; });
    return static_cast<std::size_t>(found - study_.arms.begin());
  }

  // The first seeds of which every arm has a result.
  std::size_t seeds_there() const {
    std::size_t least = results_.front().size();
    for (const auto& of_arm : results_) {
      const auto missing = std::find_if(of_arm.begin(), of_arm.end(), [](const auto& result) { return !result; });
      least = std::min(least, static_cast<std::size_t>(missing - of_arm.begin()));
    }
    return least;
  }

  double statistic_of(std::size_t arm, std::size_t measure) const {
    return statistic(aggregate(results_[arm], measure, static_cast<std::size_t>(bar_.of)), bar_.statistic);
  }

  bool satisfies(const RunResult& result) const {
    if (!result.error.empty()) return false;
    const MeasureValue& measured = result.measures[measure_];
    if (measured.censored || std::isnan(measured.value)) return false;
    return bar_.comparison == "reached" || holds(bar_.comparison, measured.value, *bar_.value, bar_.within.value_or(0));
  }

  Finding count(std::size_t arm) const {
    const auto end = results_[arm].begin() + bar_.of;
    const std::int64_t satisfied =
        std::count_if(results_[arm].begin(), end, [&](const auto& result) { return satisfies(*result); });
    const bool enough = !bar_.at_least || satisfied >= *bar_.at_least;
    const bool not_too_many = !bar_.at_most || satisfied <= *bar_.at_most;
    return {text(satisfied), enough && not_too_many};
  }

  Finding compare(std::size_t arm) const {
    const double own = statistic_of(arm, measure_);
    const std::string measured = brief(own);
    if (bar_.than.empty() && bar_.than_measure.empty()) {
      return {measured, holds(bar_.comparison, own, *bar_.value, bar_.within.value_or(0))};
    }
    const std::size_t other_arm = bar_.than.empty() ? arm : arm_of(bar_.than);
    const double other = statistic_of(other_arm, bar_.than_measure.empty() ? measure_ : index_of(bar_.than_measure));
    return {measured + " against " + brief(other), holds(bar_.comparison, own, other, bar_.within.value_or(0))};
  }

  // Arms that differ in the setting alone are compared with one another.
  BarOutcome judge_extreme() const {
    std::int64_t groups = 0, met = 0;
    for (std::size_t a = 0; a < study_.arms.size(); ++a) {
      const Arm& arm = study_.arms[a];
      const auto at = arm.at.find(bar_.setting);
      if (at == arm.at.end() || !same_value(at->second, *bar_.at)) continue;
      const double own = statistic_of(a, measure_);
      bool is_extreme = !std::isnan(own);
      for (std::size_t b = 0; b < study_.arms.size(); ++b) {
        if (b == a || !differ_in_the_setting_alone(arm, study_.arms[b])) continue;
        const double other = statistic_of(b, measure_);
        is_extreme = is_extreme && (bar_.extreme == "largest" ? own >= other : own <= other);
      }
      ++groups;
      met += is_extreme ? 1 : 0;
    }
    return {bar_.text, text("in ", met, " of ", groups, groups == 1 ? " comparison" : " comparisons"), met == groups};
  }

  bool differ_in_the_setting_alone(const Arm& a, const Arm& b) const {
    auto others = b.at;
    others[bar_.setting] = a.at.at(bar_.setting);
    return others == a.at && a.base == b.base;
  }

  const Study& study_;
  const StudyResults& results_;
  const BarSpec& bar_;
  std::size_t measure_;
};

}  // namespace

std::vector<BarOutcome> judge_bars(const Study& study, const StudyResults& results) {
  std::vector<BarOutcome> outcomes;
  for (const auto& bar : study.definition.bars) outcomes.push_back(Judge(study, results, bar).outcome());
  return outcomes;
}

}  // namespace handgrad::app
