#pragma once

#include <span>
#include <utility>

namespace handgrad::cuda {

/// An array in a device's memory: zeroed at first, freed with the object, in order with what was enqueued. Move-only. The
/// device must outlive it.
template <class Device, class T>
class DeviceMemory {
 public:
  DeviceMemory() = default;
  DeviceMemory(Device& device, std::int64_t size)
      : device_(&device), size_(size), data_(static_cast<T*>(device.allocate(static_cast<std::size_t>(size) * sizeof(T)))) {}
  DeviceMemory(DeviceMemory&& other) noexcept
      : device_(other.device_), size_(std::exchange(other.size_, 0)), data_(std::exchange(other.data_, nullptr)) {}
  DeviceMemory& operator=(DeviceMemory&& other) noexcept {
    std::swap(device_, other.device_);
    std::swap(size_, other.size_);
    std::swap(data_, other.data_);
    return *this;
  }
  ~DeviceMemory() {
    if (data_ != nullptr) device_->deallocate(data_);
  }

  T* data() const { return data_; }
  std::int64_t size() const { return size_; }
  std::span<T> span() const { return {data_, static_cast<std::size_t>(size_)}; }

 private:
  Device* device_ = nullptr;
  std::int64_t size_ = 0;
  T* data_ = nullptr;
};

}  // namespace handgrad::cuda
