#include "app/action_list.h"

#include <algorithm>
#include <charconv>

#include "app/usage_error.h"
#include "core/atomic_file.h"

namespace handgrad::app {

std::vector<std::int64_t> parse_action_list(std::string_view words, const Discrete& space, const std::string& origin) {
  std::vector<std::int64_t> actions;
  constexpr std::string_view kSeparators = ", \t\r\n";
  for (std::size_t begin = words.find_first_not_of(kSeparators); begin != std::string_view::npos;) {
    const std::size_t end = std::min(words.find_first_of(kSeparators, begin), words.size());
    const std::string_view word = words.substr(begin, end - begin);
    std::int64_t action = 0;
    const auto [stop, error] = std::from_chars(word.data(), word.data() + word.size(), action);
    if (error != std::errc{} || stop != word.data() + word.size()) {
      wrong_use(origin, ": action ", actions.size() + 1, " is '", word, "', not a whole number");
    }
    if (action < space.start || action >= space.start + space.n) {
      wrong_use(origin, ": action ", actions.size() + 1, " is ", action, ", outside ", to_string(Space(space)), ": from ",
                space.start, " to ", space.start + space.n - 1);
    }
    actions.push_back(action);
    begin = words.find_first_not_of(kSeparators, end);
  }
  return actions;
}

std::vector<std::int64_t> read_action_list(const std::string& argument, const Discrete& space) {
  if (!argument.starts_with('@')) return parse_action_list(argument, space, "--actions");
  const std::string file = argument.substr(1);
  return parse_action_list(read_file(file), space, file);
}

}  // namespace handgrad::app
