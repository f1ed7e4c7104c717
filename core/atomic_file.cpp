#include "atomic_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <optional>
#include <system_error>

#include "descriptor.h"
#include "error.h"

namespace handgrad {
namespace fs = std::filesystem;
namespace {

/// A new, empty file in `folder` that is removed on the way out unless it was renamed.
class TemporaryFile {
 public:
  /// `target` is for messages.
  TemporaryFile(const fs::path& folder, const fs::path& target) : file_(create(folder, target, path_)) {}
  ~TemporaryFile() {
    if (!renamed_) ::unlink(path_.c_str());
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  Descriptor& file() { return file_; }
  /// Returns 0 or the reason.
  int rename_to(const fs::path& target) {
    if (::rename(path_.c_str(), target.c_str()) != 0) return errno;
    renamed_ = true;
    return 0;
  }

 private:
  static Descriptor create(const fs::path& folder, const fs::path& target, fs::path& path) {
    for (int attempt = 0;; ++attempt) {
      // Not made from the target's name, which may already be as long as a name can be.
      path = folder / text(".handgrad-", ::getpid(), "-", attempt, ".tmp");
      // Trap: O_EXCL makes the name ours alone, whatever other threads and the leavings of a crash are called.
      Descriptor file = open_descriptor(path, O_WRONLY | O_CREAT | O_EXCL, 0666);
      if (file.is_open()) return file;
      if (errno != EEXIST) fail_with_reason("write", target, errno);
    }
  }

  fs::path path_ = {};  // before file_, whose making sets it
  Descriptor file_;
  bool renamed_ = false;
};

/// Where the bytes go in the end: `path`, or what it links to.
fs::path follow_link(const fs::path& path) {
  std::error_code problem;
  if (!fs::is_symlink(path, problem)) return path;
  const fs::path target = fs::weakly_canonical(path, problem);
  if (problem) fail_with_reason("write", path, problem.value());
  return target;
}

fs::path folder_of(const fs::path& file) { return file.has_parent_path() ? file.parent_path() : fs::path("."); }

/// The permissions of the file at `path`, none if there is no file yet. Throws Error if it is something else than a file.
std::optional<mode_t> permissions_of(const fs::path& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) {
    if (errno == ENOENT) return {};
    fail_with_reason("write", path, errno);
  }
  if (S_ISDIR(status.st_mode)) fail_with_reason("write", path, EISDIR);
  require(S_ISREG(status.st_mode), "cannot write '", path.string(), "': it is a device, pipe or socket, and replacing it ",
          "would destroy it; give the path of a file");
  return status.st_mode & 07777;
}

}  // namespace

void write_file_atomically(const fs::path& path, std::string_view content) {
  write_file_atomically(path, std::span(&content, 1));
}

void write_file_atomically(const fs::path& path, std::span<const std::string_view> pieces) {
  require(!path.empty(), "cannot write a file: its path is empty; give a name");
  const fs::path target = follow_link(path);
  const std::optional<mode_t> permissions = permissions_of(target);
  const fs::path parent = folder_of(target);
  // Opened before anything is written: what can fail should fail while the old file is still there.
  const Descriptor folder = open_descriptor(parent, O_RDONLY | O_DIRECTORY);
  if (!folder.is_open()) fail_with_reason("write", path, errno);

  TemporaryFile temporary(parent, path);
  int reason = 0;
  for (std::size_t i = 0; i < pieces.size() && reason == 0; ++i) reason = write_all(temporary.file(), pieces[i]);
  if (reason == 0 && permissions && ::fchmod(temporary.file().number(), *permissions) != 0) reason = errno;
  // Trap: without this a crash of the machine can leave the new name on an empty file: the rename may reach the disk first.
  if (reason == 0) reason = sync(temporary.file());
  if (reason == 0) reason = temporary.file().close();
  if (reason == 0) reason = temporary.rename_to(target);
  if (reason != 0) fail_with_reason("write", path, reason);

  reason = sync(folder);
  // EINVAL: this file system has no such thing as syncing a folder.
  if (reason != 0 && reason != EINVAL) fail_with_reason("sync the folder of the new, complete", path, reason);
}

void sync_file(const fs::path& path) {
  const auto sync_one = [&](const fs::path& what, int flags) {
    const Descriptor file = open_descriptor(what, flags);
    const int reason = file.is_open() ? sync(file) : errno;
    if (reason != 0 && reason != EINVAL) fail_with_reason("sync to disk", path, reason);
  };
  sync_one(path, O_RDONLY);
  sync_one(folder_of(path), O_RDONLY | O_DIRECTORY);  // a new file is known to its folder alone
}

std::string read_file(const fs::path& path) {
  const Descriptor file = open_descriptor(path, O_RDONLY);
  if (!file.is_open()) fail_with_reason("read", path, errno);
  std::string content;
  std::array<char, 65536> block;
  for (;;) {
    const ssize_t got = ::read(file.number(), block.data(), block.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail_with_reason("read", path, errno);
    if (got == 0) return content;
    content.append(block.data(), static_cast<std::size_t>(got));
  }
}

}  // namespace handgrad
