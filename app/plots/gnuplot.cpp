#include "app/plots/gnuplot.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <system_error>
#include <vector>

#include "core/atomic_file.h"
#include "core/error.h"

extern char** environ;  // NOLINT(readability-redundant-declaration): POSIX has nobody declare it, glibc does

namespace handgrad::app {

namespace fs = std::filesystem;

namespace {

// Where the child's output goes; closed over file names only, so nothing is inherited by accident.
class FileActions {
 public:
  FileActions() { posix_spawn_file_actions_init(&actions_); }
  ~FileActions() { posix_spawn_file_actions_destroy(&actions_); }
  FileActions(const FileActions&) = delete;
  FileActions& operator=(const FileActions&) = delete;

  void open(int descriptor, const fs::path& file, int flags) {
    posix_spawn_file_actions_addopen(&actions_, descriptor, file.c_str(), flags, 0666);
  }
  const posix_spawn_file_actions_t* get() const { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_;
};

// Runs gnuplot with these arguments; stdout and stderr go to files. Returns its exit status, or -1 if it could not be started.
int spawn_gnuplot(std::vector<std::string> arguments, const fs::path& output, const fs::path& complaints) {
  FileActions actions;
  actions.open(0, "/dev/null", O_RDONLY);
  actions.open(1, output, O_WRONLY | O_CREAT | O_TRUNC);
  actions.open(2, complaints, O_WRONLY | O_CREAT | O_TRUNC);
  arguments.insert(arguments.begin(), "gnuplot");
  std::vector<char*> pointers;
  for (auto& argument : arguments) pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  pid_t child = 0;
  if (posix_spawnp(&child, "gnuplot", actions.get(), nullptr, pointers.data(), environ) != 0) return -1;
  int status = 0;
  while (waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) return -1;
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);  // as a shell counts what a signal ended
}

// Takes its files away at the end, whatever happens.
class Scratch {
 public:
  Scratch(const fs::path& folder, const std::string& name) : path(folder / ("." + name + "." + std::to_string(getpid()))) {}
  ~Scratch() {
    std::error_code ignored;
    fs::remove(path, ignored);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  const fs::path path;
};

// gnuplot shows the line it stumbled over, points at the place, and says what is wrong last.
std::string last_line(const std::string& words) {
  const auto end = words.find_last_not_of(" \n\t");
  if (end == std::string::npos) return "";
  const auto before = words.rfind('\n', end);
  const auto begin = before == std::string::npos ? 0 : before + 1;
  return words.substr(begin, end + 1 - begin);
}

}  // namespace

std::string gnuplot_version() {
  std::error_code failed;
  std::string folder = (fs::temp_directory_path(failed) / "handgrad-XXXXXX").string();
  if (failed || mkdtemp(folder.data()) == nullptr) return "";
  const fs::path output = fs::path(folder) / "version";
  const bool found = spawn_gnuplot({"--version"}, output, "/dev/null") == 0;
  const std::string version = found ? last_line(read_file(output)) : "";
  fs::remove_all(folder, failed);
  return version;
}

void run_gnuplot(const fs::path& script, const fs::path& picture, const std::string& before) {
  const Scratch unfinished(picture.parent_path(), picture.filename().string());
  const Scratch complaints(picture.parent_path(), picture.filename().string() + ".log");
  std::vector<std::string> arguments;
  if (!before.empty()) arguments = {"-e", before};
  arguments.push_back(fs::absolute(script).string());  // a path that begins with '-' would be an option
  const int status = spawn_gnuplot(arguments, unfinished.path, complaints.path);
  require(status != -1 && status != 127, "gnuplot is not installed, or does not start");
  require(status == 0, "gnuplot failed: ", last_line(read_file(complaints.path)));
  fs::rename(unfinished.path, picture);
}

std::string gnuplot_string(const std::string& text) {
  std::string result = "'";
  for (const char c : text) {
    if (c == '\'') {
      result += "''";
    } else {
      result += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    }
  }
  return result + "'";
}

}  // namespace handgrad::app
