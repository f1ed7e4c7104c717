#pragma once

#include <cstdint>
#include <cstring>
#include <type_traits>

#include "tests/cuda/emulation/block.h"

namespace handgrad::cuda {

/// A Thread as cuda/execution.h describes it, on the CPU.
class EmulatedThread {
 public:
  EmulatedThread(Block& block, int index)
      : owner_(block), grid_(block.grid()), block_(block.block()), agent_(block.agent()), index_(index) {}

  int index() const { return index_; }
  int threads() const { return grid_.threads; }
  std::int64_t block() const { return block_; }
  std::int64_t blocks() const { return grid_.blocks; }
  std::int64_t agent() const { return agent_; }
  std::int64_t agents() const { return grid_.agents; }
  std::int64_t number() const { return block() * threads() + index(); }
  std::int64_t numbers() const { return blocks() * threads(); }
  int lane() const { return index() % kWarp; }
  int warp() const { return index() / kWarp; }

  template <class T>
  T* shared(std::size_t byte = 0) const {
    return reinterpret_cast<T*>(owner_.shared(byte, alignof(T)));
  }

  void sync() { owner_.sync(index_); }
  void sync_warp() { owner_.sync_warp(index_); }
  template <class T>
  T shuffle_down(T x, int distance) {
    return exchange(Block::Wait::shuffle_down, x, distance);
  }
  template <class T>
  T shuffle_xor(T x, int mask) {
    return exchange(Block::Wait::shuffle_xor, x, mask);
  }
  template <class T>
  T shuffle(T x, int lane) {
    return exchange(Block::Wait::shuffle, x, lane);
  }

 private:
  template <class T>
  T exchange(Block::Wait what, T x, int argument) {
    static_assert(std::is_same_v<T, float> || std::is_same_v<T, double> || std::is_same_v<T, std::int32_t>);
    std::uint64_t bits = 0;
    std::memcpy(&bits, &x, sizeof x);
    bits = owner_.exchange(index_, what, bits, argument);
    std::memcpy(&x, &bits, sizeof x);
    return x;
  }

  Block& owner_;
  const Grid& grid_;
  std::int64_t block_, agent_;
  int index_;
};

}  // namespace handgrad::cuda
