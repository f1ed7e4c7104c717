#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstddef>
#include <exception>
#include <string>
#include <string_view>

namespace handgrad::test {

/// A copy of this process that runs one function, and tells what that writes to its pipe.
class Child {
 public:
  /// `work(tell)`: `tell(text)` sends text; an exception's message is sent too.
  template <class Work>
  explicit Child(const Work& work) {
    int ends[2];
    if (::pipe(ends) != 0) return;
    process_ = ::fork();
    if (process_ == 0) {
      ::close(ends[0]);
      const auto tell = [&](std::string_view text) {
        while (!text.empty()) {
          const ssize_t written = ::write(ends[1], text.data(), text.size());
          if (written <= 0) ::_exit(1);
          text.remove_prefix(static_cast<std::size_t>(written));
        }
      };
      try {
        work(tell);
      } catch (const std::exception& problem) {
        tell(problem.what());
      }
      ::_exit(0);  // nothing of the parent's is flushed or destroyed twice
    }
    ::close(ends[1]);
    read_end_ = ends[0];
  }
  ~Child() {
    kill();
    ::close(read_end_);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  /// As kill -9.
  void kill() {
    if (process_ <= 0) return;
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
    process_ = -1;
  }

  /// Everything that it tells until its end.
  std::string told() const {
    std::string all;
    char block[4096];
    for (ssize_t got; (got = ::read(read_end_, block, sizeof block)) > 0;) all.append(block, static_cast<std::size_t>(got));
    return all;
  }
  /// Waits until it has told something. False if it has ended without.
  bool wait() const {
    char first;
    return ::read(read_end_, &first, 1) == 1;
  }

 private:
  pid_t process_ = -1;
  int read_end_ = -1;
};

}  // namespace handgrad::test
