#include <algorithm>
#include <iostream>

#include <nlohmann/json.hpp>

#include "app/check/check_tables.h"
#include "app/commands/commands.h"
#include "app/format.h"
#include "app/text_table.h"

namespace handgrad::app {

namespace {

using Json = nlohmann::ordered_json;

const char* verdict(bool ok) { return ok ? "ok" : "FAILED"; }

void print(const std::vector<GradientRow>& rows) {
  std::cout << "Gradients against central differences, in double: up to " << brief(kGradientTolerance) << " passes\n\n";
  TextTable table({"what", "backend", "max relative error", "gradient norm", ""}, "llrrl");
  for (const auto& row : rows) {
    table.add({row.what, row.backend, brief(row.max_relative_error, 3), brief(row.norm, 4), verdict(row.ok)});
  }
  std::cout << table.to_string() << '\n';
}

void print(const std::vector<OperationRow>& rows) {
  std::cout << "Operations against the reference backend, in float: up to 1 passes\n\n";
  TextTable table({"operation", "backend", "largest difference / tolerance", ""}, "llrl");
  for (const auto& row : rows) table.add({row.operation, row.backend, brief(row.largest_difference, 3), verdict(row.ok)});
  std::cout << table.to_string() << '\n';
}

Json to_json(const std::vector<GradientRow>& gradients, const std::vector<OperationRow>& operations, std::size_t failed) {
  Json j = {{"failed", failed}, {"gradients", Json::array()}, {"operations", Json::array()}};
  for (const auto& row : gradients) {
    j["gradients"].push_back({{"what", row.what},
                              {"backend", row.backend},
                              {"max_relative_error", row.max_relative_error},
                              {"gradient_norm", row.norm},
                              {"ok", row.ok}});
  }
  for (const auto& row : operations) {
    j["operations"].push_back({{"operation", row.operation},
                               {"backend", row.backend},
                               {"largest_difference_over_tolerance", row.largest_difference},
                               {"ok", row.ok}});
  }
  return j;
}

}  // namespace

int check_command(const CheckOptions& options) {
  std::vector<GradientRow> gradients;
  std::vector<OperationRow> operations;
  for (const auto& backend : gradient_backends()) {
    for (auto& row : gradient_table(backend)) gradients.push_back(std::move(row));
  }
  for (const auto& backend : operation_backends()) {
    for (auto& row : operation_table(backend)) operations.push_back(std::move(row));
  }
  const auto bad = [](const auto& row) { return !row.ok; };
  const auto failed = static_cast<std::size_t>(std::count_if(gradients.begin(), gradients.end(), bad) +
                                               std::count_if(operations.begin(), operations.end(), bad));
  print(gradients);
  print(operations);
  std::cout << gradients.size() + operations.size() << " checks, " << failed << " failed\n";
  if (options.json) std::cout << to_json(gradients, operations, failed).dump() << '\n';
  return failed == 0 ? 0 : 1;
}

}  // namespace handgrad::app
