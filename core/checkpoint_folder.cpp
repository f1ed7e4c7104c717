#include "checkpoint_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <utility>

#include "error.h"

namespace handgrad {
namespace fs = std::filesystem;
namespace {

/// Opened anew for what must not fail later, such as to sync it. Throws Error.
Descriptor open_folder(const fs::path& path) {
  Descriptor folder = open_descriptor(path, O_RDONLY | O_DIRECTORY);
  if (!folder.is_open()) fail_with_reason("write checkpoints to", path, errno);
  return folder;
}

void sync_folder(const Descriptor& folder, const fs::path& path) {
  const int reason = sync(folder);
  // EINVAL: this file system has no such thing as syncing a folder.
  if (reason != 0 && reason != EINVAL) fail_with_reason("sync the folder", path, reason);
}

fs::path parent_of(const fs::path& path) {
  const fs::path plain = path.has_filename() ? path : path.parent_path();  // without a slash at its end
  return plain.parent_path().empty() ? fs::path(".") : plain.parent_path();
}

}  // namespace

std::string checkpoint_name(std::int64_t number) { return text(kCheckpoint, number); }

std::string hidden_checkpoint_name(std::int64_t number, std::string_view suffix) {
  return text(".", checkpoint_name(number), suffix);
}

std::optional<std::int64_t> checkpoint_number(std::string_view name, std::string_view suffix) {
  const std::string prefix = suffix.empty() ? std::string(kCheckpoint) : text(".", kCheckpoint);
  if (!name.starts_with(prefix) || !name.ends_with(suffix)) return std::nullopt;
  std::int64_t number = -1;
  std::from_chars(name.data() + prefix.size(), name.data() + name.size(), number);
  const std::string same = suffix.empty() ? checkpoint_name(number) : hidden_checkpoint_name(number, suffix);
  return number >= 0 && name == same ? std::optional(number) : std::nullopt;
}

CheckpointFolder::CheckpointFolder(fs::path path) : path_(std::move(path)) {
  const bool made = ::mkdir(path_.c_str(), 0777) == 0;
  if (!made && errno != EEXIST) fail_with_reason("make the folder", path_, errno);
  folder_ = open_folder(path_);
  if (made) sync_folder(open_folder(parent_of(path_)), parent_of(path_));
  // Let go of with the descriptor, when the program is killed too. Not every file system has locks.
  while (::flock(folder_.number(), LOCK_EX) != 0 && errno == EINTR) {
  }
  tidy();
}

void CheckpointFolder::tidy() const {
  std::vector<std::string> names;
  std::error_code problem;
  for (fs::directory_iterator i(path_, problem), end; !problem && i != end; i.increment(problem)) {
    names.push_back(i->path().filename().string());
  }
  for (const std::string& name : names) {
    if (checkpoint_number(name, kUnfinished)) remove(name);
    const auto replaced = checkpoint_number(name, kReplaced);
    if (!replaced) continue;
    if (has_folder(checkpoint_name(*replaced))) {
      remove(name);
    } else {
      rename(name, checkpoint_name(*replaced));
    }
  }
}

bool CheckpointFolder::has_folder(const std::string& name) const {
  struct stat status {};
  return ::fstatat(folder_.number(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(status.st_mode);
}

void CheckpointFolder::remove(const std::string& name) const {
  // Trap: without O_NOFOLLOW a link would lead to files elsewhere.
  const Descriptor folder = open_descriptor(folder_, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  if (!folder.is_open()) return;
  ::unlinkat(folder.number(), kCheckpointTextFile, 0);
  ::unlinkat(folder.number(), kCheckpointArraysFile, 0);
  ::unlinkat(folder_.number(), name.c_str(), AT_REMOVEDIR);
}

int CheckpointFolder::rename(const std::string& from, const std::string& to) const {
  return ::renameat(folder_.number(), from.c_str(), folder_.number(), to.c_str()) == 0 ? 0 : errno;
}

void CheckpointFolder::sync() const { sync_folder(folder_, path_); }

CheckpointFolder::Unfinished::Unfinished(const CheckpointFolder& parent, std::int64_t number)
    : parent_(parent), number_(number) {
  const std::string name = hidden_checkpoint_name(number, kUnfinished);
  if (::mkdirat(parent.folder_.number(), name.c_str(), 0777) != 0)
    fail_with_reason("make the folder", parent.path_ / name, errno);
  folder_ = open_descriptor(parent.folder_, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  if (!folder_.is_open()) fail_with_reason("open the folder", parent.path_ / name, errno);
}

CheckpointFolder::Unfinished::~Unfinished() {
  if (!renamed_) parent_.remove(hidden_checkpoint_name(number_, kUnfinished));
}

fs::path CheckpointFolder::Unfinished::place_of(const char* name) const {
  return parent_.path_ / checkpoint_name(number_) / name;
}

void CheckpointFolder::Unfinished::write(const char* name, std::span<const std::string_view> pieces) {
  Descriptor file = open_descriptor(folder_, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0666);
  if (!file.is_open()) fail_with_reason("write", place_of(name), errno);
  for (const std::string_view piece : pieces) {
    const int reason = write_all(file, piece);
    if (reason != 0) fail_with_reason("write", place_of(name), reason);
  }
  files_.push_back({place_of(name), std::move(file)});
}

void CheckpointFolder::Unfinished::sync() {
  for (File& file : files_) {
    int reason = handgrad::sync(file.file);
    if (reason == 0) reason = file.file.close();
    if (reason != 0) fail_with_reason("write", file.place, reason);
  }
  files_.clear();
  sync_folder(folder_, parent_.path_ / checkpoint_name(number_));
}

void CheckpointFolder::Unfinished::become_checkpoint() {
  const std::string name = checkpoint_name(number_), aside = hidden_checkpoint_name(number_, kReplaced);
  const bool replaces = parent_.has_folder(name);
  int reason = replaces ? parent_.rename(name, aside) : 0;
  if (reason == 0) {
    // Trap: killed between the two, all there is of this number lies aside: list_checkpoints and tidy() know.
    reason = parent_.rename(hidden_checkpoint_name(number_, kUnfinished), name);
    renamed_ = reason == 0;
    if (!renamed_ && replaces) parent_.rename(aside, name);
  }
  if (reason != 0) fail_with_reason("write", parent_.path_ / name, reason);
}

}  // namespace handgrad
