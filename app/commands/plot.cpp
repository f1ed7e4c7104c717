#include <iostream>

#include <nlohmann/json.hpp>

#include "app/commands/commands.h"
#include "app/plots/returns_plot.h"
#include "app/study/figures.h"

namespace handgrad::app {

namespace fs = std::filesystem;

int plot_command(const PlotOptions& options) {
  const fs::path folder = options.folder;
  std::vector<std::string> pictures;
  if (fs::exists(folder / "study.toml")) {
    for (const auto& picture : draw_study(folder)) pictures.push_back((folder / picture).string());
  } else {
    pictures.push_back(draw_returns(folder).string());
  }
  if (options.json) {
    // A file name need not be UTF-8, JSON has to be.
    const nlohmann::json j = {{"pictures", pictures}};
    std::cout << j.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) << '\n';
  } else {
    for (const auto& picture : pictures) std::cout << picture << '\n';
  }
  return 0;
}

}  // namespace handgrad::app
