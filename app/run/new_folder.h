#pragma once

#include <filesystem>
#include <vector>

namespace handgrad::app {

/// A folder that is being filled: gone again with everything in it, and with the parents that had to be made for it, unless
/// keep() says that it is good. So a run that cannot start leaves nothing behind.
class NewFolder {
 public:
  /// Exactly this one. Throws UsageError if anything of that name exists, Error if it cannot be made.
  static NewFolder exactly(const std::filesystem::path& path);
  /// This one, or with -2, -3 … appended, the first that does not exist. Two programs never get the same one.
  static NewFolder numbered(const std::filesystem::path& path);

  NewFolder(NewFolder&& other) noexcept;
  NewFolder& operator=(NewFolder&&) = delete;
  ~NewFolder();

  const std::filesystem::path& path() const { return path_; }
  void keep() { kept_ = true; }

 private:
  NewFolder() = default;
  void make_parents(const std::filesystem::path& path);
  bool make(const std::filesystem::path& path);  // false if the name is taken

  std::filesystem::path path_;
  std::vector<std::filesystem::path> made_parents_;  // outermost first
  bool kept_ = false;
};

}  // namespace handgrad::app
