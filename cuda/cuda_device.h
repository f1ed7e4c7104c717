#pragma once

// For nvcc alone.

#include <memory>
#include <utility>
#include <vector>

#include "cuda_error.h"
#include "cuda_thread.h"
#include "device.h"

namespace handgrad::cuda {

class CublasLtProducts;

/// A GPU, as device.h wants one: one stream, on which everything runs in order.
///
/// Not thread-safe. Throws Error, with the driver's words, from any call after something has gone wrong on the device: what
/// runs there is noticed late.
class CudaDevice {
 public:
  /// What a capture has recorded, ready to be launched as a whole.
  class Graph {
   public:
    explicit Graph(cudaGraphExec_t graph) : graph_(graph) {}
    Graph(Graph&& other) noexcept : graph_(std::exchange(other.graph_, nullptr)) {}
    Graph& operator=(Graph&& other) noexcept {
      std::swap(graph_, other.graph_);
      return *this;
    }
    ~Graph() {
      if (graph_ != nullptr) cudaGraphExecDestroy(graph_);
    }
    cudaGraphExec_t get() const { return graph_; }

   private:
    cudaGraphExec_t graph_;
  };

  /// A place in the order of what was enqueued, which the host can wait for.
  class Fence {
   public:
    Fence() = default;
    explicit Fence(cudaEvent_t event) : event_(event) {}
    Fence(Fence&& other) noexcept : event_(std::exchange(other.event_, nullptr)) {}
    Fence& operator=(Fence&& other) noexcept {
      std::swap(event_, other.event_);
      return *this;
    }
    ~Fence() {
      if (event_ != nullptr) cudaEventDestroy(event_);
    }
    cudaEvent_t get() const { return event_; }

   private:
    cudaEvent_t event_ = nullptr;
  };

  /// The device of that number (0 is the first). Products in TF32 only if `tf32`. Throws Error if there is none.
  explicit CudaDevice(int ordinal = 0, bool tf32 = false);
  ~CudaDevice();
  CudaDevice(const CudaDevice&) = delete;
  CudaDevice& operator=(const CudaDevice&) = delete;

  void* allocate(std::size_t bytes);
  void deallocate(void* p) noexcept;
  /// Host memory that the device can read; freed with the device.
  void* allocate_pinned(std::size_t bytes);
  void copy_in(void* to, const void* host, std::size_t bytes);
  void copy_out(void* host, const void* from, std::size_t bytes);
  void synchronize();

  void multiply(const ColumnMajorProduct& product);
  bool multiplies(ColumnMajorProduct::Epilogue epilogue) const;

  template <class K>
  void launch(const K& kernel, const Grid& grid) {
    const dim3 blocks(static_cast<unsigned>(grid.blocks), static_cast<unsigned>(grid.agents));
    if (grid.shared_bytes > kSharedWithoutAsking) allow_shared<K>(grid.shared_bytes);
    run_kernel<K><<<blocks, static_cast<unsigned>(grid.threads), grid.shared_bytes, stream_>>>(kernel);
    check(cudaGetLastError(), "the launch of a kernel");
  }

  /// Writes down what enqueue() enqueues, instead of running it.
  template <class F>
  Graph capture(const F& enqueue) {
    check(cudaStreamBeginCapture(stream_, cudaStreamCaptureModeThreadLocal), "cudaStreamBeginCapture");
    try {
      enqueue();
    } catch (...) {
      cudaGraph_t unfinished = nullptr;
      cudaStreamEndCapture(stream_, &unfinished);
      if (unfinished != nullptr) cudaGraphDestroy(unfinished);
      throw;
    }
    return end_capture();
  }
  void replay(const Graph& graph) { check(cudaGraphLaunch(graph.get(), stream_), "cudaGraphLaunch"); }

  Fence make_fence();
  void set(const Fence& fence) { check(cudaEventRecord(fence.get(), stream_), "cudaEventRecord"); }
  void wait(const Fence& fence) { check(cudaEventSynchronize(fence.get()), "cudaEventSynchronize"); }

  cudaStream_t stream() const { return stream_; }

 private:
  static constexpr std::size_t kSharedWithoutAsking = 48 << 10;

  // More than 48 KiB of shared memory a block has to be asked for, once a kernel.
  template <class K>
  static void allow_shared(std::size_t bytes) {
    static std::size_t allowed = 0;
    if (bytes <= allowed) return;
    check(cudaFuncSetAttribute(run_kernel<K>, cudaFuncAttributeMaxDynamicSharedMemorySize, static_cast<int>(bytes)),
          "cudaFuncSetAttribute");
    allowed = bytes;
  }

  Graph end_capture();

  cudaStream_t stream_ = nullptr;
  std::vector<void*> pinned_;
  std::unique_ptr<CublasLtProducts> products_;
};

}  // namespace handgrad::cuda
