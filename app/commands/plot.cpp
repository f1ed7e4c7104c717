#include <iostream>

#include <nlohmann/json.hpp>

#include "app/commands/commands.h"
#include "app/plots/returns_plot.h"

namespace handgrad::app {

int plot_command(const PlotOptions& options) {
  const std::string picture = draw_returns(options.folder).string();
  std::cout << (options.json ? nlohmann::json{{"pictures", {picture}}}.dump() : picture) << '\n';
  return 0;
}

}  // namespace handgrad::app
