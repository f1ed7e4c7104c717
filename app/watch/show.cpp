#include "app/watch/show.h"

#include <algorithm>
#include <ostream>

#include "app/format.h"
#include "app/interrupt.h"
#include "app/watch/terminal.h"

namespace handgrad::app {

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::duration_cast;
using std::chrono::milliseconds;

constexpr double kTextFramesPerSecond = 4;
constexpr milliseconds kBetweenDrawings{25};  // what a terminal far away can follow
constexpr milliseconds kHold{1000};           // to look at the end of an episode

EpisodeResult result_of(const Player& player) {
  const Moment& now = player.now();
  return {now.episode, player.episode_seed(), now.episode_return, now.step, now.ending};
}

// One player on one terminal: what is due when.
class Show {
 public:
  Show(Player& player, std::optional<std::int64_t> episodes, double speed) : player_(player), episodes_(episodes) {
    controls_.speed = speed;
  }

  Showing run() {
    const InterruptScope interrupts;
    Terminal terminal;
    const ColourDepth depth = terminal_colours();
    due_ = Clock::now() + period();
    while (!done_) {
      terminal.show(compose_screen(player_.now(), controls_, terminal.size(), depth));
      const auto next = controls_.paused ? Clock::now() + kHold : std::max(due_, Clock::now() + kBetweenDrawings);
      wait(terminal, next);
      if (controls_.quit || interrupted() || terminal.closed()) break;
      obey();
    }
    if (!player_.over() && player_.now().step > 0) showing_.episodes.push_back(result_of(player_));
    showing_.interrupted = controls_.interrupted || interrupted();
    return std::move(showing_);
  }

 private:
  Clock::duration period() const {
    const Moment& now = player_.now();
    if (player_.over()) return kHold;
    const double rate = now.scene ? frames_per_second(*now.scene) : kTextFramesPerSecond;
    return duration_cast<Clock::duration>(std::chrono::duration<double>(1 / (rate * controls_.speed)));
  }

  void wait(Terminal& terminal, Clock::time_point until) {
    const auto rest = std::chrono::ceil<milliseconds>(until - Clock::now());
    for (const char key : keys_in(terminal.wait_for_keys(rest))) controls_.press(key);
  }

  void obey() {
    const auto now = Clock::now();
    if (std::exchange(controls_.restart, false)) {
      forget_this_episode();
      player_.restart();
      due_ = now + period();
    } else if (std::exchange(controls_.step, false)) {
      advance();
      due_ = now + period();
    } else if (controls_.paused) {
      due_ = now + period();
    } else {
      while (!done_ && due_ <= now) {
        advance();
        due_ += period();
      }
      due_ = std::max(due_, now);  // who cannot keep up plays slower, instead of making up for it later
    }
  }

  void advance() {
    if (!player_.over()) {
      player_.step();
      if (player_.over()) showing_.episodes.push_back(result_of(player_));
    } else if (episodes_ && player_.now().episode >= *episodes_) {
      done_ = true;
    } else {
      player_.next_episode();
    }
  }

  void forget_this_episode() {
    if (player_.over()) showing_.episodes.pop_back();
  }

  Player& player_;
  std::optional<std::int64_t> episodes_;
  Controls controls_;
  Clock::time_point due_{};
  bool done_ = false;
  Showing showing_;
};

// What recording and text have in common: every moment of so many episodes, but no more than allowed.
template <class See>
Showing play(Player& player, std::int64_t episodes, std::int64_t max_frames, See see) {
  const InterruptScope interrupts;
  Showing showing;
  see(player.now());
  for (std::int64_t frames = 1;; ++frames) {
    const bool last = player.over() && player.now().episode >= episodes;
    if (player.over()) showing.episodes.push_back(result_of(player));
    if (last) return showing;
    showing.interrupted = interrupted();
    showing.cut = frames >= max_frames;
    if (showing.interrupted || showing.cut) break;
    if (player.over()) {
      player.next_episode();
    } else {
      player.step();
    }
    see(player.now());
  }
  if (!player.over()) showing.episodes.push_back(result_of(player));
  return showing;
}

std::string joined_facts(const Moment& moment) {
  std::string line;
  for (const auto& [name, value] : facts(moment)) line += (line.empty() ? "" : "  ") + name + " " + value;
  return line;
}

}  // namespace

Showing show_on_terminal(Player& player, std::optional<std::int64_t> episodes, double speed) {
  return Show(player, episodes, speed).run();
}

Showing show_as_text(Player& player, std::int64_t episodes, std::int64_t max_frames, std::ostream& out) {
  return play(player, episodes, max_frames, [&](const Moment& moment) {
    out << joined_facts(moment);
    if (moment.text.empty()) {
      out << ' ';
      for (const auto& word : text_picture(moment)) out << ' ' << word;
      out << '\n';
    } else {
      out << '\n' << moment.text;
    }
  });
}

Showing record(Player& player, std::int64_t episodes, std::int64_t max_frames, std::vector<Moment>& moments) {
  Showing showing = play(player, episodes, max_frames, [&](const Moment& moment) { moments.push_back(moment); });
  for (auto& moment : moments) {
    moment.least_value = moments.back().least_value;
    moment.most_value = moments.back().most_value;
  }
  return showing;
}

}  // namespace handgrad::app
