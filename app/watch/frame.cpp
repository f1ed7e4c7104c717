#include "app/watch/frame.h"

#include <algorithm>
#include <cmath>

#include "app/format.h"
#include "core/error.h"

namespace handgrad::app {

namespace {

constexpr double kPanel = 220, kMargin = 16, kLine = 19, kText = 13;
constexpr Colour kInk{40, 44, 52}, kPale{122, 128, 138}, kRule{222, 226, 232};
constexpr Colour kBar{158, 189, 220}, kChosenBar{31, 119, 180}, kEndInk{190, 60, 50};

// Title, agent, a rule, facts; another rule, actions; a line for the end.
double panel_height(const Moment& moment) {
  return 2 * kMargin + kLine * (2 + static_cast<double>(facts(moment).size() + static_cast<std::size_t>(moment.actions)) + 1) +
         2 * 10;
}

// A bar for every action's value, from zero to the left or right; the chosen one darker.
void draw_actions(Canvas& canvas, const Moment& moment, double left, double right, double y) {
  const double bars = left + 84, numbers = right;
  const double space = numbers - 50 - bars;
  const double span = std::max(moment.most_value - moment.least_value, 1e-9);
  const double zero = bars - moment.least_value / span * space;
  for (std::int64_t a = 0; a < moment.actions; ++a, y += kLine) {
    const bool chosen = moment.choice && moment.choice->action == a;
    if (chosen) canvas.polygon({{left, y - 9}, {left + 7, y - 4.5}, {left, y}}, kChosenBar);
    canvas.text({left + 12, y}, action_name(moment.scene, a), kText, chosen ? kInk : kPale, Align::left, chosen);
    if (!moment.choice || moment.choice->values.empty()) continue;
    const double value = moment.choice->values[static_cast<std::size_t>(a)];
    if (!std::isfinite(value)) continue;
    const double length = value / span * space;
    canvas.rectangle(std::min(zero, zero + length), y - 10, std::fabs(length), 11, chosen ? kChosenBar : kBar);
    canvas.line({zero, y - 12}, {zero, y + 3}, 1, kPale);
    canvas.text({numbers, y}, fixed(value, std::fabs(value) < 100 ? 2 : 1), 12, chosen ? kInk : kPale, Align::right, chosen);
  }
}

void draw_panel(Canvas& canvas, const Moment& moment, double x) {
  const double left = x + kMargin, right = x + kPanel - kMargin;
  double y = kMargin + 12;
  canvas.text({left, y}, moment.environment, 14, kInk, Align::left, true);
  constexpr double kLettersThatFit = 28;
  const double agent_size = 12 * std::min(1.0, kLettersThatFit / static_cast<double>(display_width(moment.agent)));
  canvas.text({left, y += kLine}, moment.agent, agent_size, kPale);
  canvas.line({left, y + 9}, {right, y + 9}, 1, kRule);
  y += 10;
  for (const auto& [name, value] : facts(moment)) {
    canvas.text({left, y += kLine}, name, kText, kPale);
    canvas.text({left + 84, y}, value, kText, kInk);
  }
  canvas.line({left, y + 9}, {right, y + 9}, 1, kRule);
  y += 10 + kLine;
  draw_actions(canvas, moment, left, right, y);
  y += kLine * static_cast<double>(moment.actions);
  if (moment.ending != Ending::none) canvas.text({left, y}, ending_text(moment.ending), kText, kEndInk, Align::left, true);
}

}  // namespace

Image draw_frame(const Scene& scene, double scale) {
  const Size size = size_of(scene);
  Canvas canvas(size.width, size.height, scale);
  draw_scene(canvas, scene);
  return canvas.image();
}

Image draw_frame(const Moment& moment, double scale) {
  require(moment.scene.has_value(), moment.environment, " has no picture");
  const Size size = size_of(*moment.scene);
  const double height = std::max(size.height, panel_height(moment));
  Canvas canvas(size.width + kPanel, height, scale);
  {
    const auto centred = canvas.place({0, std::floor((height - size.height) / 2)});
    draw_scene(canvas, *moment.scene);
  }
  canvas.rectangle(size.width, 0, kPanel, height, kWhite);  // a cart may be half outside its scene
  canvas.line({size.width + 0.5, 0}, {size.width + 0.5, height}, 1, kRule);
  draw_panel(canvas, moment, size.width);
  return canvas.image();
}

}  // namespace handgrad::app
