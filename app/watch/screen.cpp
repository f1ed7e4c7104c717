#include "app/watch/screen.h"

#include <algorithm>
#include <cmath>
#include <sstream>

#include "app/format.h"
#include "app/watch/frame.h"

namespace handgrad::app {

namespace {

using Lines = std::vector<std::string>;

constexpr int kSide = 30;          // columns beside the picture
constexpr int kLeastPicture = 24;  // columns; with less the side goes
constexpr const char *kBold = "\x1b[1m", *kPale = "\x1b[2m", *kPlain = "\x1b[0m";

std::string padded(const std::string& text, std::size_t columns) {
  const std::size_t width = display_width(text);
  return width < columns ? text + std::string(columns - width, ' ') : text;
}

// Eighths of a character: the longer, the better. From the least value so far, or zero, to the largest one.
std::string bar(double value, const Moment& moment, int columns) {
  static constexpr const char* kEighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  const double span = moment.most_value - moment.least_value;
  const double share = span > 0 ? std::clamp((value - moment.least_value) / span, 0.0, 1.0) : 0.0;
  const int eighths = static_cast<int>(std::lround(share * 8 * columns));
  std::string text;
  for (int i = 0; i < eighths / 8; ++i) text += "█";
  return text + kEighths[eighths % 8];
}

std::string action_line(const Moment& moment, std::int64_t a) {
  const bool chosen = moment.choice && moment.choice->action == a;
  std::string line = (chosen ? "▶ " : "  ") + padded(action_name(moment.scene, a), 9);
  if (moment.choice && !moment.choice->values.empty()) {
    const double value = moment.choice->values[static_cast<std::size_t>(a)];
    line += " " + padded(fixed(value, 2), 8) + (std::isfinite(value) ? bar(value, moment, 8) : "");
  }
  return chosen ? kBold + line + kPlain : line;
}

std::string state_of(const Moment& moment, const Controls& controls) {
  std::string state = moment.ending != Ending::none ? ending_text(moment.ending) : controls.paused ? "paused" : "";
  if (controls.speed != 1) state += (state.empty() ? "" : ", ") + std::string("speed x") + brief(controls.speed);
  return state;
}

Lines side_lines(const Moment& moment, const Controls& controls) {
  Lines lines = {kBold + moment.environment + kPlain, moment.agent.substr(0, kSide), ""};
  for (const auto& [name, value] : facts(moment)) lines.push_back(padded(name, 9) + value);
  lines.emplace_back("");
  for (std::int64_t a = 0; a < moment.actions; ++a) lines.push_back(action_line(moment, a));
  lines.insert(lines.end(), {"", kBold + state_of(moment, controls) + kPlain, ""});
  for (const char* help : kControlsHelp) lines.push_back(std::string(kPale) + help + kPlain);
  return lines;
}

std::string status_line(const Moment& moment, const Controls& controls) {
  const std::string state = state_of(moment, controls);
  std::string line = state.empty() ? "" : state + ": ";
  for (const auto& [name, value] : facts(moment)) line += name + " " + value + "  ";
  return line;
}

// The picture on at most so many characters, its shape kept, never larger than it is drawn.
Lines picture_lines(const Scene& scene, int columns, int rows, ColourDepth depth) {
  const Image image = draw_frame(scene);
  const double scale = std::min({1.0, static_cast<double>(columns) / image.width, 2.0 * rows / image.height});
  const int width = std::max(1, static_cast<int>(image.width * scale));
  const int height = std::max(2, static_cast<int>(image.height * scale) / 2 * 2);
  return half_blocks(resized(image, width, height), depth);
}

}  // namespace

Lines text_picture(const Moment& moment) {
  Lines lines;
  if (moment.text.empty()) {
    lines.emplace_back("observation");
    for (const float value : moment.observation) lines.push_back(brief(static_cast<double>(value)));
    return lines;
  }
  std::istringstream text(moment.text);
  for (std::string line; std::getline(text, line);) lines.push_back(line);
  return lines;
}

Lines compose_screen(const Moment& moment, const Controls& controls, ScreenSize size, ColourDepth depth) {
  const bool beside = size.columns >= kSide + kLeastPicture;
  const int rows = std::max(size.rows, 2);
  const int columns = beside ? size.columns - kSide - 2 : size.columns;
  Lines lines = moment.scene && can_draw() ? picture_lines(*moment.scene, columns, beside ? rows : rows - 1, depth)
                                           : text_picture(moment);
  if (beside) {
    // Beside the picture by the terminal's own cursor: no counting of columns behind colours.
    const Lines side = side_lines(moment, controls);
    lines.resize(std::max(lines.size(), side.size()));
    const std::string move = "\x1b[K\x1b[" + std::to_string(size.columns - kSide + 1) + "G";
    for (std::size_t i = 0; i < side.size(); ++i) lines[i] += move + side[i];
  } else {
    lines.resize(std::min(lines.size(), static_cast<std::size_t>(rows - 1)));
    lines.push_back(status_line(moment, controls).substr(0, static_cast<std::size_t>(size.columns)));
  }
  if (lines.size() > static_cast<std::size_t>(rows)) lines.resize(static_cast<std::size_t>(rows));
  return lines;
}

}  // namespace handgrad::app
