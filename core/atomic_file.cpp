#include "atomic_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <optional>
#include <system_error>

#include "error.h"

namespace handgrad {
namespace fs = std::filesystem;
namespace {

const char* remedy(int reason) {
  switch (reason) {
    case ENOSPC:
    case EDQUOT: return "free some space there or choose another place";
    case EACCES:
    case EPERM:
    case EROFS: return "choose a place you have the rights for";
    case ENOENT: return "check the path; folders on the way must exist";
    case ENOTDIR: return "check the path; something on the way is not a folder";
    case EISDIR: return "give the path of a file, not of a folder";
    case ENAMETOOLONG: return "choose a shorter name";
    case EFBIG: return "the file system or a limit of the process (ulimit -f) allows no file of this size";
    default: return "check the path and the device";
  }
}

[[noreturn]] void fail_with_reason(const char* what, const fs::path& path, int reason) {
  fail("cannot ", what, " '", path.string(), "': ", std::generic_category().message(reason), "; ", remedy(reason));
}

/// An open file, closed on the way out.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() { close(); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  int number() const { return number_; }
  /// Some file systems report a failed write only here. Returns 0 or the reason.
  int close() {
    if (number_ < 0) return 0;
    const int result = ::close(number_);
    number_ = -1;
    return result == 0 || errno == EINTR ? 0 : errno;  // Linux has closed it even if a signal came
  }

 private:
  int number_;
};

int open_retrying(const fs::path& path, int flags, mode_t mode = 0) {
  int number = -1;
  do {
    number = ::open(path.c_str(), flags | O_CLOEXEC, mode);
  } while (number < 0 && errno == EINTR);
  return number;
}

/// Returns 0 or the reason.
int write_all(int number, std::string_view content) {
  while (!content.empty()) {
    const ssize_t written = ::write(number, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    if (written == 0) return EIO;
    content.remove_prefix(static_cast<std::size_t>(written));  // Trap: a write may be short; on a full disk it is
  }
  return 0;
}

/// Returns 0 or the reason.
int sync(int number) {
  while (::fsync(number) != 0) {
    if (errno != EINTR) return errno;
  }
  return 0;
}

/// A new, empty file in `folder` that is removed on the way out unless it was renamed.
class TemporaryFile {
 public:
  /// `target` is for messages.
  TemporaryFile(const fs::path& folder, const fs::path& target) : path_(), file_(create(folder, target, path_)) {}
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
  static int create(const fs::path& folder, const fs::path& target, fs::path& path) {
    for (int attempt = 0;; ++attempt) {
      // Not made from the target's name, which may already be as long as a name can be.
      path = folder / text(".handgrad-", ::getpid(), "-", attempt, ".tmp");
      // Trap: O_EXCL makes the name ours alone, whatever other threads and the leavings of a crash are called.
      const int number = open_retrying(path, O_WRONLY | O_CREAT | O_EXCL, 0666);
      if (number >= 0) return number;
      if (errno != EEXIST) fail_with_reason("write", target, errno);
    }
  }

  fs::path path_;
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
  require(!path.empty(), "cannot write a file: its path is empty; give a name");
  const fs::path target = follow_link(path);
  const std::optional<mode_t> permissions = permissions_of(target);
  const fs::path parent = target.parent_path().empty() ? fs::path(".") : target.parent_path();
  // Opened before anything is written: what can fail should fail while the old file is still there.
  Descriptor folder(open_retrying(parent, O_RDONLY | O_DIRECTORY));
  if (folder.number() < 0) fail_with_reason("write", path, errno);

  TemporaryFile temporary(parent, path);
  int reason = write_all(temporary.file().number(), content);
  if (reason == 0 && permissions && ::fchmod(temporary.file().number(), *permissions) != 0) reason = errno;
  // Trap: without this a crash of the machine can leave the new name on an empty file: the rename may reach the disk first.
  if (reason == 0) reason = sync(temporary.file().number());
  if (reason == 0) reason = temporary.file().close();
  if (reason == 0) reason = temporary.rename_to(target);
  if (reason != 0) fail_with_reason("write", path, reason);

  reason = sync(folder.number());
  // EINVAL: this file system has no such thing as syncing a folder.
  if (reason != 0 && reason != EINVAL) fail_with_reason("sync the folder of the new, complete", path, reason);
}

std::string read_file(const fs::path& path) {
  const Descriptor file(open_retrying(path, O_RDONLY));
  if (file.number() < 0) fail_with_reason("read", path, errno);
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
