#include "flag_list.h"

#include <cstring>

namespace handgrad {

void unite_flags(std::size_t n, const std::uint8_t* __restrict a, const std::uint8_t* __restrict b,
                 std::uint8_t* __restrict either) {
  for (std::size_t i = 0; i < n; ++i) either[i] = a[i] | b[i];
}

std::size_t list_flags(std::size_t first, std::size_t last, const std::uint8_t* flags, std::int32_t* list) {
  std::size_t listed = 0, i = first;
  const auto take = [&] {
    list[listed] = static_cast<std::int32_t>(i);
    listed += flags[i];
    ++i;
  };
  while (i + 8 <= last) {
    std::uint64_t eight;
    std::memcpy(&eight, flags + i, sizeof eight);
    if (eight == 0) {
      i += 8;
    } else {
      for (int k = 0; k < 8; ++k) take();
    }
  }
  while (i < last) take();
  return listed;
}

}  // namespace handgrad
