// Takes the place of gif_giflib.cpp where there is no giflib to build with.

#include "app/watch/gif.h"
#include "core/error.h"

namespace handgrad::app {

bool can_write_gifs() { return false; }
std::string gif_library() {
  return "missing: this program was built without giflib; install it (Debian: libgif-dev), remove the build folder, build "
         "again";
}
std::string to_gif(const Film&) { fail("cannot make a GIF: giflib is ", gif_library()); }

}  // namespace handgrad::app
