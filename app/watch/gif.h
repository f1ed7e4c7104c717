#pragma once

#include <functional>
#include <string>
#include <vector>

#include "app/watch/image.h"

namespace handgrad::app {

/// Whether this build can make GIFs: it can if giflib was there when it was made.
bool can_write_gifs();
/// "giflib 5.2.1", or what is missing and what to do about it.
std::string gif_library();

/// A film as plain data: frames are drawn when they are asked for (each twice), because a long film does not fit into memory.
struct Film {
  std::function<Image(std::size_t)> frame;  ///< all of one size; the same image for the same index
  std::vector<int> delays;                  ///< an entry a frame, in hundredths of a second
};

/// The film as a GIF file's content, repeated for ever. One palette for all frames; each frame holds only the rectangle that
/// has changed, and in it only the pixels that have. The same film gives the same bytes.
/// Throws Error if there are no frames, their sizes differ, or this build cannot make GIFs.
std::string to_gif(const Film& film);

/// Delays that keep `frames_per_second` on average, in whole hundredths. Viewers show a delay below 2 as 10: a film that
/// would need one keeps every second, third ... frame instead, and `kept` says which. `held` frames (by index, such as the
/// last ones of episodes) are kept and stay for a second.
struct Timing {
  std::vector<std::size_t> kept;
  std::vector<int> delays;  ///< [kept]
};
Timing film_timing(std::size_t frames, double frames_per_second, const std::vector<std::size_t>& held);

}  // namespace handgrad::app
