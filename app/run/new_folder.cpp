#include "app/run/new_folder.h"

#include <sys/stat.h>

#include <cerrno>
#include <system_error>

#include "app/usage_error.h"

namespace handgrad::app {

namespace fs = std::filesystem;

namespace {

// mkdir rather than std::filesystem, because it tells in one step whether it was us who made the folder.
bool make_folder(const fs::path& path) {
  if (::mkdir(path.c_str(), 0777) == 0) return true;
  const int reason = errno;
  if (reason == EEXIST) return false;
  fail("cannot make the folder ", path.string(), ": ", std::generic_category().message(reason));
}

fs::path without_trailing_slash(const fs::path& path) { return path.has_filename() ? path : path.parent_path(); }

}  // namespace

NewFolder NewFolder::exactly(const fs::path& wish) {
  const fs::path path = without_trailing_slash(wish);
  NewFolder folder;
  folder.make_parents(path);
  if (!folder.make(path)) wrong_use(path.string(), " exists already: choose another name, or remove it first");
  return folder;
}

NewFolder NewFolder::numbered(const fs::path& wish) {
  NewFolder folder;
  folder.make_parents(wish);
  for (int number = 1;; ++number) {
    if (folder.make(number == 1 ? wish : fs::path(text(wish.string(), "-", number)))) return folder;
  }
}

NewFolder::NewFolder(NewFolder&& other) noexcept
    : path_(std::move(other.path_)), made_parents_(std::move(other.made_parents_)), kept_(other.kept_) {
  other.kept_ = true;
}

NewFolder::~NewFolder() {
  if (kept_) return;
  std::error_code ignored;
  if (!path_.empty()) fs::remove_all(path_, ignored);
  for (; !made_parents_.empty(); made_parents_.pop_back()) {
    fs::remove(made_parents_.back(), ignored);  // only if nobody has put anything else there
  }
}

void NewFolder::make_parents(const fs::path& path) {
  std::vector<fs::path> missing;
  std::error_code ignored;
  for (fs::path parent = path.parent_path(); !parent.empty() && !fs::exists(parent, ignored); parent = parent.parent_path()) {
    missing.push_back(parent);
  }
  for (; !missing.empty(); missing.pop_back()) {
    if (make_folder(missing.back())) made_parents_.push_back(missing.back());
  }
}

bool NewFolder::make(const fs::path& path) {
  if (!make_folder(path)) return false;
  path_ = path;
  return true;
}

}  // namespace handgrad::app
