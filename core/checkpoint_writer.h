#pragma once

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

#include "checkpoint.h"

namespace handgrad {

/// Writes checkpoints on a thread of its own, so that nobody has to wait for a disk; one at a time. For one thread to use.
class CheckpointWriter {
 public:
  /// See write_checkpoint.
  CheckpointWriter(std::filesystem::path parent, int keep);
  /// Waits for what is being written. Only finish() tells whether that works.
  ~CheckpointWriter();
  CheckpointWriter(const CheckpointWriter&) = delete;
  CheckpointWriter& operator=(const CheckpointWriter&) = delete;

  /// Whether one is still being written. Cheap.
  bool busy() const;

  /// Begins to write one; waits first for the one before. `before` is run first, on that thread: it writes, or syncs to disk
  /// (sync_file), what the checkpoint relies on, such as tables that grow with the run; if it throws, there is no checkpoint.
  /// Throws what went wrong with the one before, once, and then has not begun.
  void write(std::int64_t number, Checkpoint checkpoint, std::function<void()> before = {});

  /// Waits. Throws what went wrong, once.
  void finish();

  /// Of the last one that was written; zeros before the first.
  CheckpointCost cost() const;
  double seconds_to_write() const { return cost().seconds_to_write; }

 private:
  struct Task {
    std::int64_t number;
    Checkpoint checkpoint;
    std::function<void()> before;
  };
  void work();

  std::filesystem::path parent_;
  int keep_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<Task> task_;
  std::exception_ptr problem_;
  CheckpointCost cost_;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace handgrad
