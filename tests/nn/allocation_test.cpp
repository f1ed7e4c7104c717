// A train step allocates nothing: every way to take memory is counted.
//
// operator new is replaced here; malloc and its family are counted by the linker's --wrap (see tests/CMakeLists.txt), in
// everything that is linked statically: the library, Eigen inside it, and the tests.

#include "tests/support/sanitizer.h"

#if defined(__linux__) && !defined(HANDGRAD_ADDRESS_SANITIZER)  // its own operators find more mistakes than a count does

#include <malloc.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include "envs/registry.h"
#include "rl/dqn_step.h"
#include "rl/tabular.h"
#include "tests/support/allocations.h"
#include "tests/support/arrays.h"
#include "tests/support/catch.h"

namespace {

std::atomic<long> allocations{0};

long since(long before) { return allocations.load() - before; }

void* counted(void* memory) {
  ++allocations;
  return memory;
}

// By operator new.
void* counted_with_size(void* memory) {
  handgrad::test::count_bytes(static_cast<long>(malloc_usable_size(memory)));
  return counted(memory);
}

void* counted_or_throw(void* memory) {
  if (memory == nullptr) throw std::bad_alloc();
  return counted_with_size(memory);
}

// Not inlined, or the compiler sees free() meet what operator new gave.
[[gnu::noinline]] void give_back(void* memory) {
  handgrad::test::count_bytes(-static_cast<long>(malloc_usable_size(memory)));
  std::free(memory);
}

std::size_t rounded_up(std::size_t size, std::size_t alignment) { return (size + alignment - 1) / alignment * alignment; }

}  // namespace

long handgrad::test::allocations_so_far() { return allocations; }

// What follows takes memory by the real functions, so that nothing is counted twice. Where the linker wraps nothing (it was
// not told to), the weak names are null.
extern "C" {
// NOLINTBEGIN(bugprone-reserved-identifier): the linker chooses these names
[[gnu::weak]] void* __real_malloc(std::size_t);
[[gnu::weak]] void* __real_calloc(std::size_t, std::size_t);
[[gnu::weak]] void* __real_realloc(void*, std::size_t);
[[gnu::weak]] void* __real_aligned_alloc(std::size_t, std::size_t);
[[gnu::weak]] int __real_posix_memalign(void**, std::size_t, std::size_t);

void* __wrap_malloc(std::size_t size) { return counted(__real_malloc(size)); }
void* __wrap_calloc(std::size_t count, std::size_t size) { return counted(__real_calloc(count, size)); }
void* __wrap_realloc(void* memory, std::size_t size) { return counted(__real_realloc(memory, size)); }
void* __wrap_aligned_alloc(std::size_t alignment, std::size_t size) { return counted(__real_aligned_alloc(alignment, size)); }
int __wrap_posix_memalign(void** memory, std::size_t alignment, std::size_t size) {
  ++allocations;
  return __real_posix_memalign(memory, alignment, size);
}
// NOLINTEND(bugprone-reserved-identifier)
}

void* operator new(std::size_t size) { return counted_or_throw(std::malloc(size)); }
void* operator new[](std::size_t size) { return counted_or_throw(std::malloc(size)); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return counted_with_size(std::malloc(size)); }
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept { return counted_with_size(std::malloc(size)); }
void* operator new(std::size_t size, std::align_val_t alignment) {
  return counted_or_throw(
      std::aligned_alloc(static_cast<std::size_t>(alignment), rounded_up(size, static_cast<std::size_t>(alignment))));
}
void* operator new[](std::size_t size, std::align_val_t alignment) { return operator new(size, alignment); }
void* operator new(std::size_t size, std::align_val_t alignment, const std::nothrow_t&) noexcept {
  return counted_with_size(
      std::aligned_alloc(static_cast<std::size_t>(alignment), rounded_up(size, static_cast<std::size_t>(alignment))));
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { give_back(memory); }
[[gnu::noinline]] void operator delete[](void* memory) noexcept { give_back(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { give_back(memory); }
[[gnu::noinline]] void operator delete[](void* memory, std::size_t) noexcept { give_back(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::align_val_t) noexcept { give_back(memory); }
[[gnu::noinline]] void operator delete[](void* memory, std::align_val_t) noexcept { give_back(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { give_back(memory); }
[[gnu::noinline]] void operator delete[](void* memory, std::size_t, std::align_val_t) noexcept { give_back(memory); }

using namespace handgrad;

TEST_CASE("The count of allocations sees every way to take memory") {
  const auto counts = [](const auto& take) {
    const long before = allocations;
    void* volatile memory = take();
    std::free(memory);
    return since(before) > 0;
  };
  CHECK(counts([] { return std::malloc(10); }));
  CHECK(counts([] { return std::calloc(10, 1); }));
  CHECK(counts([] { return std::realloc(nullptr, 10); }));
  CHECK(counts([] { return std::aligned_alloc(64, 64); }));
  CHECK(counts([] {
    void* memory = nullptr;
    return posix_memalign(&memory, 64, 10) == 0 ? memory : nullptr;
  }));
  CHECK(counts([] { return operator new(10); }));
  CHECK(counts([] { return operator new (10, std::align_val_t{64}); }));
}

TEST_CASE("The most memory at one time is seen, whatever is given back later") {
  const test::MemoryPeak memory;
  for (int k = 0; k < 3; ++k) {
    void* volatile block = operator new(100'000);
    operator delete(block);
  }
  CHECK(memory.bytes() >= 100'000);
  CHECK(memory.bytes() < 200'000);
}

TEST_CASE("A train step allocates nothing after the first") {
  const auto name = GENERATE(as<std::string>{}, "reference", default_backend());
  const auto hidden =
      GENERATE(std::vector<std::int64_t>{8, 8}, std::vector<std::int64_t>{128, 128}, std::vector<std::int64_t>{512, 512});
  const std::int64_t B = hidden[0] == 8 ? 16 : hidden[0];
  constexpr std::int64_t D = 4, A = 2;
  const auto backend = make_backend(name);
  DqnConfig config;
  config.hidden = hidden;
  config.batch_size = B;
  config.double_q = hidden[0] == 8;
  config.loss_over = hidden[0] == 128 ? LossOver::all : LossOver::taken;
  config.clipping = {Clipping::Kind::norm, 1.0};
  config.target.kind = TargetUpdate::Kind::soft;
  config.optimizer.weight_decay = 0.01;
  Generator random(13);
  DqnStep step(*backend, config, D, A, B, random);
  const auto x = on(*backend, random_reals(B * D, random)), next = on(*backend, random_reals(B * D, random));
  const auto reward = on(*backend, random_reals(B, random)), discount = on(*backend, random_reals(B, random, 0, 1));
  const Buffer<std::int32_t> action(*backend, B);
  const ReplayBatch batch{x.matrix(B, D), action.span(), reward.span(), discount.span(), next.matrix(B, D)};
  step.run(batch);

  const long before = allocations;
  for (int k = 0; k < (name == "reference" && B == 512 ? 1 : 3); ++k) {
    step.run(batch);
    step.follow();
  }
  const long taken = since(before);
  INFO(name << ", hidden " << hidden[0]);
  CHECK(taken == 0);
}

TEST_CASE("A step of a table allocates nothing, whatever the method and the features") {
  const auto features = GENERATE(FeatureSpec::Kind::bins, FeatureSpec::Kind::tiles);
  const StateEncoder encoder({features, {4, 4, 4, 4}, {-2, -2, -0.2, -2}, {2, 2, 0.2, 2}, 4},
                             Box{std::vector<float>(4, -1), std::vector<float>(4, 1)});
  const Registry registry = Registry::gymnasium();
  for (const TabularMethod method : all_tabular_methods()) {
    TabularConfig config;
    config.method = method;
    SyncVectorEnvironment environments([&] { return registry.make("CartPole-v1"); }, 2, AutoresetMode::same_step);
    Tabular learner(config, encoder, 2, 2, 1);
    learner.start(environments.reset(1));
    std::vector<std::int32_t> actions(2);
    Progress progress;
    const long before = allocations;
    for (int k = 0; k < 500; ++k) {
      learner.act({}, progress, actions);
      const VectorStep step = environments.step(actions);
      progress.env_steps += 2;
      learner.observe(actions, step, progress);
    }
    const long taken = since(before);
    INFO(to_string(method));
    CHECK(taken == 0);
  }
}

#endif
