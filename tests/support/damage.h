#pragma once

#include <cstddef>
#include <random>
#include <string>
#include <vector>

namespace handgrad::test {

/// What accidents make of a file: cut off at up to 100 places, the first and last 20 bytes among them, and with 1,000 single and
/// 200 groups of 2 to 5 flipped bits. The same each time.
inline std::vector<std::string> damaged(const std::string& whole) {
  std::vector<std::string> files;
  for (std::size_t i = 0; i < 20 && i < whole.size(); ++i) {
    files.push_back(whole.substr(0, i));
    files.push_back(whole.substr(0, whole.size() - 1 - i));
  }
  for (std::size_t i = 1; i <= 60; ++i) files.push_back(whole.substr(0, i * whole.size() / 61));
  std::mt19937_64 random(whole.size());
  const auto flipped = [&](std::size_t bits) {
    std::string file = whole;
    while (file == whole) {
      for (std::size_t i = 0; i < bits; ++i) file[random() % file.size()] ^= static_cast<char>(1 << (random() % 8));
    }
    return file;
  };
  for (int i = 0; i < 1000; ++i) files.push_back(flipped(1));
  for (std::size_t i = 0; i < 200; ++i) files.push_back(flipped(2 + i % 4));
  return files;
}

}  // namespace handgrad::test
