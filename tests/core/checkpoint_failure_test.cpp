// What disks and people do to a program that writes checkpoints.

#include <sys/stat.h>
#include <unistd.h>

#ifdef __linux__
#include <sched.h>
#include <sys/mount.h>
#endif

#include <algorithm>
#include <chrono>
#include <random>
#include <thread>

#include "core/checkpoint.h"
#include "core/checkpoint_writer.h"
#include "tests/support/catch.h"
#include "tests/support/checkpoints.h"
#include "tests/support/child.h"
#include "tests/support/error_message.h"
#include "tests/support/file_size_limit.h"
#include "tests/support/temporary_folder.h"

using namespace handgrad;
using test::same, test::small_checkpoint;
namespace fs = std::filesystem;

namespace {

/// One whose arrays have so many bytes more.
Checkpoint large_checkpoint(std::int64_t number, std::size_t bytes) {
  Checkpoint checkpoint = small_checkpoint(number);
  checkpoint.state.arrays.push_back(test::bytes_tensor("large", "U8", {static_cast<std::int64_t>(bytes)}, bytes));
  return checkpoint;
}

}  // namespace

TEST_CASE("a disk that is full leaves the checkpoint before, and the error names the file", "[checkpoint]") {
  const TemporaryFolder folder;
  write_checkpoint(folder.path(), 1, small_checkpoint(1), 1);
  std::string arrays, text;
  {
    const FileSizeLimit limit(10'000);
    arrays = error_message([&] { write_checkpoint(folder.path(), 2, large_checkpoint(2, 100'000), 1); });
    Checkpoint long_text = small_checkpoint(2);
    long_text.configuration = std::string(20'000, 'x');
    text = error_message([&] { write_checkpoint(folder.path(), 2, long_text, 1); });
  }
  CHECK(contains(arrays, "step-2/state.safetensors': File too large"));
  CHECK(contains(text, "step-2/state.json': File too large"));
  CHECK(same(newest_checkpoint(folder.path())->checkpoint, small_checkpoint(1)));
  CHECK(folder.entries() == 1);
}

#ifdef __linux__
TEST_CASE("a small disk of its own, filled up, keeps the checkpoint before", "[checkpoint]") {
  const TemporaryFolder folder;
  const test::Child child([&](const auto& tell) {
    // In a namespace of its own, so that nobody else sees the disk and it goes with the process.
    if (::unshare(CLONE_NEWNS) != 0 || ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        ::mount("tmpfs", folder.path().c_str(), "tmpfs", 0, "size=256k") != 0) {
      tell("no rights to mount");
      return;
    }
    write_checkpoint(folder.path(), 1, small_checkpoint(1), 1);
    tell(error_message([&] { write_checkpoint(folder.path(), 2, large_checkpoint(2, 1 << 20), 1); }));
    const auto newest = newest_checkpoint(folder.path());
    tell(newest && same(newest->checkpoint, small_checkpoint(1)) && folder.entries() == 1 ? "; the first is whole" : "; lost");
    write_checkpoint(folder.path(), 3, large_checkpoint(3, 100'000), 1);  // there is room again
    tell(newest_checkpoint(folder.path())->place.number == 3 ? "; the third too" : "; no third");
  });
  const std::string told = child.told();
  if (told == "no rights to mount") {
    WARN("skipped: this needs the right to mount a disk");
    return;
  }
  CHECK(contains(told, "step-2/state.safetensors': No space left on device; free some space there or choose another place"));
  CHECK(contains(told, "; the first is whole; the third too"));
}
#endif

TEST_CASE("a folder that may not be written to is an error that says so", "[checkpoint]") {
  if (::geteuid() == 0) {
    WARN("skipped: the superuser may write everywhere");
    return;
  }
  const TemporaryFolder folder;
  write_checkpoint(folder.path(), 1, small_checkpoint(1), 1);
  fs::permissions(folder.path(), fs::perms::owner_read | fs::perms::owner_exec);
  const std::string message = error_message([&] { write_checkpoint(folder.path(), 2, small_checkpoint(2), 1); });
  const auto newest = newest_checkpoint(folder.path());
  fs::permissions(folder.path(), fs::perms::owner_all);
  CHECK(contains(message, "Permission denied; choose a place you have the rights for"));
  CHECK(newest->place.number == 1);
}

TEST_CASE("a folder of checkpoints that has vanished is made again, but not the one it was in", "[checkpoint]") {
  const TemporaryFolder folder;
  fs::create_directory(folder / "run");
  write_checkpoint(folder / "run/checkpoint", 1, small_checkpoint(1), 1);
  fs::remove_all(folder / "run/checkpoint");
  write_checkpoint(folder / "run/checkpoint/", 2, small_checkpoint(2), 1);
  CHECK(newest_checkpoint(folder / "run/checkpoint")->place.number == 2);
  fs::remove_all(folder / "run");
  CHECK(contains(error_message([&] { write_checkpoint(folder / "run/checkpoint", 3, small_checkpoint(3), 1); }),
                 "run/checkpoint': No such file or directory; check the path; folders on the way must exist"));
  CHECK(folder.entries() == 0);
}

TEST_CASE("a file in the place of a folder of checkpoints, or of one of them, is an error and stays", "[checkpoint]") {
  const TemporaryFolder folder;
  put_bytes(folder / "checkpoint", "mine");
  CHECK(contains(error_message([&] { write_checkpoint(folder / "checkpoint", 1, {}, 1); }), "checkpoint': Not a directory"));
  CHECK(contains(error_message([&] { list_checkpoints(folder / "checkpoint"); }), "checkpoint': Not a directory"));
  CHECK(get_bytes(folder / "checkpoint") == "mine");

  fs::create_directory(folder / "other");
  put_bytes(folder / "other/step-1", "mine");
  CHECK(contains(error_message([&] { write_checkpoint(folder / "other", 1, {}, 1); }), "other/step-1': Not a directory"));
  CHECK(get_bytes(folder / "other/step-1") == "mine");
  CHECK(std::distance(fs::directory_iterator(folder / "other"), fs::directory_iterator()) == 1);
}

TEST_CASE("whenever a writer of checkpoints is killed, the newest is whole and is the last or the next", "[checkpoint]") {
  std::mt19937 random(11);
  const TemporaryFolder folder;
  std::int64_t next = 1;
  int unfinished = 0;
  for (int attempt = 0; attempt < 50; ++attempt) {
    test::Child child([&](const auto& tell) {
      for (std::int64_t number = next;; ++number) {
        // Every third is written twice, the second time over the first.
        write_checkpoint(folder.path(), number, large_checkpoint(number, 20'000), 2);
        if (number % 3 == 0) write_checkpoint(folder.path(), number, large_checkpoint(number, 20'000), 2);
        tell(std::to_string(number) + "\n");
      }
    });
    REQUIRE(child.wait());
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 10'000));
    child.kill();
    const std::string told = child.told();
    const std::int64_t written = next - 1 + std::count(told.begin(), told.end(), '\n');

    for (const auto& entry : fs::directory_iterator(folder.path())) {
      if (entry.path().filename().string()[0] == '.') ++unfinished;
    }
    const auto newest = newest_checkpoint(folder.path());
    REQUIRE(newest);
    INFO("attempt " << attempt << ", " << written << " written");
    REQUIRE(newest->refused.empty());
    REQUIRE(newest->place.number >= written);
    REQUIRE(newest->place.number <= written + 1);
    REQUIRE(same(newest->checkpoint, large_checkpoint(newest->place.number, 20'000)));
    next = newest->place.number + 1;
  }
  CHECK(unfinished > 0);  // some were killed in the midst of it
  write_checkpoint(folder.path(), next, small_checkpoint(next), 1);
  CHECK(folder.entries() == 1);
}

TEST_CASE("two writers of one folder wait for each other", "[checkpoint]") {
  const TemporaryFolder folder;
  std::vector<std::string> messages(3);
  std::vector<std::thread> writers;
  for (std::size_t w = 0; w < messages.size(); ++w) {
    writers.emplace_back([&, w] {
      messages[w] = error_message([&] {
        for (std::int64_t i = 0; i < 10; ++i) write_checkpoint(folder.path(), i, small_checkpoint(i), 2);
      });
    });
  }
  for (std::thread& writer : writers) writer.join();
  for (const std::string& message : messages) CHECK(message == "(nothing was thrown)");
  CHECK(same(newest_checkpoint(folder.path())->checkpoint, small_checkpoint(9)));
  CHECK(folder.entries() <= 4);
}
