#pragma once

#include <algorithm>
#include <cstdint>
#include <exception>
#include <thread>
#include <vector>

namespace handgrad {

/// Calls work(first, last) for consecutive slices of [0, count), about equally long, each on a thread of its own (the first on
/// the caller's), and waits for all. No slice is empty, and there are at most `threads`. Throws what the first of them to fail
/// has thrown.
template <class Work>
void in_slices(std::int64_t count, int threads, const Work& work) {
  const std::int64_t slices = std::clamp<std::int64_t>(threads, 1, std::max<std::int64_t>(1, count));
  if (slices == 1) {
    if (count > 0) work(std::int64_t{0}, count);
    return;
  }
  std::vector<std::exception_ptr> errors(static_cast<std::size_t>(slices));
  const auto slice = [&](std::int64_t s) {
    try {
      work(s * count / slices, (s + 1) * count / slices);
    } catch (...) {
      errors[static_cast<std::size_t>(s)] = std::current_exception();
    }
  };
  {
    std::vector<std::jthread> others;
    for (std::int64_t s = 1; s < slices; ++s) others.emplace_back(slice, s);
    slice(0);
  }
  for (const std::exception_ptr& error : errors) {
    if (error) std::rethrow_exception(error);
  }
}

}  // namespace handgrad
