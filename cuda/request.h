#pragma once

#include <cstddef>
#include <new>
#include <type_traits>
#include <utility>

#include "column_major_product.h"
#include "execution.h"

namespace handgrad::cuda {

/// Something that was asked of a device, written down: a kernel with its arguments and its grid, or a product. It can be
/// carried out later, and compared with what was asked another time.
template <class Device>
class Request {
 public:
  template <class K>
  Request(const K& kernel, const Grid& grid) : Request(Launch<K>{kernel, grid}) {}
  explicit Request(const ColumnMajorProduct& product) : Request(Multiplication{product}) {}

  void enqueue(Device& device) const { methods_->enqueue(memory_, device); }

  friend bool operator==(const Request& a, const Request& b) {
    return a.methods_ == b.methods_ && a.methods_->equal(a.memory_, b.memory_);
  }

 private:
  template <class K>
  struct Launch {
    K kernel;
    Grid grid;
    void enqueue(Device& device) const { device.launch(kernel, grid); }
    friend bool operator==(const Launch&, const Launch&) = default;
  };
  struct Multiplication {
    ColumnMajorProduct product;
    void enqueue(Device& device) const { device.multiply(product); }
    friend bool operator==(const Multiplication&, const Multiplication&) = default;
  };

  struct Methods {
    void (*enqueue)(const std::byte*, Device&);
    bool (*equal)(const std::byte*, const std::byte*);
  };

  template <class What>
  static const What& as(const std::byte* memory) {
    return *std::launder(reinterpret_cast<const What*>(memory));
  }

  template <class What>
  static constexpr Methods kMethodsOf = {
      [](const std::byte* memory, Device& device) { as<What>(memory).enqueue(device); },
      [](const std::byte* a, const std::byte* b) { return as<What>(a) == as<What>(b); },
  };

  template <class What>
  explicit Request(const What& what) : methods_(&kMethodsOf<What>) {
    // Plain bytes, so that an operation can be copied without knowing what it is, and nothing is allocated for one.
    static_assert(std::is_trivially_copyable_v<What> && sizeof(What) <= kLargest && alignof(What) <= alignof(void*));
    new (memory_) What(what);
  }

  static constexpr std::size_t kLargest = 320;
  const Methods* methods_;
  alignas(void*) std::byte memory_[kLargest];
};

}  // namespace handgrad::cuda
