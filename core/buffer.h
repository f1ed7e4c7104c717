#pragma once

#include <limits>
#include <utility>
#include <vector>

#include "backend.h"
#include "error.h"

namespace handgrad::inline HANDGRAD_PRECISION {

/// An array that lives in a backend's memory: zeroed at first, aligned to 64 bytes, freed with the object. Move-only.
/// The backend must outlive it. Its content is seen through copies: upload, download. Throws Error if there is no memory left.
template <class T>
class Buffer {
 public:
  Buffer() = default;
  Buffer(Backend& backend, std::int64_t size)
      : backend_(&backend), size_(size), data_(static_cast<T*>(backend.allocate(bytes(size)))) {}
  Buffer(Buffer&& other) noexcept
      : backend_(other.backend_), size_(std::exchange(other.size_, 0)), data_(std::exchange(other.data_, nullptr)) {}
  Buffer& operator=(Buffer&& other) noexcept {
    std::swap(backend_, other.backend_);
    std::swap(size_, other.size_);
    std::swap(data_, other.data_);
    return *this;
  }
  ~Buffer() {
    if (data_ != nullptr) backend_->deallocate(data_);
  }

  std::int64_t size() const { return size_; }
  Backend& backend() { return *backend_; }
  T* data() { return data_; }
  const T* data() const { return data_; }

  std::span<T> span() { return {data_, static_cast<std::size_t>(size_)}; }
  std::span<const T> span() const { return {data_, static_cast<std::size_t>(size_)}; }
  std::span<T> first(std::int64_t n) { return span().first(static_cast<std::size_t>(n)); }
  std::span<const T> first(std::int64_t n) const { return span().first(static_cast<std::size_t>(n)); }
  MatrixView<T> matrix(std::int64_t rows, std::int64_t cols) {
    assert(rows * cols <= size_);
    return {data_, rows, cols};
  }
  MatrixView<const T> matrix(std::int64_t rows, std::int64_t cols) const {
    assert(rows * cols <= size_);
    return {data_, rows, cols};
  }

  /// Copies host memory to [offset, offset + values.size()).
  void upload(std::span<const T> values, std::int64_t offset = 0) {
    require(offset >= 0 && offset + static_cast<std::int64_t>(values.size()) <= size_, "upload of ", values.size(),
            " values at offset ", offset, " does not fit a buffer of ", size_);
    backend_->upload(data_ + offset, values.data(), values.size() * sizeof(T));
  }
  /// Copies [offset, offset + out.size()) to host memory.
  void download(std::span<T> out, std::int64_t offset = 0) const {
    require(offset >= 0 && offset + static_cast<std::int64_t>(out.size()) <= size_, "download of ", out.size(),
            " values at offset ", offset, " does not fit a buffer of ", size_);
    backend_->download(out.data(), data_ + offset, out.size() * sizeof(T));
  }
  /// A host copy of everything.
  std::vector<T> to_host() const {
    std::vector<T> values(static_cast<std::size_t>(size_));
    download(values);
    return values;
  }

 private:
  static std::size_t bytes(std::int64_t size) {
    require(size >= 0 && size <= std::numeric_limits<std::int64_t>::max() / static_cast<std::int64_t>(sizeof(T)),
            "out of memory: no memory holds ", size, " elements. Use a smaller network, batch or replay capacity.");
    return static_cast<std::size_t>(size) * sizeof(T);
  }

  Backend* backend_ = nullptr;
  std::int64_t size_ = 0;
  T* data_ = nullptr;
};

}  // namespace handgrad::inline HANDGRAD_PRECISION
