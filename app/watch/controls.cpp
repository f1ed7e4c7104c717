#include "app/watch/controls.h"

#include <algorithm>

namespace handgrad::app {

namespace {

constexpr char kControlC = 3, kEscape = 27;
constexpr double kSlowest = 1.0 / 16, kFastest = 64;

}  // namespace

void Controls::press(char key) {
  switch (key) {
    case ' ': paused = !paused; break;
    case 'n': paused = step = true; break;
    case '+':
    case '=':  // the same key without shift
      speed = std::min(speed * 2, kFastest);
      break;
    case '-': speed = std::max(speed / 2, kSlowest); break;
    case 'r': restart = true; break;
    case kControlC: quit = interrupted = true; break;
    case 'q': quit = true; break;
    default: break;
  }
}

std::string keys_in(std::string_view bytes) {
  std::string keys;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (bytes[i] != kEscape) {
      keys += bytes[i];
      continue;
    }
    // ESC [ parameters letter, or ESC and one more byte.
    if (i + 1 < bytes.size() && (bytes[i + 1] == '[' || bytes[i + 1] == 'O')) {
      i += 2;
      while (i < bytes.size() && (bytes[i] < '@' || bytes[i] > '~')) ++i;
    } else {
      ++i;
    }
  }
  return keys;
}

}  // namespace handgrad::app
