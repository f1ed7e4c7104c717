#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <utility>

/// Files and folders by POSIX's calls: what atomic_file.cpp, safetensors_file.cpp and checkpoint.cpp share. Functions that
/// return int return 0 or the system's reason (errno).
namespace handgrad {

/// An open file or folder, closed on the way out. Negative where there is none.
class Descriptor {
 public:
  explicit Descriptor(int number = -1) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  ~Descriptor() { close(); }
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }

  int number() const { return number_; }
  bool is_open() const { return number_ >= 0; }
  /// Some file systems report a failed write only here.
  int close();

 private:
  int number_;
};

/// Throws Error: "cannot <what> '<path>': <reason>; <what to do>".
[[noreturn]] void fail_with_reason(const char* what, const std::filesystem::path& path, int reason);

/// open(2), again after a signal; errno says why it is not open. Nothing that the program starts inherits it.
Descriptor open_descriptor(const std::filesystem::path& path, int flags, unsigned mode = 0);
/// The same in an open folder, wherever that has been moved to.
Descriptor open_descriptor(const Descriptor& folder, const std::string& name, int flags, unsigned mode = 0);

/// To write at its end. A write may be short, on a full disk it is: this one goes on until there is a reason.
int write_all(const Descriptor& file, std::string_view bytes);
/// fsync(2): to the disk, with what the file system knows of it.
int sync(const Descriptor& file);

/// A regular file that is open for reading, and its size.
struct ReadableFile {
  Descriptor file;
  std::uint64_t bytes = 0;
};
/// Throws Error naming the file and the reason. Folders, devices and pipes are refused: they have no size, and may never end.
ReadableFile open_to_read(const std::filesystem::path& path);
/// Reads as many bytes as `to` has. Throws Error, without the file's name, if it cannot.
void read_exactly(const Descriptor& file, std::span<char> to);

}  // namespace handgrad
