#include "cuda_device.h"

#include <cstring>

#include "cublaslt_products.h"

namespace handgrad::cuda {

CudaDevice::CudaDevice(int ordinal, bool tf32) {
  check(cudaSetDevice(ordinal), "cudaSetDevice");
  check(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking), "cudaStreamCreateWithFlags");
  // What is freed stays with this program: asking the driver for memory takes longer than a train step.
  cudaMemPool_t pool = nullptr;
  check(cudaDeviceGetDefaultMemPool(&pool, ordinal), "cudaDeviceGetDefaultMemPool");
  std::uint64_t keep = UINT64_MAX;
  check(cudaMemPoolSetAttribute(pool, cudaMemPoolAttrReleaseThreshold, &keep), "cudaMemPoolSetAttribute");
  products_ = std::make_unique<CublasLtProducts>(stream_, tf32);
}

CudaDevice::~CudaDevice() {
  cudaStreamSynchronize(stream_);
  products_.reset();
  for (void* memory : pinned_) cudaFreeHost(memory);
  cudaStreamDestroy(stream_);
}

void* CudaDevice::allocate(std::size_t bytes) {
  void* memory = nullptr;
  const std::size_t at_least_one = bytes == 0 ? 1 : bytes;
  const cudaError_t result = cudaMallocAsync(&memory, at_least_one, stream_);
  if (result == cudaErrorMemoryAllocation) {
    static_cast<void>(cudaGetLastError());
    std::size_t free = 0, total = 0;
    check(cudaMemGetInfo(&free, &total), "cudaMemGetInfo");
    fail("out of memory on the GPU: ", bytes, " bytes wanted, ", free, " of ", total,
         " free. Use a smaller network, batch or replay capacity, or fewer agents.");
  }
  check(result, "cudaMallocAsync");
  check(cudaMemsetAsync(memory, 0, at_least_one, stream_), "cudaMemsetAsync");
  return memory;
}

void CudaDevice::deallocate(void* p) noexcept { cudaFreeAsync(p, stream_); }

void* CudaDevice::allocate_pinned(std::size_t bytes) {
  void* memory = nullptr;
  check(cudaHostAlloc(&memory, bytes, cudaHostAllocPortable), "cudaHostAlloc");
  pinned_.push_back(memory);
  return memory;
}

void CudaDevice::copy_in(void* to, const void* host, std::size_t bytes) {
  // From pageable memory: the driver has copied it when this returns.
  check(cudaMemcpyAsync(to, host, bytes, cudaMemcpyHostToDevice, stream_), "cudaMemcpyAsync to the device");
}

void CudaDevice::copy_out(void* host, const void* from, std::size_t bytes) {
  check(cudaMemcpyAsync(host, from, bytes, cudaMemcpyDeviceToHost, stream_), "cudaMemcpyAsync from the device");
  synchronize();
}

void CudaDevice::synchronize() { check(cudaStreamSynchronize(stream_), "cudaStreamSynchronize"); }

void CudaDevice::multiply(const ColumnMajorProduct& product) { products_->multiply(product); }
bool CudaDevice::multiplies(ColumnMajorProduct::Epilogue epilogue) const { return products_->multiplies(epilogue); }

CudaDevice::Graph CudaDevice::end_capture() {
  cudaGraph_t graph = nullptr;
  check(cudaStreamEndCapture(stream_, &graph), "cudaStreamEndCapture");
  cudaGraphExec_t executable = nullptr;
  const cudaError_t result = cudaGraphInstantiate(&executable, graph, 0);
  cudaGraphDestroy(graph);
  check(result, "cudaGraphInstantiate");
  return Graph(executable);
}

CudaDevice::Fence CudaDevice::make_fence() {
  cudaEvent_t event = nullptr;
  check(cudaEventCreateWithFlags(&event, cudaEventDisableTiming), "cudaEventCreateWithFlags");
  return Fence(event);
}

}  // namespace handgrad::cuda
