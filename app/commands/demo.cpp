#include <algorithm>
#include <iostream>

#include <nlohmann/json.hpp>

#include "app/commands/commands.h"
#include "app/demos/demo.h"
#include "app/format.h"
#include "app/progress.h"
#include "app/run/new_folder.h"
#include "app/text_table.h"
#include "app/watch/frame.h"
#include "core/atomic_file.h"

namespace handgrad::app {

namespace {

using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

Json to_json(const SettingValue& value) {
  return std::visit([](const auto& v) { return Json(v); }, value);
}

// A percentage on stderr, for a terminal only: demos take seconds.
class Percentage {
 public:
  explicit Percentage(bool quiet) : on_(!quiet && choose_progress_mode(false) == ProgressMode::live) {}
  ~Percentage() {
    if (shown_ >= 0) std::cerr << "\r    \r" << std::flush;
  }
  void update(std::int64_t done, std::int64_t total) {
    const auto percent = static_cast<int>(100.0 * static_cast<double>(done) / static_cast<double>(total));
    if (!on_ || percent == shown_) return;
    shown_ = percent;
    std::cerr << '\r' << percent << " %" << std::flush;
  }

 private:
  bool on_;
  int shown_ = -1;
};

// What cannot be drawn costs a line and is shown as text where there is one, never the demo.
class Drawing {
 public:
  explicit Drawing(fs::path folder) : folder_(std::move(folder)) {}

  void add(const DemoReport& report) {
    for (const auto& [name, picture] : report.pictures) {
      attempt(
          name, [this, &picture = picture, &stem = name] { draw(picture, folder_ / stem); }, {".png", ".svg", ".csv"},
          &picture);
    }
    if (!report.frames.empty())
      attempt(
          "frames", [&] { draw_frames(report.frames); }, {".png"}, nullptr);
  }
  const std::vector<fs::path>& files() const { return files_; }

 private:
  template <class Action>
  void attempt(const std::string& name, const Action& action, const std::vector<std::string>& endings,
               const Picture* picture) {
    try {
      action();
      for (const std::string& ending : endings) files_.push_back(folder_ / (name + ending));
    } catch (const std::exception& error) {
      std::cerr << "handgrad: no picture " << name << ": " << error.what() << '\n';
      if (picture != nullptr) std::cout << '\n' << to_text(*picture);
    }
  }

  void draw_frames(const std::vector<Scene>& scenes) {
    std::vector<Image> images;
    for (const Scene& scene : scenes) images.push_back(draw_frame(scene));
    fs::create_directories(folder_);
    write_file_atomically(folder_ / "frames.png",
                          to_png(contact_sheet(images, std::min<int>(3, static_cast<int>(images.size())))));
  }

  fs::path folder_;
  std::vector<fs::path> files_;
};

}  // namespace

int demo_command(const DemoOptions& options) {
  const std::uint64_t seed = options.seed ? parse_seed(*options.seed) : 1;
  const Demo& demo = known_demo(options.demo);
  const DemoValues values(demo.settings, options.set);
  std::optional<NewFolder> folder;
  if (!options.out.empty()) folder.emplace(NewFolder::exactly(options.out));  // a name that is taken is told before the work

  DemoReport report;
  {
    Percentage percentage(options.quiet);
    report = demo.run({values, seed, [&](std::int64_t done, std::int64_t total) { percentage.update(done, total); }});
  }
  if (!folder && !(report.pictures.empty() && report.frames.empty()))
    folder.emplace(NewFolder::numbered(fs::path("runs") / demo.id));

  Json json = {{"demo", demo.id}, {"seed", seed}, {"settings", Json::object()}};
  for (const DemoSetting& setting : demo.settings) json["settings"][setting.key] = to_json(values.value(setting.key));
  json["result"] = Json::parse(report.json);
  json["bars"] = Json::array();
  for (const DemoBar& bar : report.bars) {
    json["bars"].push_back({{"text", bar.text}, {"measured", bar.measured}, {"met", bar.met}});
  }
  std::cout << report.text;
  if (folder) {
    write_file_atomically(folder->path() / "result.txt", report.text);
    write_file_atomically(folder->path() / "result.json", json.dump(2) + "\n");
    folder->keep();
    Drawing drawing(folder->path() / "plots");
    drawing.add(report);
    json["folder"] = folder->path().string();
    json["files"] = Json::array();
    for (const fs::path& file : drawing.files()) json["files"].push_back(file.string());
    if (!options.json) std::cout << "\nfolder  " << folder->path().string() << '\n';
  }
  // A file name need not be UTF-8, JSON has to be.
  if (options.json) std::cout << json.dump(-1, ' ', false, Json::error_handler_t::replace) << '\n';
  return 0;
}

int explain_demo(const ExplainOptions& options) {
  const Demo& demo = known_demo(options.preset);
  const DemoValues values(demo.settings, options.set);
  Json json = {{"demo", demo.id}, {"description", demo.about}, {"settings", Json::object()}};
  TextTable table({"setting", "value", "allowed", "meaning"}, "llll");
  for (const DemoSetting& setting : demo.settings) {
    const SettingValue& value = values.value(setting.key);
    table.add({setting.key, to_toml(value), allowed(setting), setting.meaning});
    json["settings"][setting.key] = {{"value", to_json(value)},
                                     {"default", to_json(setting.standard)},
                                     {"allowed", allowed(setting)},
                                     {"meaning", setting.meaning}};
  }
  if (options.json) {
    std::cout << json.dump() << '\n';
    return 0;
  }
  std::cout << demo.id << ": " << demo.about << "\n\n"
            << (demo.settings.empty() ? "It has no settings.\n" : table.to_string()) << "\nhandgrad demo " << demo.id
            << (demo.settings.empty() ? "" : " --set KEY=VALUE") << '\n';
  return 0;
}

}  // namespace handgrad::app
