#include "app/progress.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "app/format.h"

namespace handgrad::app {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLivePause{100};  // ten times a second
constexpr milliseconds kLinePause{10'000};
constexpr milliseconds kSpeedWindow{1'000};
constexpr double kSpeedMemory = 0.7;  // how much of the old estimate stays after a window

std::size_t terminal_columns() {
  winsize size{};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return 80;
}

// As many parts as fit on the line.
std::string join_within(const std::vector<std::string>& parts, std::size_t columns) {
  std::string line;
  for (const auto& part : parts) {
    const std::string longer = line + (line.empty() ? "" : "  ") + part;
    if (display_width(longer) > columns) break;
    line = longer;
  }
  return line;
}

std::string of_limit(std::int64_t done, std::int64_t limit) {
  return limit > 0 ? grouped(done) + "/" + grouped(limit) : grouped(done);
}

double seconds(std::chrono::steady_clock::duration span) { return std::chrono::duration<double>(span).count(); }

}  // namespace

ProgressMode choose_progress_mode(bool quiet) {
  if (quiet) return ProgressMode::quiet;
  const char* terminal = std::getenv("TERM");
  const bool can_redraw = terminal != nullptr && std::string_view(terminal) != "dumb" && *terminal != '\0';
  return isatty(STDERR_FILENO) != 0 && can_redraw ? ProgressMode::live : ProgressMode::lines;
}

ProgressDisplay::ProgressDisplay(ProgressMode mode, std::string title, std::size_t runs, Limits limits)
    : mode_(mode),
      title_(std::move(title)),
      limits_(limits),
      runs_(runs),
      started_(runs),
      finished_(runs),
      begun_(Clock::now()),
      drawn_(begun_),
      measured_(begun_) {}

ProgressDisplay::~ProgressDisplay() {
  const std::lock_guard lock(mutex_);
  clear_line();
}

void ProgressDisplay::begin_at(std::size_t run, const RunStatus& status) {
  const std::lock_guard lock(mutex_);
  runs_[run] = status;
  measured_steps_ += status.env_steps;
  done_before_ += share_done(run) / static_cast<double>(runs_.size());
}

void ProgressDisplay::update(std::size_t run, const RunStatus& status) {
  if (mode_ == ProgressMode::quiet) return;
  const std::lock_guard lock(mutex_);
  runs_[run] = status;
  started_[run] = true;
  const auto now = Clock::now();
  if (now - drawn_ >= (mode_ == ProgressMode::live ? kLivePause : kLinePause)) draw(now);
}

void ProgressDisplay::note(const std::string& line) {
  if (mode_ != ProgressMode::lines) return;
  const std::lock_guard lock(mutex_);
  std::fprintf(stderr, "%s\n", line.c_str());
}

void ProgressDisplay::warn(const std::string& line) {
  const std::lock_guard lock(mutex_);
  clear_line();
  std::fprintf(stderr, "%s\n", line.c_str());
}

void ProgressDisplay::finish(std::size_t run) {
  const std::lock_guard lock(mutex_);
  finished_[run] = true;
  if (mode_ == ProgressMode::live && runs_.size() > 1) draw(Clock::now());
}

void ProgressDisplay::draw(Clock::time_point now) {
  drawn_ = now;
  measure_speed(now);
  const auto parts = runs_.size() == 1 ? parts_of_one() : parts_of_several();
  if (mode_ == ProgressMode::live) {
    // One column stays free: a full line makes some terminals wrap.
    std::fprintf(stderr, "\r\x1b[2K%s", join_within(parts, terminal_columns() - 1).c_str());
    std::fflush(stderr);
    line_shown_ = true;
  } else {
    std::fprintf(stderr, "%s\n", join_within(parts, 1000).c_str());
  }
}

void ProgressDisplay::clear_line() {
  if (!line_shown_) return;
  std::fprintf(stderr, "\r\x1b[2K");
  std::fflush(stderr);
  line_shown_ = false;
}

// A mean that forgets: a learner is slower once it begins to learn, and that should show.
void ProgressDisplay::measure_speed(Clock::time_point now) {
  if (now - measured_ < kSpeedWindow && speed_) return;
  std::int64_t steps = 0;
  for (const auto& run : runs_) steps += run.env_steps;
  const double span = seconds(now - measured_);
  if (span <= 0) return;
  const double speed = static_cast<double>(steps - measured_steps_) / span;
  speed_ = speed_ ? kSpeedMemory * *speed_ + (1 - kSpeedMemory) * speed : speed;
  measured_ = now;
  measured_steps_ = steps;
}

std::vector<std::string> ProgressDisplay::parts_of_one() const {
  const RunStatus& run = runs_.front();
  std::vector<std::string> parts = {title_, "episode " + of_limit(run.episodes, limits_.episodes),
                                    "step " + of_limit(run.env_steps, limits_.env_steps)};
  if (run.recent_return) parts.push_back("return " + brief(*run.recent_return));
  if (run.evaluation_mean) parts.push_back("eval " + brief(*run.evaluation_mean));
  parts.push_back(time_left() + " left");
  if (speed_) parts.push_back(grouped(static_cast<std::int64_t>(*speed_)) + "/s");
  parts.push_back("epsilon " + fixed(run.epsilon, 3));
  if (run.loss) parts.push_back("loss " + brief(*run.loss, 3));
  return parts;
}

std::vector<std::string> ProgressDisplay::parts_of_several() const {
  std::int64_t steps = 0, running = 0;
  double returns = 0;
  int with_returns = 0;
  const auto done = std::count(finished_.begin(), finished_.end(), true);
  for (std::size_t i = 0; i < runs_.size(); ++i) {
    steps += runs_[i].env_steps;
    running += started_[i] && !finished_[i] ? 1 : 0;
    if (!runs_[i].recent_return) continue;
    returns += *runs_[i].recent_return;
    ++with_returns;
  }
  std::vector<std::string> parts = {title_, grouped(done) + "/" + grouped(static_cast<std::int64_t>(runs_.size())) + " done",
                                    grouped(running) + " running", "step " + grouped(steps)};
  if (with_returns > 0) parts.push_back("return " + brief(returns / with_returns));
  parts.push_back(time_left() + " left");
  if (speed_) parts.push_back(grouped(static_cast<std::int64_t>(*speed_)) + "/s");
  return parts;
}

// Whichever limit is nearer.
double ProgressDisplay::share_done(std::size_t run) const {
  double share = 0;
  if (limits_.episodes > 0) share = static_cast<double>(runs_[run].episodes) / static_cast<double>(limits_.episodes);
  if (limits_.env_steps > 0) {
    share = std::max(share, static_cast<double>(runs_[run].env_steps) / static_cast<double>(limits_.env_steps));
  }
  return share;
}

// From the share of the work that has been done since it began here.
std::string ProgressDisplay::time_left() const {
  double done = 0;
  for (std::size_t i = 0; i < runs_.size(); ++i) done += finished_[i] ? 1.0 : share_done(i);
  done /= static_cast<double>(runs_.size());
  return done > done_before_ ? clock_time(seconds(Clock::now() - begun_) * (1 - done) / (done - done_before_)) : "-";
}

}  // namespace handgrad::app
