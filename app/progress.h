#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace handgrad::app {

/// How one run stands, for people to look at.
struct RunStatus {
  std::int64_t episodes = 0, env_steps = 0;
  double epsilon = 0;
  std::optional<double> recent_return;  ///< mean of the last 100 episodes
  std::optional<double> loss;
  std::optional<double> evaluation_mean;  ///< of the last evaluation
};

/// Where progress goes: nowhere, a live line in a terminal, or plain lines now and then in a log.
enum class ProgressMode { quiet, live, lines };

/// live if stderr is a terminal that can redraw a line, lines otherwise; quiet if the user wants it so.
ProgressMode choose_progress_mode(bool quiet);

/// Shows on stderr how one or several runs go on. Thread-safe: each run reports from its own thread.
class ProgressDisplay {
 public:
  /// What ends each of the runs; 0 is no limit.
  struct Limits {
    std::int64_t episodes = 0, env_steps = 0;
  };

  ProgressDisplay(ProgressMode mode, std::string title, std::size_t runs, Limits limits);
  /// Takes the live line away, so that what is printed next begins on an empty one.
  ~ProgressDisplay();
  ProgressDisplay(const ProgressDisplay&) = delete;
  ProgressDisplay& operator=(const ProgressDisplay&) = delete;

  /// This run does not begin at its beginning but here: what speed and time left are reckoned from.
  void begin_at(std::size_t run, const RunStatus& status);
  /// Draws if the last drawing was long enough ago.
  void update(std::size_t run, const RunStatus& status);
  /// A line that stays in a log (when the mode is lines).
  void note(const std::string& line);
  /// A line that stays, whatever the mode: something went wrong.
  void warn(const std::string& line);
  /// This run will not report again.
  void finish(std::size_t run);

 private:
  using Clock = std::chrono::steady_clock;

  void draw(Clock::time_point now);
  void clear_line();
  void measure_speed(Clock::time_point now);
  std::vector<std::string> parts_of_one() const;
  std::vector<std::string> parts_of_several() const;
  double share_done(std::size_t run) const;
  std::string time_left() const;

  std::mutex mutex_;
  ProgressMode mode_;
  std::string title_;
  Limits limits_;
  std::vector<RunStatus> runs_;
  std::vector<bool> started_, finished_;
  double done_before_ = 0;  // of all runs together, the share that was done when they began here
  Clock::time_point begun_, drawn_, measured_;
  std::int64_t measured_steps_ = 0;
  std::optional<double> speed_;  // environment steps a second, over all runs
  bool line_shown_ = false;
};

}  // namespace handgrad::app
