#include "tests/fuzz/contract.h"

#include <cstddef>

#include "core/error.h"
#include "core/utf8.h"
#include "tests/support/allocations.h"

#if defined(HANDGRAD_ADDRESS_SANITIZER)
// Of <sanitizer/allocator_interface.h>, which comes with Clang; gcc has the functions, but not that header.
extern "C" int __sanitizer_install_malloc_and_free_hooks(void (*malloc_hook)(const volatile void*, std::size_t),
                                                         void (*free_hook)(const volatile void*));
extern "C" std::size_t __sanitizer_get_allocated_size(const volatile void* memory);
#endif

namespace handgrad::fuzz {
namespace {

constexpr std::size_t kLongestMessage = 2000;

#if defined(HANDGRAD_ADDRESS_SANITIZER)
// Nothing refers to it: it has done its work when it is made.
[[maybe_unused]] const int counts_every_byte = __sanitizer_install_malloc_and_free_hooks(
    [](const volatile void*, std::size_t bytes) { test::count_bytes(static_cast<long>(bytes)); },
    [](const volatile void* memory) {
      const std::size_t bytes = memory == nullptr ? 0 : __sanitizer_get_allocated_size(memory);
      test::count_bytes(-static_cast<long>(bytes));
    });
#endif

void check_message(const std::string& message) {
  promise(!message.empty(), "an error without a message");
  promise(message.size() < kLongestMessage, "a message of " + std::to_string(message.size()) + " bytes: " + message);
  promise(is_utf8(message), "a message that is not UTF-8: " + message);
  promise(message == one_line(message), "a message that is more than a line, or controls a terminal: " + message);
}

}  // namespace

void promise(bool kept, const std::string& how) {
  if (!kept) throw BrokenPromise(how);
}

bool read_or_explain(std::size_t bytes, const Allowance& allowance, const std::function<void()>& read) {
  const test::MemoryPeak memory;
  bool was_read = true;
  try {
    read();
  } catch (const Error& error) {
    check_message(error.what());
    was_read = false;
  }
  const std::size_t most = allowance.fixed + allowance.a_byte * bytes;
  const std::size_t peak = memory.bytes();
  promise(peak <= most, "reading " + std::to_string(bytes) + " bytes held " + std::to_string(peak) +
                            " bytes of memory, allowed are " + std::to_string(most));
  return was_read;
}

std::string_view as_text(const std::uint8_t* data, std::size_t size) { return {reinterpret_cast<const char*>(data), size}; }

}  // namespace handgrad::fuzz
