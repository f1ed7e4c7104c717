#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstring>
#include <filesystem>

#include "core/error.h"

namespace handgrad::fuzz {

/// A file that is nowhere but in memory, for readers that want a path.
class MemoryFile {
 public:
  MemoryFile(const void* data, std::size_t size) : number_(::memfd_create("input", MFD_CLOEXEC)) {
    require(number_ >= 0, "there is no file in memory to be had: ", std::strerror(errno));
    const ssize_t written = ::write(number_, data, size);
    require(written >= 0 && static_cast<std::size_t>(written) == size, "a file in memory cannot be written");
  }
  ~MemoryFile() { ::close(number_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  std::filesystem::path path() const { return "/proc/self/fd/" + std::to_string(number_); }

 private:
  int number_;
};

}  // namespace handgrad::fuzz
