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
