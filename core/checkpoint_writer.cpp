#include "checkpoint_writer.h"

#include <utility>

namespace handgrad {

CheckpointWriter::CheckpointWriter(std::filesystem::path parent, int keep)
    : parent_(std::move(parent)), keep_(keep), thread_([this] { work(); }) {}

CheckpointWriter::~CheckpointWriter() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

bool CheckpointWriter::busy() const {
  const std::lock_guard lock(mutex_);
  return task_.has_value();
}

void CheckpointWriter::write(std::int64_t number, Checkpoint checkpoint, std::function<void()> before) {
  finish();
  {
    const std::lock_guard lock(mutex_);
    task_ = {number, std::move(checkpoint), std::move(before)};
  }
  changed_.notify_all();
}

void CheckpointWriter::finish() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return !task_; });
  if (problem_) std::rethrow_exception(std::exchange(problem_, nullptr));
}

CheckpointCost CheckpointWriter::cost() const {
  const std::lock_guard lock(mutex_);
  return cost_;
}

void CheckpointWriter::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return task_ || stop_; });
    if (!task_) return;
    // What is left in task_ is empty, and says that somebody is busy.
    const Task task = std::move(*task_);
    CheckpointCost cost = cost_;
    std::exception_ptr problem;
    lock.unlock();
    try {
      if (task.before) task.before();
      cost = write_checkpoint(parent_, task.number, task.checkpoint, keep_);
    } catch (...) {
      problem = std::current_exception();
    }
    lock.lock();
    task_.reset();
    problem_ = problem;
    cost_ = cost;
    changed_.notify_all();
  }
}

}  // namespace handgrad
