#pragma once

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>

#include <algorithm>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/support/temporary_folder.h"

extern char** environ;  // NOLINT(readability-redundant-declaration): POSIX has nobody declare it, glibc does

namespace handgrad {

/// What running the command-line program gave.
struct Outcome {
  int exit_code;
  std::string out, err;

  /// How many lines went to stderr.
  std::ptrdiff_t error_lines() const { return std::count(err.begin(), err.end(), '\n'); }
  /// The last line of stdout, without its end.
  std::string last_line() const {
    const std::string lines = out.substr(0, out.find_last_not_of('\n') + 1);
    const auto before = lines.rfind('\n');
    return before == std::string::npos ? lines : lines.substr(before + 1);
  }
};

/// The program while it runs: started in the constructor, waited for by wait().
class Program {
 public:
  explicit Program(std::vector<std::string> arguments, const std::string& executable = HANDGRAD_PROGRAM) {
    arguments.insert(arguments.begin(), executable);
    std::vector<char*> pointers;
    for (auto& argument : arguments) pointers.push_back(argument.data());
    pointers.push_back(nullptr);
    const std::string out = (output_ / "out").string(), err = (output_ / "err").string();
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 1, out.c_str(), O_WRONLY | O_CREAT, 0600);
    posix_spawn_file_actions_addopen(&actions, 2, err.c_str(), O_WRONLY | O_CREAT, 0600);
    const int failed = posix_spawn(&process_, executable.c_str(), &actions, nullptr, pointers.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    if (failed != 0) throw std::runtime_error("cannot start " + executable);
  }

  pid_t process() const { return process_; }

  Outcome wait() {
    int status = 0;
    waitpid(process_, &status, 0);
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, get_bytes(output_ / "out"), get_bytes(output_ / "err")};
  }

 private:
  TemporaryFolder output_;
  pid_t process_ = 0;
};

/// Runs it to its end.
inline Outcome run_program(std::vector<std::string> arguments) { return Program(std::move(arguments)).wait(); }

}  // namespace handgrad
