// The wall behind operands, whether they are arrays of Real or of whole numbers.

#include "tests/support/guarded.h"

#include <sys/mman.h>
#include <unistd.h>

namespace handgrad {
namespace {

std::size_t page_size() { return static_cast<std::size_t>(sysconf(_SC_PAGESIZE)); }

std::size_t whole_pages(std::size_t bytes) { return (bytes + page_size() - 1) / page_size() * page_size(); }

}  // namespace

MemoryBeforeAWall::MemoryBeforeAWall(std::size_t bytes) : bytes_(bytes) {
  const std::size_t usable = whole_pages(bytes);
  void* mapping = mmap(nullptr, usable + page_size(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  require(mapping != MAP_FAILED, "out of memory: no ", usable, " bytes to test with");
  mapping_ = static_cast<std::byte*>(mapping);
  wall_ = mapping_ + usable;
  require(mprotect(wall_, page_size(), PROT_NONE) == 0, "a page cannot be made unreadable");
}

MemoryBeforeAWall::~MemoryBeforeAWall() { munmap(mapping_, whole_pages(bytes_) + page_size()); }

}  // namespace handgrad
