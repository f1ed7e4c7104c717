#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/random.h"
#include "cuda/execution.h"
#include "tests/cuda/emulation/fenced_memory.h"

namespace handgrad::cuda {

/// In which order blocks run one after the other, and the threads of a block between two barriers.
enum class Order { shuffled, forward, backward };

class EmulatedThread;

/// A launch whose blocks are to run.
struct Launch {
  std::string kernel;  ///< its name, for messages
  const void* arguments = nullptr;
  void (*run)(const void* arguments, EmulatedThread& thread) = nullptr;
  Grid grid;
};

enum class Barrier { sync, sync_warp };

/// A barrier that a kernel is to do without: the which-th of its kind that a thread comes to, counted from 0.
struct LeftOut {
  std::string kernel;
  Barrier barrier = Barrier::sync;
  int which = 0;
};

/// Runs one block at a time. Its threads are fibers, each of which runs until it waits for others, in an order that is drawn
/// anew after every barrier: what a thread may read before another wrote it, it sooner or later does.
class Block {
 public:
  enum class Wait { nothing, sync, sync_warp, shuffle_down, shuffle_xor, shuffle, end };

  Block(std::uint64_t seed, Order order, std::optional<LeftOut> left_out = {});
  ~Block();

  /// The blocks that run from now on are those of this launch, which has to outlive them.
  void begin(const Launch& launch);
  /// Runs one block; nothing is left of the shared memory of the block before. Throws Error if threads wait for ever, or use a
  /// warp or shared memory wrongly, and abandons the block.
  void run(std::int64_t block, std::int64_t agent);
  /// The numbers from 0 to size - 1 in the order in which things are to be done.
  std::vector<std::int64_t> in_order(std::int64_t size);

  const Grid& grid() const { return launch_->grid; }
  std::int64_t block() const { return block_; }
  std::int64_t agent() const { return agent_; }

  /// The most barriers of each kind that a thread of each kernel has come to so far.
  const std::map<std::string, std::array<int, 2>>& barriers() const { return barriers_; }

  /// For the threads. Waits until all threads of the block are there.
  void sync(int index);
  /// Waits until all threads of the warp are there.
  void sync_warp(int index);
  /// Waits until all threads of the warp are there with a value and an argument each; the value that this one gets.
  std::uint64_t exchange(int index, Wait what, std::uint64_t value, int argument);
  /// Shared memory from that byte on.
  std::byte* shared(std::size_t byte, std::size_t alignment) const;

 private:
  struct Thread;

  static void run_thread(void* thread);
  void resume(Thread& thread);
  void abandon();
  void advance(int begin, int end);
  bool release_warp(int first);
  bool leaves_out(Thread& thread, Barrier barrier);
  template <class T>
  void put_in_order(std::vector<T>& items);
  std::string where() const;
  [[noreturn]] void fail_stuck() const;

  Generator random_;
  Order order_;
  std::optional<LeftOut> left_out_;
  std::map<std::string, std::array<int, 2>> barriers_;
  std::array<int, 2>* barriers_of_kernel_ = nullptr;
  bool leaves_out_ = false;  // a barrier of this kernel
  const Launch* launch_ = nullptr;
  std::int64_t block_ = 0, agent_ = 0;
  std::vector<Thread> threads_;
  std::vector<int> turn_;  // threads that can run, in the order in which they do
  std::unique_ptr<FencedMemory> shared_;
  std::exception_ptr thrown_;  // by a thread
};

}  // namespace handgrad::cuda
