// What the terminal shows, and what its keys do: pure functions.

#include "app/format.h"
#include "app/watch/canvas.h"
#include "app/watch/screen.h"
#include "tests/support/catch.h"
#include "tests/support/error_message.h"

using namespace handgrad;
using namespace handgrad::app;

namespace {

std::string visible(const std::string& line) {
  std::string text;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] != '\x1b') {
      text += line[i];
      continue;
    }
    while (line[i] < '@' || line[i] > '~' || line[i] == '[') ++i;
  }
  return text;
}

std::string visible(const std::vector<std::string>& lines) {
  std::string text;
  for (const auto& line : lines) text += visible(line) + "\n";
  return text;
}

Moment lake_moment() {
  Moment moment{.environment = "FrozenLake-v1", .agent = "somebody"};
  moment.scene = FrozenLakeScene{{"SFFF", "FHFH", "FFFH", "HFFG"}, 4};
  moment.text = "  (Down)\nSFFF\nFHFH\nFFFH\nHFFG\n";
  moment.observation = {4};
  moment.step = 1;
  moment.last_action = 1;
  moment.actions = 4;
  moment.choice = Choice{2, {0, 0.25, 0.5, -0.5}};
  moment.least_value = -0.5;
  moment.most_value = 0.5;
  return moment;
}

}  // namespace

TEST_CASE("half blocks carry two pixels a character, and set a colour only where it changes") {
  const Image image{2, 2, {0xFF0000, 0xFF0000, 0x000000, 0x0000FF}};
  CHECK(half_blocks(image, ColourDepth::true_colour) ==
        std::vector<std::string>{"\x1b[38;2;255;0;0;48;2;0;0;0m▀\x1b[48;2;0;0;255m▀\x1b[0m"});
  CHECK(half_blocks(image, ColourDepth::colours_256) ==
        std::vector<std::string>{"\x1b[38;5;196;48;5;16m▀\x1b[48;5;21m▀\x1b[0m"});
  const Image odd{1, 3, {0xFFFFFF, 0xFFFFFF, 0xFFFFFF}};
  CHECK(half_blocks(odd, ColourDepth::true_colour).size() == 2);
}

TEST_CASE("the nearest of 256 colours is a grey where a grey is nearer than the cube") {
  CHECK(nearest_of_256(0x000000) == 16);
  CHECK(nearest_of_256(0xFFFFFF) == 231);
  CHECK(nearest_of_256(0x00FF00) == 46);
  CHECK(nearest_of_256(0x808080) == 244);
}

TEST_CASE("keys are a state machine") {
  Controls controls;
  const auto press = [&](const std::string& bytes) {
    for (const char key : keys_in(bytes)) controls.press(key);
  };
  press(" ");
  CHECK(controls.paused);
  press(" ");
  CHECK_FALSE(controls.paused);
  press("n");
  CHECK((controls.paused && controls.step));
  press("++");
  CHECK(controls.speed == 4);
  press("---");
  CHECK(controls.speed == 0.5);
  press(std::string(20, '+'));
  CHECK(controls.speed == 64);
  press(std::string(20, '-'));
  CHECK(controls.speed == 1.0 / 16);
  press("r");
  CHECK(controls.restart);
  press("x\x1b[A\x1b[1;5q\x1bOq\x1b");  // others, also those whose sequences hold letters that mean something
  CHECK_FALSE(controls.quit);
  press("q");
  CHECK((controls.quit && !controls.interrupted));
  controls = {};
  press("\x03");
  CHECK((controls.quit && controls.interrupted));
}

TEST_CASE("a screen holds no more lines than the terminal, and all that is to be known") {
  Controls controls;
  controls.paused = true;
  controls.speed = 2;
  for (const ScreenSize size : {ScreenSize{80, 24}, {200, 60}, {100, 3}}) {
    CHECK(compose_screen(lake_moment(), controls, size, ColourDepth::true_colour).size() <=
          static_cast<std::size_t>(size.rows));
  }
  const std::string text = visible(compose_screen(lake_moment(), controls, {80, 24}, ColourDepth::true_colour));
  for (const char* part : {"FrozenLake-v1", "somebody", "step     1", "action   down", "▶ right     0.50    ████████",
                           "  down      0.25    ██████", "  up        -0.50", "paused, speed x2", "q      quit"}) {
    CAPTURE(part, text);
    CHECK(contains(text, part));
  }
}

TEST_CASE("a narrow terminal has one line below the picture") {
  if (!can_draw()) return;
  Controls controls;
  controls.paused = true;
  const auto lines = compose_screen(lake_moment(), controls, {40, 24}, ColourDepth::true_colour);
  CHECK(lines.size() == 21);  // 40 x 40 pixels
  CHECK(contains(lines.back(), "paused: episode 1  step 1"));
  CHECK(display_width(lines.back()) <= 40);
}

TEST_CASE("without a picture the environment's text is shown, or else its observation") {
  Moment moment = lake_moment();
  moment.scene.reset();
  const auto lines = compose_screen(moment, {}, {80, 24}, ColourDepth::true_colour);
  CHECK(visible(lines).rfind("  (Down)FrozenLake-v1\nSFFFsomebody\n", 0) == 0);  // at the column the terminal is told
  CHECK(contains(lines[0], "\x1b[51G"));
  moment.text.clear();
  CHECK(text_picture(moment) == std::vector<std::string>{"observation", "4"});
}
