#pragma once

#include <cstddef>
#include <cstdint>

/// The execution model that kernels are written against, so that one source runs on a GPU and, in tests, on the CPU.
///
/// A kernel is a struct: its arguments are its members, and what one thread does is
///
///   struct Scale {
///     static constexpr int kThreads = 256;  // the most threads a block of it has
///     float* x;
///     std::int64_t size;
///     float factor;
///     template <class Thread>
///     HANDGRAD_DEVICE void operator()(Thread& thread) const {
///       for (std::int64_t i = thread.number(); i < size; i += thread.numbers()) x[i] *= factor;
///     }
///     friend bool operator==(const Scale&, const Scale&) = default;  // a recorded launch is compared with the next
///   };
///
/// Members are pointers to device memory, integers, floats and bools, and nothing else. Thread is either CudaThread
/// (cuda_thread.h) or the tests' emulation, and offers
///
///   index(), threads()     this thread in its block, and how many the block has
///   block(), blocks()      this block of those that share the work of one agent
///   agent(), agents()      which of many independent agents the block works for (the grid's second dimension; else 0, 1)
///   number(), numbers()    block() * threads() + index(), and how many there are: for loops over elements
///   lane(), warp()         index() % 32 and index() / 32
///   shared<T>(byte)        the block's shared memory from that byte on, aligned to 16 bytes at byte 0; content undefined
///   sync()                 waits for every thread of the block; all of them have to come
///   sync_warp()            the same for the 32 threads of a warp
///   shuffle_down(x, d), shuffle_xor(x, mask), shuffle(x, lane)
///                          x of another lane of the warp; all 32 have to come. x is float, double or std::int32_t
///
/// There are no atomics: every sum has a fixed order, so that the same launch gives the same bits.
#if defined(__CUDACC__)
#define HANDGRAD_DEVICE __device__ __forceinline__
#else
#define HANDGRAD_DEVICE inline
#endif

namespace handgrad::cuda {

inline constexpr int kWarp = 32;

/// How a kernel is launched: blocks · agents blocks of `threads` threads, each with that much shared memory.
struct Grid {
  std::int64_t blocks = 1;
  int threads = 1;  ///< a multiple of 32 where warps are used
  std::size_t shared_bytes = 0;
  std::int64_t agents = 1;

  friend bool operator==(const Grid&, const Grid&) = default;
};

/// ceil(a / b), for a >= 0 and b > 0.
constexpr std::int64_t blocks_for(std::int64_t elements, std::int64_t each) { return (elements + each - 1) / each; }

}  // namespace handgrad::cuda
