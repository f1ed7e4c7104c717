#pragma once

// For nvcc alone: what a Thread of execution.h is on a GPU.

#include "execution.h"

namespace handgrad::cuda {

class CudaThread {
 public:
  __device__ __forceinline__ int index() const { return static_cast<int>(threadIdx.x); }
  __device__ __forceinline__ int threads() const { return static_cast<int>(blockDim.x); }
  __device__ __forceinline__ std::int64_t block() const { return blockIdx.x; }
  __device__ __forceinline__ std::int64_t blocks() const { return gridDim.x; }
  __device__ __forceinline__ std::int64_t agent() const { return blockIdx.y; }
  __device__ __forceinline__ std::int64_t agents() const { return gridDim.y; }
  __device__ __forceinline__ std::int64_t number() const { return block() * threads() + index(); }
  __device__ __forceinline__ std::int64_t numbers() const { return blocks() * threads(); }
  __device__ __forceinline__ int lane() const { return index() % kWarp; }
  __device__ __forceinline__ int warp() const { return index() / kWarp; }

  template <class T>
  __device__ __forceinline__ T* shared(std::size_t byte = 0) const {
    extern __shared__ __align__(16) unsigned char memory_of_the_block[];
    return reinterpret_cast<T*>(memory_of_the_block + byte);
  }

  __device__ __forceinline__ void sync() { __syncthreads(); }
  __device__ __forceinline__ void sync_warp() { __syncwarp(); }
  template <class T>
  __device__ __forceinline__ T shuffle_down(T x, int distance) {
    return __shfl_down_sync(kAllLanes, x, static_cast<unsigned>(distance));
  }
  template <class T>
  __device__ __forceinline__ T shuffle_xor(T x, int mask) {
    return __shfl_xor_sync(kAllLanes, x, mask);
  }
  template <class T>
  __device__ __forceinline__ T shuffle(T x, int lane) {
    return __shfl_sync(kAllLanes, x, lane);
  }

 private:
  static constexpr unsigned kAllLanes = 0xffffffffU;
};

/// How many blocks of a kernel have to fit on a multiprocessor: K::kMinBlocks if it says so.
template <class K>
constexpr int min_blocks() {
  if constexpr (requires { K::kMinBlocks; }) {
    return K::kMinBlocks;
  } else {
    return 1;
  }
}

/// The one entry point of all kernels.
template <class K>
__global__ void __launch_bounds__(K::kThreads, min_blocks<K>()) run_kernel(const __grid_constant__ K kernel) {
  CudaThread thread;
  kernel(thread);
}

}  // namespace handgrad::cuda
