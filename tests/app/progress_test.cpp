#include "app/progress.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <functional>
#include <sstream>
#include <string_view>
#include <thread>

#include "core/error.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_folder.h"

using namespace handgrad;
using namespace handgrad::app;

namespace {

constexpr std::string_view kWipe = "\r\x1b[2K";  // what was shown in a terminal's line

/// The lines that go to stderr meanwhile.
std::vector<std::string> lines_of(const std::function<void()>& work) {
  const TemporaryFolder folder;
  const int kept = ::dup(STDERR_FILENO);
  const int file = ::open((folder / "stderr").c_str(), O_WRONLY | O_CREAT, 0600);
  ::dup2(file, STDERR_FILENO);
  work();
  ::dup2(kept, STDERR_FILENO);
  ::close(kept);
  ::close(file);
  std::istringstream all(get_bytes(folder / "stderr"));
  std::vector<std::string> lines;
  for (std::string line; std::getline(all, line);) lines.push_back(line);
  return lines;
}

}  // namespace

TEST_CASE("runs on several threads show their progress in lines that stay whole", "[threads]") {
  constexpr std::size_t kRuns = 4;
  constexpr std::int64_t kSteps = 200;
  for (const ProgressMode mode : {ProgressMode::live, ProgressMode::lines, ProgressMode::quiet}) {
    std::vector<std::string> lines = lines_of([mode] {
      ProgressDisplay progress(mode, "several", kRuns, {.env_steps = kSteps});
      std::vector<std::jthread> threads;
      for (std::size_t run = 0; run < kRuns; ++run) {
        threads.emplace_back([&progress, run] {
          for (std::int64_t step = 1; step <= kSteps; ++step) {
            progress.update(run, {.episodes = step, .env_steps = step});
            if (step % 50 == 0) progress.warn(text("run ", run, " at step ", step));
          }
          progress.finish(run);
        });
      }
    });
    for (std::string& line : lines) {
      const std::size_t wiped = line.rfind(kWipe);
      if (wiped != std::string::npos) line.erase(0, wiped + kWipe.size());
    }
    REQUIRE(lines.size() >= kRuns * 4);
    for (std::size_t run = 0; run < kRuns; ++run) {
      for (std::int64_t step = 50; step <= kSteps; step += 50) {
        CHECK(std::ranges::count(lines, text("run ", run, " at step ", step)) == 1);
      }
    }
  }
}
