#include "core/checkpoint.h"

#include <unistd.h>

#include "core/checksum.h"
#include "tests/support/allocations.h"
#include "tests/support/catch.h"
#include "tests/support/checkpoints.h"
#include "tests/support/damage.h"
#include "tests/support/error_message.h"
#include "tests/support/temporary_folder.h"

using namespace handgrad;
using test::same, test::small_checkpoint;
namespace fs = std::filesystem;

namespace {

std::vector<std::int64_t> numbers(const fs::path& parent) {
  std::vector<std::int64_t> found;
  for (const CheckpointPlace& place : list_checkpoints(parent)) found.push_back(place.number);
  return found;
}

using Numbers = std::vector<std::int64_t>;

}  // namespace

TEST_CASE("a checkpoint is read back as it was written", "[checkpoint]") {
  const TemporaryFolder folder;
  const CheckpointCost cost = write_checkpoint(folder / "checkpoint", 7, small_checkpoint(7), 3);
  CHECK(cost.bytes == fs::file_size(folder / "checkpoint/step-7/state.json") +
                          fs::file_size(folder / "checkpoint/step-7/state.safetensors"));
  CHECK(same(read_checkpoint(folder / "checkpoint/step-7"), small_checkpoint(7)));

  const auto newest = newest_checkpoint(folder / "checkpoint");
  REQUIRE(newest);
  CHECK(newest->place.number == 7);
  CHECK(newest->place.folder == folder / "checkpoint/step-7");
  CHECK(newest->refused.empty());
  CHECK(same(newest->checkpoint, small_checkpoint(7)));
  CHECK(numbers(folder.path()).empty());
  CHECK_FALSE(newest_checkpoint(folder / "nowhere"));

  write_checkpoint(folder / "checkpoint", 0, {}, 3);
  CHECK(same(read_checkpoint(folder / "checkpoint/step-0"), {}));
}

TEST_CASE("the same checkpoint gives the same bytes", "[checkpoint]") {
  const TemporaryFolder folder;
  for (const char* parent : {"a", "b"}) write_checkpoint(folder / parent, 1, small_checkpoint(1), 1);
  for (const char* name : {"step-1/state.json", "step-1/state.safetensors"}) {
    CHECK(get_bytes(folder / "a" / name) == get_bytes(folder / "b" / name));
  }
}

TEST_CASE("the newest checkpoints are kept, and others are not touched", "[checkpoint]") {
  const TemporaryFolder folder;
  for (std::int64_t i = 1; i <= 12; ++i) write_checkpoint(folder.path(), i, small_checkpoint(i), 3);
  CHECK(numbers(folder.path()) == Numbers{12, 11, 10});  // by number, not by name
  write_checkpoint(folder.path(), 13, small_checkpoint(13), 1);
  CHECK(numbers(folder.path()) == Numbers{13});

  // One that goes on from an older one leaves newer ones alone.
  write_checkpoint(folder.path(), 5, small_checkpoint(5), 1);
  CHECK(numbers(folder.path()) == Numbers{13, 5});
  write_checkpoint(folder.path(), 6, small_checkpoint(6), 1);
  CHECK(numbers(folder.path()) == Numbers{13, 6});
  CHECK(folder.entries() == 2);
}

TEST_CASE("a checkpoint takes the place of another of the same number", "[checkpoint]") {
  const TemporaryFolder folder;
  write_checkpoint(folder.path(), 1, small_checkpoint(1), 2);
  write_checkpoint(folder.path(), 1, small_checkpoint(2), 2);
  CHECK(same(read_checkpoint(folder / "step-1"), small_checkpoint(2)));
  CHECK(folder.entries() == 1);
}

TEST_CASE("one that was being replaced when the program was killed is still there", "[checkpoint]") {
  const TemporaryFolder folder;
  write_checkpoint(folder.path(), 1, small_checkpoint(1), 2);
  fs::rename(folder / "step-1", folder / ".step-1.old");
  CHECK(numbers(folder.path()) == Numbers{1});
  CHECK(same(newest_checkpoint(folder.path())->checkpoint, small_checkpoint(1)));
  write_checkpoint(folder.path(), 2, small_checkpoint(2), 2);
  CHECK(fs::exists(folder / "step-1"));
  CHECK(numbers(folder.path()) == Numbers{2, 1});

  fs::copy(folder / "step-1", folder / ".step-2.old");  // killed right after: both are there
  CHECK(same(newest_checkpoint(folder.path())->checkpoint, small_checkpoint(2)));
  write_checkpoint(folder.path(), 3, small_checkpoint(3), 2);
  CHECK(folder.entries() == 2);
}

TEST_CASE("what a killed program left unfinished goes, and nothing else", "[checkpoint]") {
  const TemporaryFolder folder;
  fs::create_directories(folder / ".step-3.tmp");
  put_bytes(folder / ".step-3.tmp/state.json", "{");
  for (const char* other : {".step-3.tmp2", ".step-03.tmp", ".step--3.tmp", ".step-.tmp", "step-3.tmp", ".tmp", "step-x",
                            "step-", "step-1 ", "step-01", "step--1", "step-99999999999999999999", "Step-1"}) {
    fs::create_directories(folder / other);
  }
  put_bytes(folder / "step-4", "a file");
  const std::ptrdiff_t before = folder.entries();
  CHECK(numbers(folder.path()).empty());
  write_checkpoint(folder.path(), 1, small_checkpoint(1), 1);
  CHECK_FALSE(fs::exists(folder / ".step-3.tmp"));
  CHECK(folder.entries() == before);  // one less and one more
  CHECK(numbers(folder.path()) == Numbers{1});
}

TEST_CASE("nothing outside the folder of checkpoints is written or removed, wherever links lead", "[checkpoint]") {
  const TemporaryFolder folder;
  fs::create_directories(folder / "outside");
  put_bytes(folder / "outside/state.json", "mine");
  put_bytes(folder / "outside/state.safetensors", "mine");
  const fs::path parent = folder / "checkpoint";
  fs::create_directory(parent);
  for (const char* name : {"step-1", "step-5", ".step-2.tmp", ".step-2.old", ".step-6.tmp"}) {
    fs::create_directory_symlink("../outside", parent / name);
  }
  fs::create_directory(parent / "step-3");
  fs::create_symlink("../../outside/state.json", parent / "step-3/state.json");
  write_checkpoint(parent, 4, small_checkpoint(4), 1);
  CHECK(numbers(parent) == Numbers{4});
  CHECK_FALSE(fs::exists(parent / "step-3"));

  CHECK(contains(error_message([&] { write_checkpoint(parent, 5, small_checkpoint(5), 1); }), "checkpoint/step-5': "));
  CHECK(contains(error_message([&] { write_checkpoint(parent, 6, small_checkpoint(6), 1); }),
                 ".step-6.tmp': File exists; something else is in its place; move that away"));
  CHECK(same(newest_checkpoint(parent)->checkpoint, small_checkpoint(4)));
  for (const char* name : {"state.json", "state.safetensors"}) CHECK(get_bytes(folder / "outside" / name) == "mine");
  CHECK(std::distance(fs::directory_iterator(folder / "outside"), fs::directory_iterator()) == 2);
}

TEST_CASE("what others have put into a checkpoint is not removed with it", "[checkpoint]") {
  const TemporaryFolder folder;
  write_checkpoint(folder.path(), 1, small_checkpoint(1), 1);
  put_bytes(folder / "step-1/notes", "mine");
  write_checkpoint(folder.path(), 2, small_checkpoint(2), 1);
  CHECK(get_bytes(folder / "step-1/notes") == "mine");
  CHECK_FALSE(fs::exists(folder / "step-1/state.json"));
  CHECK(newest_checkpoint(folder.path())->place.number == 2);
}

TEST_CASE("of damaged checkpoints the newest whole one is read, and the others are named", "[checkpoint]") {
  const TemporaryFolder folder;
  for (std::int64_t i = 1; i <= 4; ++i) write_checkpoint(folder.path(), i, small_checkpoint(i), 9);
  fs::resize_file(folder / "step-4/state.json", 100);
  fs::remove(folder / "step-3/state.safetensors");
  const auto newest = newest_checkpoint(folder.path());
  REQUIRE(newest);
  CHECK(newest->place.number == 2);
  CHECK(same(newest->checkpoint, small_checkpoint(2)));
  REQUIRE(newest->refused.size() == 2);
  CHECK(contains(newest->refused[0], "step-4/state.json' as a checkpoint: it is damaged"));
  CHECK(contains(newest->refused[1], "step-3/state.safetensors': No such file"));

  fs::remove(folder / "step-1/state.json");
  fs::remove(folder / "step-2/state.json");
  const std::string message = error_message([&] { newest_checkpoint(folder.path()); });
  CHECK(contains(message, "none of the 4 checkpoints in '"));
  CHECK(contains(message, "step-1/state.json"));
}

TEST_CASE("files of two checkpoints do not make one", "[checkpoint]") {
  const TemporaryFolder folder;
  for (std::int64_t i = 1; i <= 2; ++i) write_checkpoint(folder.path(), i, small_checkpoint(i), 9);
  fs::copy_file(folder / "step-1/state.safetensors", folder / "step-2/state.safetensors",
                fs::copy_options::overwrite_existing);
  CHECK(
      contains(error_message([&] { read_checkpoint(folder / "step-2"); }), "it does not belong to the state.json beside it"));
  fs::resize_file(folder / "step-1/state.safetensors", 64);
  CHECK(contains(error_message([&] { read_checkpoint(folder / "step-1"); }),
                 "it has 64 bytes, but the state.json beside it says "));
}

TEST_CASE("no accident lets a checkpoint be read as another, or takes much memory", "[checkpoint]") {
  const TemporaryFolder folder;
  write_checkpoint(folder.path(), 1, small_checkpoint(1), 1);
  for (const char* name : {"state.json", "state.safetensors"}) {
    const fs::path file = folder / "step-1" / name;
    const std::string whole = get_bytes(file);
    for (const std::string& bytes : test::damaged(whole)) {
      put_bytes(file, bytes);
#if HANDGRAD_COUNTS_ALLOCATIONS
      const std::size_t before = test::bytes_so_far();
      const std::string message = error_message([&] { read_checkpoint(folder / "step-1"); });
      REQUIRE(test::bytes_so_far() - before < 200'000);
#else
      const std::string message = error_message([&] { read_checkpoint(folder / "step-1"); });
#endif
      REQUIRE(contains(message, "step-1/state."));
      REQUIRE_FALSE(contains(message, "\n"));
    }
    put_bytes(file, whole);
  }
  CHECK(same(read_checkpoint(folder / "step-1"), small_checkpoint(1)));
}

TEST_CASE("what cannot be a checkpoint is not written, and what was there stays", "[checkpoint]") {
  const TemporaryFolder folder;
  write_checkpoint(folder.path(), 1, small_checkpoint(1), 1);
  Checkpoint broken = small_checkpoint(2);
  broken.state.arrays[0].bytes.pop_back();
  CHECK(contains(error_message([&] { write_checkpoint(folder.path(), 2, broken, 1); }),
                 "step-2': tensor \"replay.terminated\""));
  broken = small_checkpoint(2);
  broken.configuration = "\xFF";
  CHECK(contains(error_message([&] { write_checkpoint(folder.path(), 2, broken, 1); }), "is not UTF-8"));
  CHECK(contains(error_message([&] { write_checkpoint(folder.path(), -1, {}, 1); }), "has to be at least 0"));
  CHECK(contains(error_message([&] { write_checkpoint(folder.path(), 1, {}, 0); }), "cannot keep 0 checkpoints"));
  CHECK(same(newest_checkpoint(folder.path())->checkpoint, small_checkpoint(1)));
  CHECK(folder.entries() == 1);
}

TEST_CASE("a pipe in the place of a file of a checkpoint does not hold up its reader", "[checkpoint]") {
  const TemporaryFolder folder;
  fs::create_directory(folder / "step-1");
  fs::create_symlink("/dev/zero", folder / "step-1/state.json");
  CHECK(contains(error_message([&] { read_checkpoint(folder / "step-1"); }), "it is not a file but a folder or device"));
}
