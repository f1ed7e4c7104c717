#include "app/watch/moment.h"

#include "app/format.h"

namespace handgrad::app {

std::string ending_text(Ending ending) {
  switch (ending) {
    case Ending::terminated: return "terminated";
    case Ending::truncated: return "stopped by the time limit";
    default: return "";
  }
}

std::vector<std::pair<std::string, std::string>> facts(const Moment& moment) {
  std::vector<std::pair<std::string, std::string>> list = {{"episode", std::to_string(moment.episode)},
                                                           {"step", std::to_string(moment.step)}};
  list.emplace_back("action", moment.last_action ? action_name(moment.scene, *moment.last_action) : "-");
  list.emplace_back("reward", moment.last_action ? brief(moment.reward) : "-");
  list.emplace_back("return", brief(moment.episode_return, 6));
  return list;
}

}  // namespace handgrad::app
