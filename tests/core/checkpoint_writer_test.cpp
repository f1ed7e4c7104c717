#include "core/checkpoint_writer.h"

#include <future>

#include "core/atomic_file.h"
#include "tests/support/catch.h"
#include "tests/support/checkpoints.h"
#include "tests/support/error_message.h"
#include "tests/support/file_size_limit.h"
#include "tests/support/temporary_folder.h"

using namespace handgrad;
using test::same, test::small_checkpoint;

TEST_CASE("a writer's checkpoints are all written, one after the other", "[checkpoint]") {
  const TemporaryFolder folder;
  CheckpointWriter writer(folder.path(), 3);
  CHECK_FALSE(writer.busy());
  CHECK(writer.seconds_to_write() == 0);
  writer.finish();
  for (std::int64_t i = 1; i <= 5; ++i) writer.write(i, small_checkpoint(i));
  writer.finish();
  CHECK_FALSE(writer.busy());
  CHECK(list_checkpoints(folder.path()).size() == 3);
  CHECK(same(newest_checkpoint(folder.path())->checkpoint, small_checkpoint(5)));
  CHECK(writer.seconds_to_write() > 0);
  CHECK(writer.cost().bytes > 0);
}

TEST_CASE("whoever asks a writer to write does not wait for the disk", "[checkpoint]") {
  const TemporaryFolder folder;
  CheckpointWriter writer(folder.path(), 3);
  std::promise<void> disk;
  bool done_before = false;
  writer.write(1, small_checkpoint(1), [&] {
    disk.get_future().wait();
    done_before = list_checkpoints(folder.path()).empty();
  });
  CHECK(writer.busy());  // as long as the disk makes it wait
  disk.set_value();
  writer.finish();
  CHECK(done_before);
  CHECK(newest_checkpoint(folder.path())->place.number == 1);
}

TEST_CASE("what was begun is finished before a writer goes", "[checkpoint]") {
  const TemporaryFolder folder;
  {
    CheckpointWriter writer(folder.path(), 3);
    writer.write(1, small_checkpoint(1));
  }
  CHECK(newest_checkpoint(folder.path())->place.number == 1);
  { const CheckpointWriter idle(folder.path(), 3); }
}

TEST_CASE("what went wrong in a writer's thread is told at the next call, once, and then it goes on", "[checkpoint]") {
  const TemporaryFolder folder;
  CheckpointWriter writer(folder.path(), 3);
  writer.write(1, small_checkpoint(1));
  writer.finish();
  {
    const FileSizeLimit limit(100);
    writer.write(2, small_checkpoint(2));
    while (writer.busy()) std::this_thread::yield();
  }
  CHECK(contains(error_message([&] { writer.write(3, small_checkpoint(3)); }), "step-2/state.safetensors': File too large"));
  CHECK_FALSE(writer.busy());
  CHECK(newest_checkpoint(folder.path())->place.number == 1);
  writer.write(3, small_checkpoint(3), [&] { sync_file(folder / "metrics.csv"); });
  CHECK(contains(error_message([&] { writer.finish(); }), "metrics.csv': No such file"));
  CHECK(newest_checkpoint(folder.path())->place.number == 1);
  writer.write(4, small_checkpoint(4), [&] { put_bytes(folder / "metrics.csv", "x"); });
  writer.finish();
  CHECK(newest_checkpoint(folder.path())->place.number == 4);
}
