#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <typeinfo>
#include <vector>

#include "cuda/device.h"
#include "tests/cuda/emulation/block.h"
#include "tests/cuda/emulation/emulated_thread.h"

namespace handgrad::cuda {

/// A GPU on the CPU, for tests: the Device of cuda/device.h. What is enqueued is done at once.
///
/// It is stricter than a GPU. Every launch is checked against the limits of the hardware, every barrier and exchange between
/// lanes against who has to come, every copy and product against the memory that was allocated; shared memory is NaN at first,
/// and what lies around allocations and shared memory is not written unnoticed (see FencedMemory). Blocks, and the threads of a
/// block between barriers, run in an order that depends on the seed and on nothing else. Mistakes throw Error.
///
/// Not thread-safe. Kernels run under the floating-point mode of the thread that launches them.
class EmulatedDevice {
 public:
  struct Options {
    std::uint64_t seed = 1;
    Order order = Order::shuffled;
    bool epilogues = true;  ///< whether it multiplies with any epilogue but none
    std::size_t memory_bytes = std::size_t{1} << 32;
    std::optional<LeftOut> left_out = {};  ///< to see whether a test notices
  };

  EmulatedDevice() : EmulatedDevice(Options{}) {}
  explicit EmulatedDevice(std::uint64_t seed) : EmulatedDevice(Options{.seed = seed}) {}
  explicit EmulatedDevice(const Options& options)
      : options_(options), runner_(options.seed, options.order, options.left_out) {}
  EmulatedDevice(const EmulatedDevice&) = delete;
  EmulatedDevice& operator=(const EmulatedDevice&) = delete;

  void* allocate(std::size_t bytes);
  void deallocate(void* p);

  template <class K>
  void launch(const K& kernel, const Grid& grid) {
    static_assert(std::is_trivially_copyable_v<K>, "the arguments of a kernel are copied to the device byte by byte");
    static_assert(sizeof(K) <= 4096, "arguments of a kernel take 4096 bytes at most");
    static_assert(std::equality_comparable<K>, "a recorded launch is compared with the next");
    static_assert(K::kThreads >= 1 && K::kThreads <= 1024, "a block has 1 to 1024 threads");
    if (recording_ != nullptr) {
      recording_->enqueued.push_back([this, kernel, grid] { launch(kernel, grid); });
      return;
    }
    const auto run = [](const void* arguments, EmulatedThread& thread) { (*static_cast<const K*>(arguments))(thread); };
    const K arguments = kernel;
    run_all({name_of(typeid(K)), &arguments, run, grid}, K::kThreads);
  }

  void multiply(const ColumnMajorProduct& product);
  bool multiplies(ColumnMajorProduct::Epilogue epilogue) const {
    return options_.epilogues || epilogue == ColumnMajorProduct::Epilogue::none;
  }
  /// What was enqueued while it was recorded, with the arguments that it had then.
  struct Graph {
    std::vector<std::function<void()>> enqueued;
  };
  template <class F>
  Graph capture(const F& enqueue) {
    Graph graph;
    recording_ = &graph;
    enqueue();
    recording_ = nullptr;
    return graph;
  }
  void replay(const Graph& graph) {
    ++replays_;
    for (const auto& enqueued : graph.enqueued) enqueued();
  }

  struct Fence {};
  Fence make_fence() { return {}; }
  void set(const Fence&) {}
  void wait(const Fence&) {}

  /// Lives as long as the device.
  void* allocate_pinned(std::size_t bytes) {
    return pinned_.emplace_back(std::make_unique<FencedMemory>(bytes, 256))->begin();
  }
  void copy_in(void* to, const void* host, std::size_t bytes);
  void copy_out(void* host, const void* from, std::size_t bytes);
  void synchronize() {}

  /// How many allocations there are that were not given back.
  std::size_t allocations() const { return memory_.size(); }
  /// How many kernels were launched so far, products not counted.
  std::int64_t launches() const { return launches_; }
  /// The most barriers of each kind that a thread of each kernel has come to so far.
  const std::map<std::string, std::array<int, 2>>& barriers() const { return runner_.barriers(); }
  /// How many graphs were replayed.
  std::int64_t replays() const { return replays_; }

 private:
  static std::string name_of(const std::type_info& type);
  void run_all(const Launch& launch, int most_threads);
  void check_range(const void* p, std::size_t bytes, const char* what) const;
  void check_fences(const std::string& who);

  Options options_;
  Block runner_;
  std::map<const std::byte*, std::unique_ptr<FencedMemory>, std::less<>> memory_;  // by where it begins
  std::size_t bytes_ = 0;                                                          // of all of it
  std::int64_t launches_ = 0, replays_ = 0;
  Graph* recording_ = nullptr;  // nothing is done meanwhile
  std::vector<std::unique_ptr<FencedMemory>> pinned_;
};

static_assert(IsDevice<EmulatedDevice>);

}  // namespace handgrad::cuda
