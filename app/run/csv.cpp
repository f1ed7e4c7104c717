#include "app/run/csv.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <limits>
#include <string_view>
#include <system_error>

#include "core/atomic_file.h"
#include "core/error.h"

namespace handgrad::app {

namespace {

constexpr std::size_t kGathered = std::size_t{64} << 10;  // characters
constexpr std::size_t kLongestCell = 64;                  // with its comma
constexpr std::size_t kLongestRow = 1024;                 // of the tables there are: more room is made where it is needed

}  // namespace

CsvWriter::CsvWriter(const std::filesystem::path& file, const std::string& header, Rows rows) : file_(file), rows_(rows) {
  if (rows == Rows::gathered) text_.resize(kGathered + kLongestRow);
  out_.rdbuf()->pubsetbuf(nullptr, 0);  // rows go to the file as they are: a buffer in between would cut them anywhere
  out_.open(file);
  write(header.data(), header.size());
  write("\n", 1);
  require(out_.good(), "cannot write ", file_.string(), ": ", std::generic_category().message(errno));
}

CsvWriter::CsvWriter(const std::filesystem::path& file, const std::string& header, const CsvPosition& position, Rows rows)
    : file_(file), rows_(rows) {
  if (rows == Rows::gathered) text_.resize(kGathered + kLongestRow);
  const std::string content = read_file(file);
  const auto kept = static_cast<std::size_t>(position.bytes);
  require(position.bytes >= 0 && content.size() >= kept, file.string(), " has ", content.size(), " bytes, fewer than the ",
          position.bytes, " that it had when the checkpoint was written: it cannot be gone on with");
  checksum_.add(std::span(content).first(kept));
  require(checksum_.value() == position.crc64 && content.starts_with(header + "\n"), file.string(),
          " is not what it was when the checkpoint was written: it cannot be gone on with; bring back the file as it was");
  bytes_ = position.bytes;
  std::error_code problem;
  std::filesystem::resize_file(file, kept, problem);
  require(!problem, "cannot write ", file_.string(), ": ", problem.message());
  out_.rdbuf()->pubsetbuf(nullptr, 0);
  out_.open(file, std::ios::app);
  require(out_.good(), "cannot write ", file_.string(), ": ", std::generic_category().message(errno));
}

void CsvWriter::write(const char* text, std::size_t size) {
  out_.write(text, static_cast<std::streamsize>(size));
  bytes_ += static_cast<std::int64_t>(size);
  checksum_.add({text, size});
}

CsvWriter::~CsvWriter() { write_rows(); }

void CsvWriter::make_room() {
  if (text_.size() - used_ < kLongestCell) text_.resize(2 * text_.size() + kLongestCell);
}

void CsvWriter::end_cell() {
  text_[used_++] = ',';
  ++column_;
}

CsvWriter& CsvWriter::add(std::int64_t value) {
  make_room();
  char* const begin = text_.data() + used_;
  used_ += static_cast<std::size_t>(std::to_chars(begin, begin + kLongestCell, value).ptr - begin);
  end_cell();
  return *this;
}

CsvWriter& CsvWriter::add(double value) {
  // Most numbers here are small whole ones, such as returns, which are the same digits and sooner written.
  constexpr double kSurelyPlain = 9999;
  if (value == std::trunc(value) && std::abs(value) <= kSurelyPlain && (value != 0.0 || !std::signbit(value))) {
    return add(static_cast<std::int64_t>(value));
  }
  if (memories_.size() <= column_) memories_.resize(column_ + 1);
  Memory& memory = memories_[column_];
  if (memory.value != value || memory.length == 0) {
    const double unsigned_if_nan = std::isnan(value) ? std::abs(value) : value;
    char* const begin = memory.digits.data();
    const auto end = std::to_chars(begin, begin + memory.digits.size(), unsigned_if_nan).ptr;
    memory.length = static_cast<std::size_t>(end - begin);
    memory.value = value;
  }
  make_room();
  std::copy_n(memory.digits.begin(), memory.length, text_.begin() + static_cast<std::ptrdiff_t>(used_));
  used_ += memory.length;
  end_cell();
  return *this;
}

CsvWriter& CsvWriter::add(bool value) {
  make_room();
  text_[used_++] = value ? '1' : '0';
  end_cell();
  return *this;
}

CsvWriter& CsvWriter::add(std::optional<double> value) {
  if (value) return add(*value);
  make_room();
  end_cell();
  return *this;
}

void CsvWriter::end_row() {
  text_[used_ - 1] = '\n';  // for the last comma
  whole_ = used_;
  column_ = 0;
  if (rows_ == Rows::at_once || whole_ >= kGathered) flush();
}

void CsvWriter::flush() {
  require(write_rows(), "cannot write to ", file_.string(), ": ", std::generic_category().message(errno));
}

bool CsvWriter::write_rows() {
  if (whole_ == 0) return true;
  write(text_.data(), whole_);
  std::copy(text_.begin() + static_cast<std::ptrdiff_t>(whole_), text_.begin() + static_cast<std::ptrdiff_t>(used_),
            text_.begin());
  used_ -= whole_;
  whole_ = 0;
  return out_.good();
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

CsvTable CsvTable::read(const std::filesystem::path& file) { return parse(read_file(file), file); }

CsvTable CsvTable::parse(std::string_view content, const std::filesystem::path& file) {
  CsvTable table;
  table.file_ = file;
  std::size_t line_number = 0;
  for (std::size_t begin = 0, end = 0; (end = content.find('\n', begin)) != std::string_view::npos; begin = end + 1) {
    const auto cells = split(content.substr(begin, end - begin));
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
