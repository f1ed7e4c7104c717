#include "app/run/csv.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <string_view>

#include "app/format.h"
#include "core/atomic_file.h"
#include "core/error.h"

namespace handgrad::app {

CsvWriter::CsvWriter(const std::filesystem::path& file, const std::string& header) : file_(file), out_(file) {
  out_ << header << '\n' << std::flush;
  require(out_.good(), "cannot write ", file_.string());
}

CsvWriter& CsvWriter::add(std::int64_t value) { return add_text(std::to_string(value)); }
CsvWriter& CsvWriter::add(double value) { return add_text(exact(value)); }
CsvWriter& CsvWriter::add(bool value) { return add_text(value ? "1" : "0"); }
CsvWriter& CsvWriter::add(std::optional<double> value) { return add_text(value ? exact(*value) : ""); }

CsvWriter& CsvWriter::add_text(const std::string& cell) {
  row_ += cell + ",";
  return *this;
}

void CsvWriter::end_row() {
  row_.back() = '\n';
  out_ << row_ << std::flush;
  row_.clear();
  require(out_.good(), "cannot write to ", file_.string(), ": is the disk full?");
}

namespace {

std::vector<std::string_view> split(std::string_view line) {
  std::vector<std::string_view> cells;
  for (std::size_t begin = 0;;) {
    const std::size_t comma = line.find(',', begin);
    cells.push_back(line.substr(begin, comma == std::string_view::npos ? comma : comma - begin));
    if (comma == std::string_view::npos) return cells;
    begin = comma + 1;
  }
}

std::optional<double> parse_cell(std::string_view cell) {
  if (cell.empty()) return std::numeric_limits<double>::quiet_NaN();
  double value = 0;
  const char* end = cell.data() + cell.size();
  const auto [stop, error] = std::from_chars(cell.data(), end, value);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return value;
}

}  // namespace

CsvTable CsvTable::read(const std::filesystem::path& file) {
  const std::string content = read_file(file);
  CsvTable table;
  table.file_ = file;
  std::size_t line_number = 0;
  for (std::size_t begin = 0, end = 0; (end = content.find('\n', begin)) != std::string::npos; begin = end + 1) {
    const auto cells = split(std::string_view(content).substr(begin, end - begin));
    if (++line_number == 1) {
      table.names_.assign(cells.begin(), cells.end());
      table.columns_.resize(cells.size());
      continue;
    }
    require(cells.size() == table.names_.size(), file.string(), ":", line_number, ": expected ", table.names_.size(),
            " cells, found ", cells.size());
    for (std::size_t c = 0; c < cells.size(); ++c) {
      const auto value = parse_cell(cells[c]);
      require(value.has_value(), file.string(), ":", line_number, ": '", cells[c], "' is not a number");
      table.columns_[c].push_back(*value);
    }
  }
  require(line_number > 0, file.string(), " is empty");
  return table;
}

const std::vector<double>& CsvTable::column(const std::string& name) const {
  const auto found = std::find(names_.begin(), names_.end(), name);
  require(found != names_.end(), file_.string(), " has no column '", name, "'");
  return columns_[static_cast<std::size_t>(found - names_.begin())];
}

}  // namespace handgrad::app
