#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <exception>
#include <thread>
#include <vector>

namespace handgrad {

/// Threads that do the same to many things, over and over, each to a slice of its own; the caller is one of them. They live as
/// long as the team: waking them takes microseconds, where starting threads takes a hundred. A round allocates nothing.
///
/// One round at a time: not thread-safe.
class WorkerTeam {
 public:
  // NOLINTNEXTLINE(bugprone-throw-keyword-missing): these are places for what others throw
  explicit WorkerTeam(int threads) : errors_(static_cast<std::size_t>(std::max(1, threads))) {
    for (std::size_t w = 1; w < errors_.size(); ++w) workers_.emplace_back([this, w] { work_on(w); });
  }
  ~WorkerTeam() {
    stopping_ = true;
    begin_round();
  }
  WorkerTeam(const WorkerTeam&) = delete;
  WorkerTeam& operator=(const WorkerTeam&) = delete;

  /// Calls work(first, last) for consecutive slices of [0, count), about equally long, and waits for all. Throws what one of
  /// them has thrown, the first in order; the others have been done.
  template <class Work>
  void in_slices(std::int64_t count, const Work& work) {
    if (workers_.empty()) {
      work(std::int64_t{0}, count);
      return;
    }
    work_ = &work;
    call_ = [](const void* what, std::int64_t first, std::int64_t last) { (*static_cast<const Work*>(what))(first, last); };
    count_ = count;
    busy_.store(workers_.size(), std::memory_order_relaxed);
    begin_round();
    do_slice(0);
    for (std::size_t busy = busy_.load(std::memory_order_acquire); busy != 0; busy = busy_.load(std::memory_order_acquire)) {
      busy_.wait(busy, std::memory_order_acquire);
    }
    std::exception_ptr first_error;
    for (std::exception_ptr& error : errors_) {
      if (!first_error) first_error = error;
      error = nullptr;
    }
    if (first_error) std::rethrow_exception(first_error);
  }

 private:
  void begin_round() {
    round_.fetch_add(1, std::memory_order_release);
    round_.notify_all();
  }

  void do_slice(std::size_t w) {
    const auto slices = static_cast<std::int64_t>(errors_.size()), s = static_cast<std::int64_t>(w);
    try {
      call_(work_, s * count_ / slices, (s + 1) * count_ / slices);
    } catch (...) {
      errors_[w] = std::current_exception();
    }
  }

  void work_on(std::size_t w) {
    for (std::uint32_t round = 0;; ++round) {
      round_.wait(round, std::memory_order_acquire);
      if (stopping_) return;
      do_slice(w);
      if (busy_.fetch_sub(1, std::memory_order_acq_rel) == 1) busy_.notify_one();
    }
  }

  const void* work_ = nullptr;
  void (*call_)(const void*, std::int64_t, std::int64_t) = nullptr;
  std::int64_t count_ = 0;
  bool stopping_ = false;                   // read after a round has begun, as what is above
  std::vector<std::exception_ptr> errors_;  // of each thread in this round
  std::atomic<std::uint32_t> round_ = 0;    // rounds begun so far
  std::atomic<std::size_t> busy_ = 0;       // workers that are not done with this one
  std::vector<std::jthread> workers_;       // last, so that they are gone before what they look at
};

}  // namespace handgrad
