#include <system_error>

#include "app/plots/gnuplot.h"
#include "app/plots/picture.h"
#include "app/plots/picture_files.h"
#include "core/atomic_file.h"
#include "core/error.h"

namespace handgrad::app {

namespace fs = std::filesystem;

namespace {

// with_extension would take what follows a dot in the stem for one.
fs::path with_ending(const fs::path& stem, const char* ending) { return fs::path(stem).concat(ending); }

}  // namespace

void draw(const Picture& picture, const fs::path& stem) {
  const std::string script = plots::script(picture), data = plots::csv(picture);
  if (stem.has_parent_path()) {
    std::error_code failed;
    fs::create_directories(stem.parent_path(), failed);
    require(!failed, "cannot make the folder ", stem.parent_path().string(), ": ", failed.message());
  }
  write_file_atomically(with_ending(stem, ".csv"), data);
  write_file_atomically(with_ending(stem, ".gp"), script);
  run_gnuplot(with_ending(stem, ".gp"), with_ending(stem, ".png"), "format = 'png'");
  run_gnuplot(with_ending(stem, ".gp"), with_ending(stem, ".svg"), "format = 'svg'");
}

}  // namespace handgrad::app
