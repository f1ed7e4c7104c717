#pragma once

#include <cstddef>
#include <span>

namespace handgrad::cuda {

/// A function that stops in the middle and goes on later, on a stack of its own: what the threads of a block are here. It runs
/// on the thread that resumes it and under that thread's floating-point mode, and must neither throw nor change that mode.
class Fiber {
 public:
  Fiber();
  ~Fiber();
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;

  /// Gets ready to call run(argument), whatever it did before: a function that stopped in the middle is forgotten, and nothing
  /// on its stack is destroyed.
  void start(void (*run)(void*), void* argument);
  /// Runs until the function stops or returns. To be called after start() and until ended().
  void resume();
  /// Called by the function: back to who resumed it.
  void stop();
  bool ended() const { return ended_; }

 private:
  [[noreturn]] static void enter(Fiber* fiber);
  friend void enter_fiber(void* fiber);
  void unpoison();

  std::byte* mapping_;  // a page that cannot be used, for whoever needs more stack than there is; then the stack
  std::span<std::byte> stack_;
  void (*run_)(void*) = nullptr;
  void* argument_ = nullptr;
  bool ended_ = true;
  void* own_ = nullptr;      // where it goes on
  void* resumer_ = nullptr;  // where who resumed it goes on
  // What the address sanitizer has to know about stacks that change.
  void* own_fake_stack_ = nullptr;
  const void* resumer_stack_ = nullptr;
  std::size_t resumer_stack_bytes_ = 0;
};

}  // namespace handgrad::cuda
