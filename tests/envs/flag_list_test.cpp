#include "envs/flag_list.h"

#include <vector>

#include "../support/catch.h"
#include "core/random.h"

namespace handgrad {

TEST_CASE("flags are listed in order, whatever the range and however many there are") {
  Generator generator(1);
  for (const double share : {0.0, 0.02, 0.5, 1.0}) {
    std::vector<std::uint8_t> flags(203);
    for (std::uint8_t& flag : flags) flag = generator.random() < share ? 1 : 0;
    for (const auto& [first, last] : {std::pair<std::size_t, std::size_t>{0, 203}, {5, 5}, {3, 9}, {64, 128}, {7, 200}}) {
      std::vector<std::int32_t> expected, found(last - first);
      for (std::size_t i = first; i < last; ++i) {
        if (flags[i] != 0) expected.push_back(static_cast<std::int32_t>(i));
      }
      found.resize(list_flags(first, last, flags.data(), found.data()));
      CHECK(found == expected);
    }
  }
}

TEST_CASE("flags are united") {
  const std::vector<std::uint8_t> a{0, 1, 0, 1}, b{0, 0, 1, 1};
  std::vector<std::uint8_t> either(4);
  unite_flags(4, a.data(), b.data(), either.data());
  CHECK(either == std::vector<std::uint8_t>{0, 1, 1, 1});
}

}  // namespace handgrad
