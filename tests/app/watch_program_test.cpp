// `handgrad watch` from outside: files, text, wrong use, and a terminal that gets back what it had.

#include <fcntl.h>
#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <nlohmann/json.hpp>

#include "app/watch/canvas.h"
#include "app/watch/gif.h"
#include "tests/support/catch.h"
#include "tests/support/error_message.h"
#include "tests/support/program.h"

using namespace handgrad;
using Json = nlohmann::json;

namespace {

void check_refused(std::vector<std::string> arguments, const std::string& part_of_message, int exit_code = 2) {
  arguments.insert(arguments.begin(), "watch");
  CAPTURE(arguments);
  const Outcome outcome = run_program(arguments);
  CAPTURE(outcome.err);
  CHECK(outcome.exit_code == exit_code);
  CHECK(outcome.out.empty());
  CHECK(outcome.error_lines() == 1);
  CHECK(contains(outcome.err, part_of_message));
}

void train_shortly(const std::string& out) {
  REQUIRE(run_program({"train", "cartpole", "--quiet", "--out", out, "--set", "train.episodes=2", "--set",
                       "train.stop_at=none", "--set", "net.hidden=[8]", "--set", "eval.episodes=1"})
              .exit_code == 0);
}

}  // namespace

TEST_CASE("watch refuses what it cannot play in one line") {
  const TemporaryFolder folder;
  const std::string here = folder.path().string();
  check_refused({"CartPol-v1"}, "CartPole-v1");
  check_refused({"/nowhere/run"}, "there is no run folder '/nowhere/run'");
  check_refused({here}, "no config.toml");
  check_refused({"FrozenLake-v1", "--set", "map_nam=8x8"}, "Did you mean 'map_name'?");
  check_refused({"CartPole-v1", "--speed", "0"}, "--speed '0'");
  check_refused({"CartPole-v1", "--scale", "wide"}, "--scale 'wide'");
  check_refused({"CartPole-v1", "--episodes", "0"}, "--episodes");
  check_refused({"CartPole-v1", "--gif", "-"}, "name one");
  check_refused({"CartPole-v1", "--gif", here + "/a.gif", "--text"}, "--text");
  check_refused({"CartPole-v1", "--gif", here + "/no/a.gif"}, "there is no folder", 1);
  check_refused({"CartPole-v1", "--png", here}, "it is a folder", 1);
  if (!app::can_draw()) check_refused({"CartPole-v1", "--png", here + "/a.png"}, "libcairo2-dev", 1);
  if (app::can_draw() && !app::can_write_gifs()) check_refused({"CartPole-v1", "--gif", here + "/a.gif"}, "libgif-dev", 1);
  CHECK(folder.entries() == 0);
}

TEST_CASE("watch plays a trained model as eval does, and needs one") {
  const TemporaryFolder folder;
  const std::string run = (folder / "run").string();
  train_shortly(run);
  const Outcome outcome = run_program({"watch", run, "--episodes", "2", "--json"});
  REQUIRE(outcome.exit_code == 0);
  const Json watched = Json::parse(outcome.last_line());
  CHECK(watched["agent"] == "cartpole, last");
  const Json played = Json::parse(run_program({"eval", run, "--episodes", "2", "--json"}).last_line());
  for (std::size_t i : {0u, 1u}) CHECK(watched["episodes"][i]["return"] == played["returns"][i]);

  check_refused({run, "--model", "worst"}, "expected last or best");
  check_refused({run, "--set", "env.map_name=8x8"}, "map_name");
  std::filesystem::remove_all(folder / "run/checkpoint");
  check_refused({run}, "model.safetensors", 1);
  CHECK(run_program({"watch", run, "--random"}).exit_code == 0);
}

TEST_CASE("a folder of several seeds names one of them") {
  const TemporaryFolder folder;
  train_shortly((folder / "seed-3").string());
  check_refused({folder.path().string()}, "seed-3?");
}

TEST_CASE("the same seed gives the same files, cut where they would grow too long") {
  if (!app::can_draw() || !app::can_write_gifs()) return;
  const TemporaryFolder folder;
  const auto gif = [&](const std::string& name, const std::string& seed, const std::string& frames = "1000") {
    const Outcome outcome = run_program(
        {"watch", "FrozenLake-v1", "--seed", seed, "--gif", (folder / name).string(), "--max-frames", frames, "--json"});
    REQUIRE(outcome.exit_code == 0);
    CHECK(outcome.error_lines() == (frames == "2" ? 1 : 0));
    return Json::parse(outcome.last_line());
  };
  const Json made = gif("a.gif", "1");
  gif("b.gif", "1");
  gif("c.gif", "2");
  CHECK(get_bytes(folder / "a.gif") == get_bytes(folder / "b.gif"));
  CHECK(get_bytes(folder / "a.gif") != get_bytes(folder / "c.gif"));
  CHECK(made["gif"]["bytes"] == get_bytes(folder / "a.gif").size());
  CHECK(made["gif"]["frames"] == made["episodes"][0]["length"].get<int>() + 1);
  CHECK(gif("d.gif", "1", "2")["gif"]["frames"] == 2);

  const Outcome png = run_program({"watch", "Taxi-v4", "--png", (folder / "e.png").string(), "--frames", "3", "--bare"});
  CHECK(png.exit_code == 0);
  CHECK(get_bytes(folder / "e.png").substr(1, 3) == "PNG");
  CHECK(folder.entries() == 5);
}

namespace {

// The program on a terminal of its own: a pseudo-terminal, whose other end we hold.
class OnTerminal {
 public:
  explicit OnTerminal(std::vector<std::string> arguments) : master_(posix_openpt(O_RDWR | O_NOCTTY)) {
    REQUIRE(master_ >= 0);
    REQUIRE(grantpt(master_) == 0);
    REQUIRE(unlockpt(master_) == 0);
    const std::string name = ptsname(master_);
    slave_ = open(name.c_str(), O_RDWR | O_NOCTTY);
    REQUIRE(tcgetattr(slave_, &before_) == 0);
    arguments.insert(arguments.begin(), {HANDGRAD_PROGRAM, "watch"});
    std::vector<char*> pointers;
    for (auto& argument : arguments) pointers.push_back(argument.data());
    pointers.push_back(nullptr);
    std::string term = "TERM=xterm", colours = "COLORTERM=truecolor";
    std::vector<char*> environment = {term.data(), colours.data(), nullptr};
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    for (const int to : {0, 1, 2}) posix_spawn_file_actions_adddup2(&actions, slave_, to);
    REQUIRE(posix_spawn(&process_, HANDGRAD_PROGRAM, &actions, nullptr, pointers.data(), environment.data()) == 0);
    posix_spawn_file_actions_destroy(&actions);
  }
  ~OnTerminal() {
    close(slave_);
    close(master_);
  }
  OnTerminal(const OnTerminal&) = delete;
  OnTerminal& operator=(const OnTerminal&) = delete;

  // Reads until it has shown this. Fails if it ends before, and gives up on one that never does.
  void await(const std::string& part) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (!contains(output, part) && read_some() && std::chrono::steady_clock::now() < deadline) {
    }
    if (contains(output, part)) return;
    kill(process_, SIGKILL);
    FAIL("'" << part << "' has not been shown");
  }
  void press(const std::string& keys) { REQUIRE(write(master_, keys.data(), keys.size()) == ssize_t(keys.size())); }
  void signal(int number) const { kill(process_, number); }

  // Its exit code, once it has ended; what it shows meanwhile has to be read, or it would wait for us.
  int wait() {
    int status = 0;
    while (waitpid(process_, &status, WNOHANG) == 0) read_some();
    while (read_some(0)) {
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  bool as_before() const {
    termios now{};
    return tcgetattr(slave_, &now) == 0 && now.c_lflag == before_.c_lflag && now.c_iflag == before_.c_iflag &&
           now.c_oflag == before_.c_oflag;
  }
  bool raw() const {
    termios now{};
    return tcgetattr(slave_, &now) == 0 && (now.c_lflag & (ICANON | ECHO)) == 0;
  }

  std::string output;

 private:
  bool running() const {
    siginfo_t ended{};
    return waitid(P_PID, static_cast<id_t>(process_), &ended, WEXITED | WNOHANG | WNOWAIT) == 0 && ended.si_pid == 0;
  }
  bool read_some(int milliseconds = 50) {
    pollfd readable{master_, POLLIN, 0};
    if (poll(&readable, 1, milliseconds) <= 0) return milliseconds > 0 && running();
    char bytes[4096];
    const ssize_t count = read(master_, bytes, sizeof bytes);
    if (count > 0) output.append(bytes, static_cast<std::size_t>(count));
    return count > 0;
  }

  int master_, slave_ = -1;
  pid_t process_ = 0;
  termios before_{};
};

const std::string kEnter = "\x1b[?1049h", kLeave = "\x1b[?25h\x1b[?1049l";

}  // namespace

TEST_CASE("the terminal is given back, whatever ends the show") {
  struct Way {
    std::string keys;
    int signal, exit_code;
  };
  for (const Way& way : {Way{"q", 0, 0}, {"\x03", 0, 130}, {"", SIGTERM, 130}, {"", SIGINT, 130}}) {
    CAPTURE(way.keys, way.signal);
    OnTerminal terminal({"CliffWalking-v1"});
    terminal.await("q      quit");
    CHECK(contains(terminal.output, kEnter));
    CHECK(terminal.raw());
    if (way.signal != 0) {
      terminal.signal(way.signal);
    } else {
      terminal.press(way.keys);
    }
    CHECK(terminal.wait() == way.exit_code);
    CHECK(contains(terminal.output, kLeave));
    CHECK(terminal.as_before());
  }
}

TEST_CASE("keys pause, step and restart a show, which ends with its last episode") {
  OnTerminal terminal({"FrozenLake-v1", "--episodes", "1", "--seed", "3", "--speed", "0.0625"});
  terminal.await(kEnter);
  terminal.press(" ");
  terminal.await("paused");
  terminal.press("n");
  terminal.await("step     1");
  terminal.output.clear();
  terminal.press("r");
  terminal.await("step     0");
  terminal.press("++++++++++ ");
  CHECK(terminal.wait() == 0);
  CHECK(contains(terminal.output, "terminated"));
  CHECK(contains(terminal.output, "episode 1  seed 3  return 0  steps"));
  CHECK(terminal.as_before());
}
