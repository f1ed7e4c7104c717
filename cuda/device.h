#pragma once

#include <concepts>

#include "column_major_product.h"
#include "execution.h"

namespace handgrad::cuda {

/// What a device has to offer; GpuBackend and the agents are written over it. CudaDevice is a GPU; the tests have one that
/// emulates it on the CPU.
///
///   device.allocate(bytes)               zeroed device memory, aligned to 256 bytes; throws Error if there is none left
///   device.deallocate(p)                 in order with what was enqueued before
///   device.launch(kernel, grid)          enqueues a kernel (see execution.h)
///   device.multiply(product)             enqueues a product; device.multiplies(epilogue) says which epilogues it knows
///   device.copy_in(to, host, bytes)      enqueues a copy from the host, whose memory may be changed on return
///   device.copy_out(host, from, bytes)   waits for everything enqueued, then copies to the host
///   device.synchronize()                 waits for everything enqueued
///   device.allocate_pinned(bytes)        memory that the host and kernels can use, freed with the device
///   device.make_fence(), set(fence), wait(fence)
///                                        set marks a place in the order; wait returns when the device has got there, at once
///                                        if the fence has not been set
///   device.capture(enqueue)              a Graph of what enqueue() enqueues, which is not run
///   device.replay(graph)                 enqueues all of it, with the arguments that it was captured with
///
/// What is enqueued runs in order, later than the call. Calls throw Error with the driver's text.
template <class Device>
concept IsDevice = requires(Device device, void* p, const void* host, std::size_t bytes, const ColumnMajorProduct& product) {
  { device.allocate(bytes) } -> std::same_as<void*>;
  device.deallocate(p);
  device.multiply(product);
  { device.multiplies(product.epilogue) } -> std::same_as<bool>;
  device.copy_in(p, host, bytes);
  device.copy_out(p, host, bytes);
  device.synchronize();
  device.wait(device.make_fence());
  device.set(device.make_fence());
  device.replay(device.capture([] {}));
  { device.allocate_pinned(bytes) } -> std::same_as<void*>;
};

}  // namespace handgrad::cuda
