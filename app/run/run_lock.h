#pragma once

#include <filesystem>

namespace handgrad::app {

/// Held while a program writes into a run folder, so that no second one does. It leaves nothing behind and ends with the
/// process, however that ends. (On a file system that knows no locks nobody is kept out.)
class RunLock {
 public:
  /// Throws Error if another program has it, or there is no such folder.
  explicit RunLock(const std::filesystem::path& folder);
  RunLock(RunLock&& other) noexcept;
  RunLock& operator=(RunLock&&) = delete;
  ~RunLock();

 private:
  int descriptor_;
};

}  // namespace handgrad::app
