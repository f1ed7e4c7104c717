// A mutation more than libFuzzer has: now and then a piece of the input is repeated thousands of times. Mistakes that take depth
// (recursion), length (quadratic time) or many elements are not found byte by byte.

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>

#include "tests/fuzz/repeat.h"

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t most);

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t most, unsigned seed) {
  constexpr unsigned kSeldom = 200;
  if (size == 0 || seed % kSeldom != 0) return LLVMFuzzerMutate(data, size, most);
  std::uint32_t random = seed / kSeldom;
  const auto draw = [&random](std::size_t n) { return (random = random * 1664525u + 1013904223u) % n; };
  const std::size_t begin = draw(size), length = 1 + draw(std::min<std::size_t>(8, size - begin));
  const std::string input(reinterpret_cast<const char*>(data), size);
  const std::string longer = handgrad::fuzz::with_repeated(input, begin, length, most);
  std::memcpy(data, longer.data(), longer.size());
  return longer.size();
}
