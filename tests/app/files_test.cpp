#include "app/plots/gnuplot.h"
#include "app/run/csv.h"
#include "app/run/new_folder.h"
#include "app/usage_error.h"
#include "tests/support/catch.h"
#include "tests/support/error_message.h"
#include "tests/support/temporary_folder.h"

#include <cmath>

using namespace handgrad;
using namespace handgrad::app;
namespace fs = std::filesystem;

TEST_CASE("a CSV file gives back what was written") {
  const TemporaryFolder folder;
  {
    CsvWriter writer(folder / "a.csv", "n,x,flag,maybe");
    writer.add(std::int64_t{1}).add(1.0 / 3).add(true).add(std::optional<double>()).end_row();
    writer.add(std::int64_t{2}).add(-1e-300).add(false).add(std::optional<double>(2.5)).end_row();
  }
  const CsvTable table = CsvTable::read(folder / "a.csv");
  REQUIRE(table.rows() == 2);
  CHECK(table.column("x") == std::vector<double>{1.0 / 3, -1e-300});
  CHECK(std::isnan(table.column("maybe")[0]));
  CHECK(table.column("flag") == std::vector<double>{1, 0});
  CHECK_THROWS_AS(table.column("y"), Error);
}

TEST_CASE("rows are on disk as they are made, and an unfinished last line is not a row") {
  const TemporaryFolder folder;
  CsvWriter writer(folder / "a.csv", "n");
  writer.add(std::int64_t{1}).end_row();
  CHECK(get_bytes(folder / "a.csv") == "n\n1\n");
  put_bytes(folder / "b.csv", "n,m\n1,2\n3,");
  CHECK(CsvTable::read(folder / "b.csv").rows() == 1);
  put_bytes(folder / "c.csv", "n,m\n1,2\n3\n");
  CHECK(contains(error_message([&] { CsvTable::read(folder / "c.csv"); }), "c.csv:3"));
}

TEST_CASE("gathered rows are on disk when they are flushed, when there are many, and in the end, and always whole ones") {
  const TemporaryFolder folder;
  const auto ends_with_a_row = [&] { return get_bytes(folder / "a.csv").back() == '\n'; };
  {
    CsvWriter writer(folder / "a.csv", "n", CsvWriter::Rows::gathered);
    CHECK(get_bytes(folder / "a.csv") == "n\n");
    writer.add(std::int64_t{1}).end_row();
    writer.add(std::int64_t{2});
    CHECK(get_bytes(folder / "a.csv") == "n\n");
    writer.flush();
    CHECK(get_bytes(folder / "a.csv") == "n\n1\n");
    writer.end_row();
    for (std::int64_t n = 3; n < 30'000; ++n) writer.add(n).end_row();
    CHECK(CsvTable::read(folder / "a.csv").rows() > 10'000);
    CHECK(ends_with_a_row());
  }
  const CsvTable table = CsvTable::read(folder / "a.csv");
  CHECK(table.rows() == 29'999);
  CHECK(table.column("n").back() == 29'999);
  CHECK(ends_with_a_row());
}

TEST_CASE("a CSV file is gone on with from where somebody was sure of it") {
  const TemporaryFolder folder;
  CsvPosition position;
  {
    CsvWriter writer(folder / "a.csv", "n");
    writer.add(std::int64_t{1}).end_row();
    position = writer.position();
    writer.add(std::int64_t{2}).end_row();
  }
  {
    CsvWriter writer(folder / "a.csv", "n", position);
    CHECK(get_bytes(folder / "a.csv") == "n\n1\n");
    writer.add(std::int64_t{3}).end_row();
    position = writer.position();
  }
  CHECK(get_bytes(folder / "a.csv") == "n\n1\n3\n");
  CHECK(position.bytes == 6);
  CHECK(position.crc64 == crc64("n\n1\n3\n"));

  const auto refused = [&](const std::string& content, const std::string& message) {
    put_bytes(folder / "a.csv", content);
    CHECK(contains(error_message([&] { const CsvWriter writer(folder / "a.csv", "n", position); }), message));
    CHECK(get_bytes(folder / "a.csv") == content);
  };
  refused("n\n1\n4\n5\n", "is not what it was");
  refused("n\n1\n", "fewer than the 6");
  put_bytes(folder / "a.csv", "n\n1\n3\n");
  CHECK(contains(error_message([&] { const CsvWriter writer(folder / "a.csv", "m", position); }), "is not what it was"));
  CHECK(contains(error_message([&] { const CsvWriter writer(folder / "b.csv", "n", position); }), "b.csv"));
}

TEST_CASE("a CSV file on a full disk says so") {
  CHECK(contains(error_message([] { const CsvWriter writer("/dev/full", "n"); }), "/dev/full: No space left on device"));
}

TEST_CASE("numbers are written as the shortest digits that read back") {
  const TemporaryFolder folder;
  {
    CsvWriter writer(folder / "a.csv", "a,b,c,d,e,f,g,h");
    writer.add(1.0).add(-3.0).add(9999.0).add(100000.0).add(0.1).add(-0.0).add(std::nan("")).add(HUGE_VAL).end_row();
  }
  CHECK(get_bytes(folder / "a.csv") == "a,b,c,d,e,f,g,h\n1,-3,9999,1e+05,0.1,-0,nan,inf\n");
  {
    CsvWriter writer(folder / "b.csv", "a,b");  // 0.0 and -0.0 are equal, but not written alike
    writer.add(0.1).add(-0.0).end_row();
    writer.add(0.1).add(0.0).end_row();
    writer.add(0.3).add(-0.0).end_row();
    writer.add(std::nan("")).add(0.1).end_row();
    writer.add(std::nan("")).add(0.1).end_row();
  }
  CHECK(get_bytes(folder / "b.csv") == "a,b\n0.1,-0\n0.1,0\n0.3,-0\nnan,0.1\nnan,0.1\n");
}

TEST_CASE("a folder that is not kept is gone, with the parents that were made for it") {
  const TemporaryFolder folder;
  {
    const NewFolder made = NewFolder::exactly(folder / "a/b/c");
    put_bytes(made.path() / "file", "x");
  }
  CHECK(folder.entries() == 0);
  {
    NewFolder made = NewFolder::exactly(folder / "a/b/c");
    made.keep();
  }
  CHECK(fs::is_directory(folder / "a/b/c"));
}

TEST_CASE("an existing folder is never taken") {
  const TemporaryFolder folder;
  fs::create_directory(folder / "a");
  put_bytes(folder / "a/file", "x");
  CHECK_THROWS_AS(NewFolder::exactly(folder / "a"), UsageError);
  CHECK_THROWS_AS(NewFolder::exactly(folder / "a/"), UsageError);
  CHECK_THROWS_AS(NewFolder::exactly(folder / "a/file"), UsageError);
  CHECK_THROWS_AS(NewFolder::exactly(folder / "a/file/b"), Error);
  CHECK(get_bytes(folder / "a/file") == "x");
  NewFolder second = NewFolder::numbered(folder / "a"), third = NewFolder::numbered(folder / "a");
  CHECK(second.path() == folder / "a-2");
  CHECK(third.path() == folder / "a-3");
}

TEST_CASE("text for gnuplot stays text") {
  CHECK(gnuplot_string("it's") == "'it''s'");
  CHECK(gnuplot_string("a\nquit") == "'a quit'");
}
