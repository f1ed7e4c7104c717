#pragma once

#include <algorithm>
#include <cstddef>
#include <span>

#include "../device_memory.h"

namespace handgrad::cuda {

/// Several arrays that travel to the device together, by one copy: filled on the host, in pinned memory, read on the device.
/// The device must outlive it.
template <class Device>
class UploadBlock {
 public:
  /// A part of it: where it is filled, and where it is read.
  template <class T>
  struct Array {
    std::span<T> host;
    const T* device = nullptr;
  };

  /// For arrays of so many bytes together, and some for their alignment.
  UploadBlock(Device& device, std::size_t bytes)
      : device_(device),
        bytes_(bytes + kMostArrays * kAlignment),
        host_(static_cast<std::byte*>(device.allocate_pinned(bytes_))),
        memory_(device, static_cast<std::int64_t>(bytes_)),
        copied_(device.make_fence()) {}

  /// The next part. Up to kMostArrays.
  template <class T>
  Array<T> array(std::size_t size) {
    T* const host = reinterpret_cast<T*>(host_ + used_);
    const T* const there = reinterpret_cast<const T*>(memory_.data() + used_);
    std::fill_n(host, size, T{});
    used_ += (size * sizeof(T) + kAlignment - 1) / kAlignment * kAlignment;
    return {{host, size}, there};
  }

  /// Has to come before the arrays are filled anew: the last copy may still be under way.
  void wait() { device_.wait(copied_); }
  void send() {
    device_.copy_in(memory_.data(), host_, used_);
    device_.set(copied_);
  }

 private:
  static constexpr std::size_t kMostArrays = 8, kAlignment = 256;

  Device& device_;
  std::size_t bytes_, used_ = 0;
  std::byte* host_;
  DeviceMemory<Device, std::byte> memory_;
  typename Device::Fence copied_;
};

}  // namespace handgrad::cuda
