// Lists of actions: what is read are actions, and reads back.

#include "app/action_list.h"
#include "tests/fuzz/contract.h"

using namespace handgrad;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::read_or_explain(size, {}, [&] {
    const Discrete space{.n = 7, .start = -2};
    const auto actions = app::parse_action_list(fuzz::as_text(data, size), space, "input");
    std::string words;
    for (const std::int64_t action : actions) {
      fuzz::promise(action >= -2 && action < 5, "an action outside the space");
      words += std::to_string(action) + ",";
    }
    fuzz::promise(app::parse_action_list(words, space, "what was written") == actions, "actions read back as others");
  });
  return 0;
}
