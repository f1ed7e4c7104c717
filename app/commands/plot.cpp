#include <iostream>

#include <nlohmann/json.hpp>

#include "app/commands/commands.h"
#include "app/plots/returns_plot.h"

namespace handgrad::app {

int plot_command(const PlotOptions& options) {
  const std::string picture = draw_returns(options.folder).string();
  if (options.json) {
    // A file name need not be UTF-8, JSON has to be.
    const nlohmann::json j = {{"pictures", {picture}}};
    std::cout << j.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) << '\n';
  } else {
    std::cout << picture << '\n';
  }
  return 0;
}

}  // namespace handgrad::app
