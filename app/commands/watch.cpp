#include <algorithm>
#include <charconv>
#include <filesystem>
#include <iostream>

#include <nlohmann/json.hpp>

#include "app/commands/commands.h"
#include "app/config/build_run.h"
#include "app/config/make_environment.h"
#include "app/format.h"
#include "app/run/run_folder.h"
#include "app/usage_error.h"
#include "app/watch/frame.h"
#include "app/watch/gif.h"
#include "app/watch/show.h"
#include "app/watch/terminal.h"
#include "core/atomic_file.h"
#include "envs/registry.h"

namespace handgrad::app {

namespace fs = std::filesystem;

namespace {

using Json = nlohmann::ordered_json;

constexpr int kInterrupted = 130;

// The options as numbers.
struct Wishes {
  std::optional<std::uint64_t> seed;
  std::optional<std::int64_t> episodes;
  std::int64_t max_frames = 0, frames = 0;
  double speed = 0, scale = 0;
};

double parse_factor(const std::string& text, const char* what, double least, double most) {
  double value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || stop != end || !(value >= least && value <= most)) {
    wrong_use(what, " '", text, "': expected a number from ", least, " to ", most);
  }
  return value;
}

Wishes parse(const WatchOptions& options) {
  Wishes wishes;
  if (options.seed) wishes.seed = parse_seed(*options.seed);
  if (options.episodes) wishes.episodes = parse_count(*options.episodes, "--episodes", 1, 10'000);
  wishes.max_frames = parse_count(options.max_frames, "--max-frames", 1, 100'000);
  wishes.frames = parse_count(options.frames, "--frames", 1, 100);
  wishes.speed = parse_factor(options.speed, "--speed", 1.0 / 16, 64);
  wishes.scale = parse_factor(options.scale, "--scale", 0.1, 4);
  return wishes;
}

bool makes_files(const WatchOptions& options) { return !options.gif.empty() || !options.png.empty(); }

// What cannot work is said before anything is played.
void check_files(const WatchOptions& options) {
  if (makes_files(options) && options.text) wrong_use("--text plays in text; it cannot be had with --gif or --png");
  for (const auto& file : {options.gif, options.png}) {
    if (file.empty()) continue;
    if (file == "-") wrong_use("a picture goes to a file, not to standard output: name one");
    const fs::path folder = fs::absolute(file).parent_path();
    require(fs::is_directory(folder), "cannot write ", file, ": there is no folder ", folder.string());
    require(!fs::is_directory(file), "cannot write ", file, ": it is a folder");
  }
  require(!makes_files(options) || can_draw(), "cannot draw: cairo is ", drawing_library());
  require(options.gif.empty() || can_write_gifs(), "cannot make a GIF: giflib is ", gif_library());
}

// Greedy, with a view of what it thinks.
Agent policy_agent(Policy policy, std::string name) {
  const auto shared = std::make_shared<Policy>(std::move(policy));
  return {std::move(name), [](std::uint64_t) {},
          [shared](std::span<const float> observation) {
            const auto values = shared->values(observation);
            return Choice{shared->act(observation), {values.begin(), values.end()}};
          }};
}

Player player_of_run(const WatchOptions& options, const Wishes& wishes) {
  const RunConfig config = read_run_folder(options.subject, options.set);
  auto environment = environment_maker(config.environment)();
  if (const std::int64_t limit = config.trainer.evaluation_max_steps; limit > 0) {
    environment = std::make_unique<TimeLimit>(std::move(environment), limit);
  }
  Agent agent = options.random
                    ? random_agent(*environment)
                    : policy_agent(load_policy(options.subject, options.model, config), config.preset + ", " + options.model);
  return {config.environment.id, std::move(environment), std::move(agent),
          wishes.seed.value_or(final_evaluation_seed(config.seed))};
}

Player player_of_environment(const WatchOptions& options, const Wishes& wishes) {
  auto environment = make_environment(options.subject, options.set);
  Agent agent = random_agent(*environment);
  const std::string id = Registry::gymnasium().find(options.subject).id;
  return {id, std::move(environment), std::move(agent), wishes.seed.value_or(0)};
}

Player make_player(const WatchOptions& options, const Wishes& wishes) {
  if (fs::exists(options.subject)) return player_of_run(options, wishes);
  try {
    return player_of_environment(options, wishes);
  } catch (const UsageError& error) {
    if (options.subject.find('/') != std::string::npos) wrong_use("there is no run folder '", options.subject, "'");
    throw;
  }
}

Image draw_moment(const Moment& moment, const WatchOptions& options, double scale) {
  return options.bare ? draw_frame(*moment.scene, scale) : draw_frame(moment, scale);
}

Json write_gif(const std::vector<Moment>& moments, const WatchOptions& options, const Wishes& wishes) {
  std::vector<std::size_t> held;
  for (std::size_t i = 0; i < moments.size(); ++i) {
    if (moments[i].ending != Ending::none || i + 1 == moments.size()) held.push_back(i);
  }
  const Timing timing = film_timing(moments.size(), frames_per_second(*moments.front().scene) * wishes.speed, held);
  const Film film{[&](std::size_t i) { return draw_moment(moments[timing.kept[i]], options, wishes.scale); }, timing.delays};
  const std::string content = to_gif(film);
  write_file_atomically(options.gif, content);
  std::int64_t hundredths = 0;
  for (const int delay : timing.delays) hundredths += delay;
  return {{"file", options.gif},
          {"frames", timing.kept.size()},
          {"seconds", static_cast<double>(hundredths) / 100},
          {"bytes", content.size()}};
}

// Moments from the first to the last, evenly; of one, the one in the middle.
Json write_png(const std::vector<Moment>& moments, const WatchOptions& options, const Wishes& wishes) {
  const std::size_t count = std::min(static_cast<std::size_t>(wishes.frames), moments.size());
  require(count > 0, "there is no moment to draw for ", options.png);
  std::vector<Image> images;
  for (std::size_t k = 0; k < count; ++k) {
    const std::size_t i = count == 1 ? moments.size() / 2 : k * (moments.size() - 1) / (count - 1);
    images.push_back(draw_moment(moments[i], options, wishes.scale));
  }
  constexpr std::size_t kMostBeside = 4;
  const std::size_t rows = (count + kMostBeside - 1) / kMostBeside;
  const auto columns = static_cast<int>((count + rows - 1) / rows);
  const std::string content = to_png(count == 1 ? images.front() : contact_sheet(images, columns));
  write_file_atomically(options.png, content);
  return {{"file", options.png}, {"frames", count}, {"bytes", content.size()}};
}

Showing make_files(Player& player, const WatchOptions& options, const Wishes& wishes, Json& report) {
  require(player.now().scene.has_value(), player.now().environment,
          " has no picture that could be drawn; without --gif and --png it is played in text");
  std::vector<Moment> moments;
  const Showing showing = record(player, wishes.episodes.value_or(1), wishes.max_frames, moments);
  if (!options.gif.empty()) report["gif"] = write_gif(moments, options, wishes);
  if (!options.png.empty()) report["png"] = write_png(moments, options, wishes);
  return showing;
}

Json report_of(const Player& player, const Showing& showing) {
  Json j = {{"env", player.now().environment}, {"agent", player.now().agent}, {"episodes", Json::array()}};
  for (const auto& e : showing.episodes) {
    j["episodes"].push_back({{"episode", e.episode},
                             {"seed", e.seed},
                             {"return", e.episode_return},
                             {"length", e.length},
                             {"terminated", e.ending == Ending::terminated},
                             {"truncated", e.ending == Ending::truncated}});
  }
  return j;
}

void print(const Showing& showing, const Json& report) {
  for (const auto& e : showing.episodes) {
    std::cout << "episode " << e.episode << "  seed " << e.seed << "  return " << brief(e.episode_return, 6) << "  steps "
              << e.length << "  " << (e.ending == Ending::none ? "not played to its end" : ending_text(e.ending)) << '\n';
  }
  for (const char* kind : {"gif", "png"}) {
    if (!report.contains(kind)) continue;
    const Json& file = report[kind];
    std::cout << file["file"].get<std::string>() << "  " << file["frames"] << " frames";
    if (file.contains("seconds")) std::cout << ", " << fixed(file["seconds"], 1) << " s";
    std::cout << ", " << grouped(file["bytes"]) << " bytes\n";
  }
}

}  // namespace

int watch_command(const WatchOptions& options) {
  const Wishes wishes = parse(options);
  check_files(options);
  Player player = make_player(options, wishes);
  Json files = Json::object();
  Showing showing;
  if (makes_files(options)) {
    showing = make_files(player, options, wishes, files);
  } else if (!options.text && Terminal::usable()) {
    if (!can_draw()) std::cerr << "No pictures: cairo is " << drawing_library() << '\n';
    showing = show_on_terminal(player, wishes.episodes, wishes.speed);
  } else {
    showing = show_as_text(player, wishes.episodes.value_or(1), wishes.max_frames, std::cout);
  }
  if (showing.cut) {
    std::cerr << "Only the first " << wishes.max_frames << " frames: --max-frames N takes more\n";
  }
  print(showing, files);
  if (options.json) {
    Json j = report_of(player, showing);
    j.update(files);
    std::cout << j.dump(-1, ' ', false, Json::error_handler_t::replace) << '\n';  // a file name need not be UTF-8
  }
  return showing.interrupted ? kInterrupted : 0;
}

}  // namespace handgrad::app
