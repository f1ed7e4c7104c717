#pragma once

#include <functional>

#include "core/reference_backend.h"
#include "tests/cuda/kernel_cases.h"
#include "tests/support/draw.h"

namespace handgrad::cuda {

/// A kernel that does the same to each element of one or several arrays, and what the reference does to them.
struct Elementwise {
  std::string name;
  std::function<std::vector<Floats>(Draw&, std::int64_t size)> operands;
  Floats settings;  ///< what the kernel reads besides, from device memory
  std::function<void(EmulatedDevice&, const std::vector<float*>& arrays, std::int64_t size, const float* settings,
                     const Grid&)>
      launch;
  std::function<void(Backend&, std::vector<Floats>& arrays, const Floats& settings)> reference;
};

/// Which of its arrays a kernel finds at addresses that are not aligned.
enum class Shift { none, first, last, all };

/// The arrays after a launch with this grid.
inline std::vector<Floats> launched(const Elementwise& op, EmulatedDevice& device, const std::vector<Floats>& operands,
                                    const Grid& grid, Shift shift = Shift::none) {
  std::vector<std::unique_ptr<Shifted>> arrays;
  std::vector<float*> pointers;
  for (std::size_t i = 0; i < operands.size(); ++i) {
    const bool shifted =
        shift == Shift::all || (shift == Shift::first && i == 0) || (shift == Shift::last && i + 1 == operands.size());
    arrays.push_back(std::make_unique<Shifted>(device, operands[i], shifted ? 1 : 0));
    pointers.push_back(arrays.back()->data());
  }
  const DeviceArray<float> settings(device, op.settings);
  op.launch(device, pointers, static_cast<std::int64_t>(operands.front().size()), settings.data(), grid);
  std::vector<Floats> after;
  for (const auto& array : arrays) after.push_back(array->host());
  return after;
}

/// "", or the first array that differs by `compare`.
template <class Compare>
std::string compared(const std::vector<Floats>& got, const std::vector<Floats>& expected, const Compare& compare) {
  for (std::size_t i = 0; i < got.size(); ++i) {
    if (const std::string wrong = compare(got[i], expected[i]); !wrong.empty()) return text("array ", i, ": ", wrong);
  }
  return "";
}

/// Compares the kernel with the reference, and with itself: launched with threads for a part of the elements, so that they are
/// done four at a time and in several rounds, and at addresses that do not allow that.
inline std::string what_is_wrong(const Elementwise& op, std::int64_t size, std::uint64_t seed) {
  Draw draw(seed, Numbers::special);
  const std::vector<Floats> before = op.operands(draw, size);
  std::vector<Floats> expected = before;
  ReferenceBackend reference;
  op.reference(reference, expected, op.settings);

  EmulatedDevice device(seed);
  const std::vector<Floats> after = launched(op, device, before, elements_grid(size));
  const auto close = [](const Floats& a, const Floats& b) { return wrong_numbers(a, b, 4e-6F, 1e-6F); };
  if (const std::string wrong = compared(after, expected, close); !wrong.empty())
    return text(op.name, ", ", size, ": ", wrong);
  for (const Grid& grid : {Grid{1, 32}, Grid{3, 64}}) {
    for (const Shift shift : {Shift::none, Shift::first, Shift::last, Shift::all}) {
      if (size > 5000 && grid.blocks == 1) continue;
      const std::string wrong = compared(launched(op, device, before, grid, shift), after, wrong_bits);
      if (!wrong.empty()) {
        return text(op.name, ", ", size, ", ", grid.blocks, " x ", grid.threads, ", shift ", static_cast<int>(shift), ": ",
                    wrong);
      }
    }
  }
  count_case(op.name, text(size));
  return "";
}

/// Where something changes: warps, blocks, fours and what they leave over, from 65,537 on four at a time.
inline std::vector<std::int64_t> element_counts() { return {1, 2, 3, 4, 5, 31, 32, 33, 127, 257, 1000, 1023, 4099, 65537}; }

}  // namespace handgrad::cuda
