#include "app/watch/terminal.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "core/error.h"

namespace handgrad::app {

namespace {

// Another screen, no cursor, no wrapping at the right edge; and back again.
constexpr std::string_view kEnter = "\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[2J";
constexpr std::string_view kLeave = "\x1b[0m\x1b[?7h\x1b[?25h\x1b[?1049l";

void write_all(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = write(STDOUT_FILENO, bytes.data(), bytes.size());
    if (count < 0 && errno != EINTR && errno != EAGAIN) return;  // the terminal is gone: its input says so too
    if (count > 0) bytes.remove_prefix(static_cast<std::size_t>(count));
  }
}

}  // namespace

bool Terminal::usable() {
  const char* name = std::getenv("TERM");
  return isatty(STDIN_FILENO) != 0 && isatty(STDOUT_FILENO) != 0 && name != nullptr && *name != '\0' &&
         std::string_view(name) != "dumb";
}

Terminal::Terminal() {
  require(tcgetattr(STDIN_FILENO, &before_) == 0, "cannot use this terminal: ", std::strerror(errno));
  termios raw = before_;
  raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO | ISIG | IEXTEN);
  raw.c_iflag &= ~static_cast<tcflag_t>(IXON | ICRNL);
  raw.c_cc[VMIN] = 0;
  raw.c_cc[VTIME] = 0;
  require(tcsetattr(STDIN_FILENO, TCSAFLUSH, &raw) == 0, "cannot use this terminal: ", std::strerror(errno));
  write_all(kEnter);
}

Terminal::~Terminal() {
  write_all(kLeave);
  tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
}

ScreenSize Terminal::size() const {
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 && size.ws_row > 0) return {size.ws_col, size.ws_row};
  return {80, 24};
}

void Terminal::show(const std::vector<std::string>& lines) const {
  // Over what is there, each line's rest and the lines below cleared: no flicker.
  std::string screen = "\x1b[H";
  for (std::size_t i = 0; i < lines.size(); ++i) screen += (i > 0 ? "\r\n" : "") + lines[i] + "\x1b[K";
  write_all(screen + "\x1b[J");
}

std::string Terminal::wait_for_keys(std::chrono::milliseconds at_most) {
  pollfd input{STDIN_FILENO, POLLIN, 0};
  if (poll(&input, 1, static_cast<int>(std::max(at_most.count(), std::chrono::milliseconds::rep{0}))) <= 0) return {};
  char bytes[256];
  const ssize_t count = read(STDIN_FILENO, bytes, sizeof bytes);
  if (count <= 0) {
    closed_ = count == 0 || (errno != EINTR && errno != EAGAIN);
    return {};
  }
  return {bytes, static_cast<std::size_t>(count)};
}

}  // namespace handgrad::app
