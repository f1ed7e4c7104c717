#include "core/atomic_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <thread>
#include <vector>

#include "tests/support/catch.h"
#include "tests/support/error_message.h"
#include "tests/support/file_size_limit.h"
#include "tests/support/temporary_folder.h"

using namespace handgrad;
namespace fs = std::filesystem;

namespace {

mode_t mode_of(const fs::path& path) {
  struct stat status {};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  return status.st_mode & 07777;
}

}  // namespace

TEST_CASE("an atomically written file holds exactly the bytes given", "[atomic_file]") {
  const TemporaryFolder folder;
  const std::string bytes("a\0b\r\n\xff", 6);
  write_file_atomically(folder / "file", bytes);
  CHECK(get_bytes(folder / "file") == bytes);
  CHECK(read_file(folder / "file") == bytes);

  write_file_atomically(folder / "file", "");
  CHECK(get_bytes(folder / "file").empty());
  CHECK(folder.entries() == 1);
}

TEST_CASE("a file larger than any buffer is written and read whole", "[atomic_file]") {
  const TemporaryFolder folder;
  std::string bytes(3'000'001, 'x');
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>('a' + i % 23);
  write_file_atomically(folder / "file", bytes);
  CHECK(get_bytes(folder / "file") == bytes);
  CHECK(read_file(folder / "file") == bytes);
}

TEST_CASE("a file written by pieces holds one after the other", "[atomic_file]") {
  const TemporaryFolder folder;
  const std::vector<std::string_view> pieces = {"one ", "", "two ", std::string_view("\0three", 6)};
  write_file_atomically(folder / "file", pieces);
  CHECK(get_bytes(folder / "file") == std::string("one two \0three", 14));
  write_file_atomically(folder / "file", std::span<const std::string_view>());
  CHECK(get_bytes(folder / "file").empty());
}

TEST_CASE("a write that fails half-way leaves the old file and no temporary one", "[atomic_file]") {
  const TemporaryFolder folder;
  write_file_atomically(folder / "file", "old");
  std::string message;
  {
    const FileSizeLimit limit(4096);
    message = error_message([&] { write_file_atomically(folder / "file", std::string(10'000, 'x')); });
  }
  CHECK(contains(message, (folder / "file").string()));
  CHECK(contains(message, "File too large"));
  CHECK(contains(message, "ulimit -f"));
  CHECK(get_bytes(folder / "file") == "old");
  CHECK(folder.entries() == 1);
}

TEST_CASE("a rename that fails leaves no temporary file", "[atomic_file]") {
  const TemporaryFolder folder;
  const std::string name(300, 'n');
  const std::string message = error_message([&] { write_file_atomically(folder / name, "new"); });
  CHECK(contains(message, "File name too long; choose a shorter name"));
  CHECK(folder.entries() == 0);
}

TEST_CASE("a folder that does not exist is named with what to do", "[atomic_file]") {
  const TemporaryFolder folder;
  const std::string message = error_message([&] { write_file_atomically(folder / "none/file", "new"); });
  CHECK(contains(message, "none/file': No such file or directory; check the path; folders on the way must exist"));
  CHECK(folder.entries() == 0);
  CHECK(contains(error_message([] { write_file_atomically("", "new"); }), "empty"));
}

TEST_CASE("a folder or a device is not replaced by a file", "[atomic_file]") {
  const TemporaryFolder folder;
  fs::create_directory(folder / "runs");
  CHECK(contains(error_message([&] { write_file_atomically(folder / "runs", "new"); }), "Is a directory"));
  CHECK(fs::is_directory(folder / "runs"));

  REQUIRE(::mkfifo((folder / "pipe").c_str(), 0600) == 0);
  CHECK(contains(error_message([&] { write_file_atomically(folder / "pipe", "new"); }), "device, pipe or socket"));
  CHECK(fs::is_fifo(folder / "pipe"));
  CHECK(folder.entries() == 2);
}

TEST_CASE("a folder without write permission is an error that says so", "[atomic_file]") {
  if (::geteuid() == 0) return;  // the superuser may write everywhere
  const TemporaryFolder folder;
  fs::permissions(folder.path(), fs::perms::owner_read | fs::perms::owner_exec);
  const std::string message = error_message([&] { write_file_atomically(folder / "file", "new"); });
  fs::permissions(folder.path(), fs::perms::owner_all);
  CHECK(contains(message, "Permission denied; choose a place you have the rights for"));
}

TEST_CASE("a replaced file keeps its permissions and a new one gets the usual ones", "[atomic_file]") {
  const TemporaryFolder folder;
  const mode_t mask = ::umask(0027);
  write_file_atomically(folder / "file", "old");
  ::umask(mask);
  CHECK(mode_of(folder / "file") == 0640);

  REQUIRE(::chmod((folder / "file").c_str(), 0604) == 0);
  write_file_atomically(folder / "file", "new");
  CHECK(mode_of(folder / "file") == 0604);
}

TEST_CASE("a symbolic link stays and what it points to is replaced", "[atomic_file]") {
  const TemporaryFolder folder;
  fs::create_directory(folder / "elsewhere");
  put_bytes(folder / "elsewhere/file", "old");
  fs::create_symlink("elsewhere/file", folder / "link");
  write_file_atomically(folder / "link", "new");
  CHECK(fs::is_symlink(folder / "link"));
  CHECK(get_bytes(folder / "elsewhere/file") == "new");
}

TEST_CASE("a path without a folder is written to the current one", "[atomic_file]") {
  const TemporaryFolder folder;
  const fs::path before = fs::current_path();
  fs::current_path(folder.path());
  const std::string message = error_message([] { write_file_atomically("file", "new"); });
  fs::current_path(before);
  CHECK(message == "(nothing was thrown)");
  CHECK(get_bytes(folder / "file") == "new");
}

TEST_CASE("several threads may replace the same file and a reader sees one of their contents", "[atomic_file]") {
  const TemporaryFolder folder;
  const auto content = [](int writer) { return std::string(20'000, static_cast<char>('a' + writer)); };
  write_file_atomically(folder / "file", content(0));
  std::vector<std::string> failures(4);
  std::vector<std::thread> writers;
  for (int writer = 0; writer < 4; ++writer) {
    writers.emplace_back([&, writer] {
      try {
        for (int i = 0; i < 5; ++i) {
          write_file_atomically(folder / "file", content(writer));
          const std::string seen = read_file(folder / "file");
          if (seen.empty() || seen != content(seen[0] - 'a')) fail("a mixture of ", seen.size(), " bytes");
        }
      } catch (const Error& error) {
        failures[static_cast<std::size_t>(writer)] = error.what();
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  for (const std::string& failure : failures) CHECK(failure.empty());
  CHECK(folder.entries() == 1);
}

TEST_CASE("a file that is to be synced has to be there", "[atomic_file]") {
  const TemporaryFolder folder;
  put_bytes(folder / "file", "x");
  sync_file(folder / "file");
  CHECK(contains(error_message([&] { sync_file(folder / "none"); }), "cannot sync to disk '"));
  CHECK(contains(error_message([&] { sync_file(folder / "none"); }), "none': No such file or directory"));
}

TEST_CASE("reading what is not there names the file and the reason", "[atomic_file]") {
  const TemporaryFolder folder;
  CHECK(contains(error_message([&] { read_file(folder / "none"); }), "none': No such file or directory"));
  CHECK(contains(error_message([&] { read_file(folder.path()); }), "Is a directory"));
}
