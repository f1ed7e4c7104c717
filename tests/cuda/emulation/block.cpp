#include "tests/cuda/emulation/block.h"

#include <algorithm>
#include <cstring>
#include <numeric>
#include <span>
#include <utility>

#include "tests/cuda/emulation/emulated_thread.h"
#include "tests/cuda/emulation/fiber.h"

namespace handgrad::cuda {
namespace {

const char* name_of(Block::Wait what) {
  constexpr const char* kNames[] = {"runs",
                                    "waits at sync()",
                                    "waits at sync_warp()",
                                    "waits at shuffle_down()",
                                    "waits at shuffle_xor()",
                                    "waits at shuffle()",
                                    "has ended"};
  return kNames[static_cast<int>(what)];
}

/// Fibers that no thread has at the moment, for whatever device is next to need one: their stacks are costly to map.
std::vector<std::unique_ptr<Fiber>>& free_fibers() {
  static thread_local std::vector<std::unique_ptr<Fiber>> fibers;
  return fibers;
}

bool waits_for_warp(Block::Wait what) { return what >= Block::Wait::sync_warp && what <= Block::Wait::shuffle; }

/// The lane whose value a lane gets.
int source_lane(Block::Wait what, int lane, int argument) {
  switch (what) {
    case Block::Wait::shuffle_down: return lane + argument < kWarp ? lane + argument : lane;
    case Block::Wait::shuffle_xor: return lane ^ argument;
    case Block::Wait::shuffle: return argument;
    default: return lane;
  }
}

}  // namespace

struct Block::Thread {
  Block* owner;
  int index;
  Wait waits = Wait::end;
  std::unique_ptr<Fiber> fiber;  // once it has begun
  std::uint64_t value = 0;       // what it gives to an exchange, then what it gets
  int argument = 0;
  std::array<int, 2> barriers{};  // of each kind, that it has come to
};

Block::Block(std::uint64_t seed, Order order, std::optional<LeftOut> left_out)
    : random_(seed), order_(order), left_out_(left_out) {}
Block::~Block() { abandon(); }

template <class T>
void Block::put_in_order(std::vector<T>& items) {
  if (order_ == Order::backward) std::ranges::reverse(items);
  if (order_ != Order::shuffled) return;
  for (std::size_t i = items.size(); i > 1; --i) {  // Fisher and Yates (1938)
    std::swap(items[i - 1], items[static_cast<std::size_t>(random_.integers(0, static_cast<std::int64_t>(i)))]);
  }
}

std::vector<std::int64_t> Block::in_order(std::int64_t size) {
  std::vector<std::int64_t> numbers(static_cast<std::size_t>(size));
  std::iota(numbers.begin(), numbers.end(), 0);
  put_in_order(numbers);
  return numbers;
}

void Block::begin(const Launch& launch) {
  launch_ = &launch;
  barriers_of_kernel_ = &barriers_[launch.kernel];
  leaves_out_ = left_out_ && left_out_->kernel == launch.kernel;
  abandon();
  threads_.clear();
  for (int i = 0; i < grid().threads; ++i) threads_.push_back({.owner = this, .index = i});
  if (!shared_ || shared_->bytes() != grid().shared_bytes) shared_ = std::make_unique<FencedMemory>(grid().shared_bytes, 16);
}

/// Threads that wait are forgotten.
void Block::abandon() {
  for (Thread& thread : threads_) {
    if (thread.fiber) free_fibers().push_back(std::move(thread.fiber));
  }
}

void Block::run_thread(void* thread) {
  auto& self = *static_cast<Thread*>(thread);
  try {
    EmulatedThread emulated(*self.owner, self.index);
    self.owner->launch_->run(self.owner->launch_->arguments, emulated);
  } catch (...) {
    self.owner->thrown_ = std::current_exception();
  }
  self.waits = Wait::end;
}

/// Lets a thread go on until it waits for others or ends. Threads have a fiber from their beginning to their end: those that
/// never wait take turns on one whose stack is in the cache.
void Block::resume(Thread& thread) {
  std::vector<std::unique_ptr<Fiber>>& free = free_fibers();
  if (!thread.fiber) {
    if (free.empty()) free.push_back(std::make_unique<Fiber>());
    thread.fiber = std::move(free.back());
    free.pop_back();
    thread.fiber->start(&run_thread, &thread);
  }
  thread.fiber->resume();
  if (thread.waits == Wait::end) free.push_back(std::move(thread.fiber));
  if (thrown_) std::rethrow_exception(std::exchange(thrown_, nullptr));
}

void Block::run(std::int64_t block, std::int64_t agent) {
  block_ = block;
  agent_ = agent;
  std::memset(shared_->begin(), 0xFF, shared_->bytes());  // NaN
  abandon();
  for (Thread& thread : threads_) {
    thread.waits = Wait::nothing;
    thread.barriers = {};
  }
  const int threads = grid().threads;
  const auto all = [&](Wait what) { return std::ranges::all_of(threads_, [&](const Thread& t) { return t.waits == what; }); };
  for (;;) {
    // Up to the next barrier, either all warps go on side by side or one of them after the other: a mistake may show in only
    // one of the two.
    if (order_ == Order::shuffled && random_.integers(0, 2) == 0) {
      for (const std::int64_t warp : in_order(blocks_for(threads, kWarp))) {
        const int first = static_cast<int>(warp) * kWarp;
        advance(first, std::min(first + kWarp, threads));
      }
    } else {
      advance(0, threads);
    }
    if (all(Wait::end)) break;
    if (!all(Wait::sync)) fail_stuck();
    for (Thread& thread : threads_) thread.waits = Wait::nothing;
  }
  if (const std::string damage = shared_->damage(); !damage.empty()) {
    const std::size_t bytes = shared_->bytes();
    shared_ = std::make_unique<FencedMemory>(bytes, 16);
    fail(where(), damage, " of its ", bytes, " bytes of shared memory");
  }
}

/// Runs those threads until each of them has ended, or waits for somebody who cannot come before the others went on.
void Block::advance(int begin, int end) {
  for (bool go_on = true; go_on;) {
    turn_.clear();
    for (int i = begin; i < end; ++i) {
      if (threads_[static_cast<std::size_t>(i)].waits == Wait::nothing) turn_.push_back(i);
    }
    put_in_order(turn_);
    for (const int i : turn_) resume(threads_[static_cast<std::size_t>(i)]);
    go_on = false;
    for (int first = begin; first + kWarp <= end; first += kWarp) go_on |= release_warp(first);
  }
}

bool Block::release_warp(int first) {
  const auto lanes = std::span(threads_).subspan(static_cast<std::size_t>(first), kWarp);
  const Wait what = lanes[0].waits;
  if (!waits_for_warp(what)) return false;
  if (!std::ranges::all_of(lanes, [&](const Thread& lane) { return lane.waits == what; })) return false;
  std::uint64_t values[kWarp];
  for (int i = 0; i < kWarp; ++i) values[i] = lanes[static_cast<std::size_t>(i)].value;
  for (int i = 0; i < kWarp; ++i) {
    Thread& lane = lanes[static_cast<std::size_t>(i)];
    lane.value = values[source_lane(what, i, lane.argument)];
    lane.waits = Wait::nothing;
  }
  return true;
}

bool Block::leaves_out(Thread& thread, Barrier barrier) {
  const auto kind = static_cast<std::size_t>(barrier);
  const int which = thread.barriers[kind]++;
  int& most = (*barriers_of_kernel_)[kind];
  most = std::max(most, which + 1);
  return leaves_out_ && left_out_->barrier == barrier && left_out_->which == which;
}

void Block::sync(int index) {
  Thread& thread = threads_[static_cast<std::size_t>(index)];
  if (leaves_out(thread, Barrier::sync)) return;
  thread.waits = Wait::sync;
  thread.fiber->stop();
}

void Block::sync_warp(int index) {
  if (!leaves_out(threads_[static_cast<std::size_t>(index)], Barrier::sync_warp)) exchange(index, Wait::sync_warp, 0, 0);
}

std::uint64_t Block::exchange(int index, Wait what, std::uint64_t value, int argument) {
  const int first = index / kWarp * kWarp;
  if (first + kWarp > grid().threads)
    fail(where(), "thread ", index, " ", name_of(what), " for ", kWarp, " threads, but the block has only ", grid().threads,
         " threads, ", grid().threads - first, " of them in this warp");
  if (argument < 0 || argument >= kWarp)
    fail(where(), "thread ", index, " ", name_of(what), " with ", argument, ", expected 0 to ", kWarp - 1);
  Thread& thread = threads_[static_cast<std::size_t>(index)];
  thread.value = value;
  thread.argument = argument;
  thread.waits = what;
  thread.fiber->stop();
  return thread.value;
}

std::byte* Block::shared(std::size_t byte, std::size_t alignment) const {
  if (byte > shared_->bytes())
    fail(where(), "uses shared memory from byte ", byte, " on, but was launched with ", shared_->bytes(), " bytes of it");
  if (byte % alignment != 0)
    fail(where(), "uses shared memory from byte ", byte, " on as a type that is aligned to ", alignment, " bytes");
  return shared_->begin() + byte;
}

std::string Block::where() const {
  const std::string which = grid().agents == 1 ? "" : text(" of agent ", agent_);
  return text("kernel ", launch_->kernel, ", block ", block_, which, ": ");
}

void Block::fail_stuck() const {
  // Who waits for a warp cannot be helped by others; if nobody does, the block's barrier is the problem.
  auto waiting = std::ranges::find_if(threads_, waits_for_warp, &Thread::waits);
  const bool warp = waiting != threads_.end();
  if (!warp) waiting = std::ranges::find(threads_, Wait::sync, &Thread::waits);
  const auto absent = std::ranges::find_if(threads_, [&](const Thread& thread) {
    return thread.waits != waiting->waits && (!warp || thread.index / kWarp == waiting->index / kWarp);
  });
  fail(where(), "thread ", waiting->index, " ", name_of(waiting->waits), ", where all threads of the ",
       warp ? "warp" : "block", " have to come, but thread ", absent->index, " ", name_of(absent->waits));
}

}  // namespace handgrad::cuda
