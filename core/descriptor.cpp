#include "descriptor.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
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
    case EEXIST:
    case ENOTEMPTY: return "something else is in its place; move that away";
    case EISDIR: return "give the path of a file, not of a folder";
    case ENAMETOOLONG: return "choose a shorter name";
    case EFBIG: return "the file system or a limit of the process (ulimit -f) allows no file of this size";
    default: return "check the path and the device";
  }
}

}  // namespace

int Descriptor::close() {
  if (number_ < 0) return 0;
  const int result = ::close(std::exchange(number_, -1));
  return result == 0 || errno == EINTR ? 0 : errno;  // Linux has closed it even if a signal came
}

void fail_with_reason(const char* what, const fs::path& path, int reason) {
  fail("cannot ", what, " '", path.string(), "': ", std::generic_category().message(reason), "; ", remedy(reason));
}

Descriptor open_descriptor(const fs::path& path, int flags, unsigned mode) {
  return open_descriptor(Descriptor(), path.string(), flags, mode);
}

Descriptor open_descriptor(const Descriptor& folder, const std::string& name, int flags, unsigned mode) {
  int number = -1;
  do {
    number = ::openat(folder.is_open() ? folder.number() : AT_FDCWD, name.c_str(), flags | O_CLOEXEC, mode);
  } while (number < 0 && errno == EINTR);
  return Descriptor(number);
}

int write_all(const Descriptor& file, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file.number(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    if (written == 0) return EIO;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return 0;
}

int sync(const Descriptor& file) {
  while (::fsync(file.number()) != 0) {
    if (errno != EINTR) return errno;
  }
  return 0;
}

ReadableFile open_to_read(const fs::path& path) {
  // Without O_NONBLOCK to open a pipe would wait for somebody who writes to it.
  Descriptor file = open_descriptor(path, O_RDONLY | O_NONBLOCK);
  if (!file.is_open()) fail_with_reason("read", path, errno);
  struct stat status {};
  if (::fstat(file.number(), &status) != 0) fail_with_reason("read", path, errno);
  require(S_ISREG(status.st_mode), "cannot read '", path.string(), "': it is not a file but a folder or device; ",
          "give the path of a file");
  return {std::move(file), static_cast<std::uint64_t>(status.st_size)};
}

void read_exactly(const Descriptor& file, std::span<char> to) {
  while (!to.empty()) {
    const ssize_t got = ::read(file.number(), to.data(), to.size());
    if (got < 0 && errno == EINTR) continue;
    require(got > 0, "reading stopped early: ",
            got < 0 ? std::generic_category().message(errno) : "the file is being changed, or the device fails");
    to = to.subspan(static_cast<std::size_t>(got));
  }
}

}  // namespace handgrad
