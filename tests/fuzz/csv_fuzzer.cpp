// Tables of numbers, as runs write them.

#include "app/run/csv.h"
#include "tests/fuzz/contract.h"

using namespace handgrad;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::read_or_explain(size, {.a_byte = 128}, [&] {
    const auto table = app::CsvTable::parse(fuzz::as_text(data, size), "input.csv");
    fuzz::promise(table.column("a").size() == table.rows(), "columns are as long as the table");
  });
  return 0;
}
