#pragma once

#include <cstddef>
#include <vector>

#include "tests/cuda/emulation/emulated_device.h"

namespace handgrad::cuda {

/// An array in the memory of a device, for as long as it lives.
///
///   DeviceArray<float> x(device, {1, 2, 3});
///   device.launch(Scale{x.data(), x.size(), 2}, elements_grid(x.size()));
///   CHECK(x.host() == std::vector<float>{2, 4, 6});
template <class T>
class DeviceArray {
 public:
  /// `size` zeros.
  DeviceArray(EmulatedDevice& device, std::int64_t size)
      : device_(device), size_(static_cast<std::size_t>(size)), data_(static_cast<T*>(device.allocate(size_ * sizeof(T)))) {}
  DeviceArray(EmulatedDevice& device, const std::vector<T>& host)
      : DeviceArray(device, static_cast<std::int64_t>(host.size())) {
    upload(host);
  }
  ~DeviceArray() { device_.deallocate(data_); }
  DeviceArray(const DeviceArray&) = delete;
  DeviceArray& operator=(const DeviceArray&) = delete;

  T* data() { return data_; }
  const T* data() const { return data_; }
  std::int64_t size() const { return static_cast<std::int64_t>(size_); }

  /// Overwrites the first elements.
  void upload(const std::vector<T>& host) { device_.copy_in(data_, host.data(), host.size() * sizeof(T)); }
  std::vector<T> host() const {
    std::vector<T> host(size_);
    device_.copy_out(host.data(), data_, size_ * sizeof(T));
    return host;
  }

 private:
  EmulatedDevice& device_;
  std::size_t size_;
  T* data_;
};

}  // namespace handgrad::cuda
