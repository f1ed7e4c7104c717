#include "app/study/measures.h"

#include "core/error.h"
#include "core/suggest.h"

namespace handgrad::app {

const std::vector<MeasureKind>& all_measures() {
  static const std::vector<MeasureKind> all = [] {
    std::vector<MeasureKind> kinds = training_measures();
    for (auto& kind : model_measures()) kinds.push_back(std::move(kind));
    for (auto& kind : table_measures()) kinds.push_back(std::move(kind));
    return kinds;
  }();
  return all;
}

const MeasureKind& find_measure_kind(const std::string& name) {
  std::vector<std::string> names;
  for (const auto& kind : all_measures()) {
    if (kind.name == name) return kind;
    names.push_back(kind.name);
  }
  fail("there is no measure '", name, "'.", did_you_mean(name, names), " handgrad list measures shows them all");
}

}  // namespace handgrad::app
