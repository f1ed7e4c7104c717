#include "tests/cuda/emulation/fiber.h"

#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>

#include "core/error.h"
#include "tests/support/sanitizer.h"

#if defined(HANDGRAD_ADDRESS_SANITIZER)
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif

#if defined(__x86_64__) && defined(__ELF__)

// handgrad_switch_stack(from, to) keeps what a function has to preserve on the stack that is left, and where that stack ends in
// *from; then it does the reverse with `to`. The registers of floating-point modes are left alone. It stands for swapcontext of
// the C library, which asks the kernel for the mask of signals each time and takes over ten times as long.
asm(R"(
.text
.local handgrad_switch_stack
.type handgrad_switch_stack, @function
handgrad_switch_stack:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
.size handgrad_switch_stack, .-handgrad_switch_stack
.local handgrad_first_on_stack
.type handgrad_first_on_stack, @function
handgrad_first_on_stack:
  movq %r12, %rdi
  call *%r13
  ud2
.size handgrad_first_on_stack, .-handgrad_first_on_stack
)");

extern "C" void handgrad_switch_stack(void** from, void* to);
extern "C" void handgrad_first_on_stack();

namespace handgrad::cuda {
namespace {

void switch_stack(void** from, void* to) { handgrad_switch_stack(from, to); }

/// A stack that goes on with function(argument).
void* new_stack(std::span<std::byte> stack, void (*function)(void*), void* argument) {
  auto top = reinterpret_cast<std::uintptr_t>(stack.data() + stack.size()) / 16 * 16;
  auto* words = reinterpret_cast<std::uintptr_t*>(top);  // NOLINT(performance-no-int-to-ptr): an address was rounded
  *--words = 0;                                          // so that the stack is aligned to 16 bytes after the return below
  *--words = 0;
  *--words = reinterpret_cast<std::uintptr_t>(&handgrad_first_on_stack);
  *--words = 0;                                           // rbp
  *--words = 0;                                           // rbx
  *--words = reinterpret_cast<std::uintptr_t>(argument);  // r12
  *--words = reinterpret_cast<std::uintptr_t>(function);  // r13
  *--words = 0;                                           // r14
  *--words = 0;                                           // r15
  return words;
}

}  // namespace
}  // namespace handgrad::cuda

#else

#include <ucontext.h>

#include <new>

namespace handgrad::cuda {
namespace {

void switch_stack(void** from, void* to) {
  ucontext_t here;
  *from = &here;
  swapcontext(&here, static_cast<ucontext_t*>(to));
}

struct Start {
  ucontext_t context;
  void (*function)(void*);
  void* argument;
};

/// Arguments of makecontext's function are ints: an address goes in two halves.
void begin(unsigned high, unsigned low) {
  const auto* start = reinterpret_cast<Start*>((std::uintptr_t{high} << 16 << 16) | low);
  start->function(start->argument);
}

void* new_stack(std::span<std::byte> stack, void (*function)(void*), void* argument) {
  const auto end = reinterpret_cast<std::uintptr_t>(stack.data() + stack.size());
  auto* start = new (reinterpret_cast<void*>((end - sizeof(Start)) / 64 * 64)) Start{{}, function, argument};
  getcontext(&start->context);
  start->context.uc_stack.ss_sp = stack.data();
  start->context.uc_stack.ss_size = static_cast<std::size_t>(reinterpret_cast<std::byte*>(start) - stack.data());
  start->context.uc_link = nullptr;
  const auto address = reinterpret_cast<std::uintptr_t>(start);
  makecontext(&start->context, reinterpret_cast<void (*)()>(&begin), 2, static_cast<unsigned>(address >> 16 >> 16),
              static_cast<unsigned>(address));
  return &start->context;
}

}  // namespace
}  // namespace handgrad::cuda

#endif

namespace handgrad::cuda {
namespace {

constexpr std::size_t kStackBytes = 128 * 1024;

std::size_t page_size() { return static_cast<std::size_t>(sysconf(_SC_PAGESIZE)); }

/// Stacks end at different places of a page: else the same variable of all threads would compete for the same few lines of the
/// cache.
std::size_t next_colour() {
  static std::atomic<std::size_t> made{0};
  return made++ % 61 * 64;
}

}  // namespace

Fiber::Fiber() {
  void* mapping = mmap(nullptr, page_size() + kStackBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  require(mapping != MAP_FAILED, "out of memory: no stack for another fiber");
  mapping_ = static_cast<std::byte*>(mapping);
  require(mprotect(mapping_, page_size(), PROT_NONE) == 0, "a page cannot be made unreadable");
  stack_ = {mapping_ + page_size(), kStackBytes - next_colour()};
}

Fiber::~Fiber() {
  unpoison();
  munmap(mapping_, page_size() + kStackBytes);
}

/// A function that was forgotten leaves behind what the address sanitizer knows of its variables.
void Fiber::unpoison() {
#if defined(HANDGRAD_ADDRESS_SANITIZER)
  ASAN_UNPOISON_MEMORY_REGION(stack_.data(), stack_.size());
#endif
}

void enter_fiber(void* fiber) { Fiber::enter(static_cast<Fiber*>(fiber)); }

void Fiber::start(void (*run)(void*), void* argument) {
  unpoison();
  run_ = run;
  argument_ = argument;
  ended_ = false;
  own_fake_stack_ = nullptr;
  own_ = new_stack(stack_, &enter_fiber, this);
}

void Fiber::enter(Fiber* fiber) {
#if defined(HANDGRAD_ADDRESS_SANITIZER)
  __sanitizer_finish_switch_fiber(nullptr, &fiber->resumer_stack_, &fiber->resumer_stack_bytes_);
#endif
  fiber->run_(fiber->argument_);
  fiber->ended_ = true;
#if defined(HANDGRAD_ADDRESS_SANITIZER)
  __sanitizer_start_switch_fiber(nullptr, fiber->resumer_stack_, fiber->resumer_stack_bytes_);
#endif
  switch_stack(&fiber->own_, fiber->resumer_);
  std::abort();  // nobody resumes what has ended
}

void Fiber::resume() {
#if defined(HANDGRAD_ADDRESS_SANITIZER)
  void* fake_stack = nullptr;
  __sanitizer_start_switch_fiber(&fake_stack, stack_.data(), stack_.size());
#endif
  switch_stack(&resumer_, own_);
#if defined(HANDGRAD_ADDRESS_SANITIZER)
  __sanitizer_finish_switch_fiber(fake_stack, nullptr, nullptr);
#endif
}

void Fiber::stop() {
#if defined(HANDGRAD_ADDRESS_SANITIZER)
  __sanitizer_start_switch_fiber(&own_fake_stack_, resumer_stack_, resumer_stack_bytes_);
#endif
  switch_stack(&own_, resumer_);
#if defined(HANDGRAD_ADDRESS_SANITIZER)
  __sanitizer_finish_switch_fiber(own_fake_stack_, &resumer_stack_, &resumer_stack_bytes_);
#endif
}

}  // namespace handgrad::cuda
