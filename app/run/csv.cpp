#include "app/run/csv.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <string_view>

#include "core/atomic_file.h"
#include "core/error.h"

namespace handgrad::app {

namespace {

constexpr std::size_t kGathered = std::size_t{64} << 10;  // characters

template <class Number>
void append(std::string& text, Number value) {
  char digits[32];
  const auto result = std::to_chars(digits, digits + sizeof digits, value);
  text.append(digits, result.ptr);
}

}  // namespace

CsvWriter::CsvWriter(const std::filesystem::path& file, const std::string& header, Rows rows) : file_(file), rows_(rows) {
  out_.rdbuf()->pubsetbuf(nullptr, 0);  // rows go to the file as they are: a buffer in between would cut them anywhere
  out_.open(file);
  text_ = header + '\n';
  whole_ = text_.size();
  require(write_rows(), "cannot write ", file_.string());
}

CsvWriter::~CsvWriter() { write_rows(); }

CsvWriter& CsvWriter::add(std::int64_t value) {
  append(text_, value);
  text_ += ',';
  return *this;
}

CsvWriter& CsvWriter::add(double value) {
  // Most numbers here are small whole ones, such as returns, which are the same digits and sooner written.
  constexpr double kSurelyPlain = 9999;
  if (value == std::trunc(value) && std::abs(value) <= kSurelyPlain && !std::signbit(value)) {
    return add(static_cast<std::int64_t>(value));
  }
  if (std::isnan(value)) {
    text_ += "nan";
  } else {
    append(text_, value);
  }
  text_ += ',';
  return *this;
}

CsvWriter& CsvWriter::add(bool value) {
  text_ += value ? "1," : "0,";
  return *this;
}

CsvWriter& CsvWriter::add(std::optional<double> value) {
  if (value) return add(*value);
  text_ += ',';
  return *this;
}

CsvWriter& CsvWriter::add(std::chrono::microseconds value) {
  constexpr std::int64_t kMillion = 1'000'000;
  append(text_, value.count() / kMillion);
  append(text_, kMillion + value.count() % kMillion);  // seven digits, whose first becomes the point
  text_[text_.size() - 7] = '.';
  text_ += ',';
  return *this;
}

void CsvWriter::end_row() {
  text_.back() = '\n';
  whole_ = text_.size();
  if (rows_ == Rows::at_once || whole_ >= kGathered) flush();
}

void CsvWriter::flush() { require(write_rows(), "cannot write to ", file_.string(), ": is the disk full?"); }

bool CsvWriter::write_rows() {
  if (whole_ == 0) return true;
  out_.write(text_.data(), static_cast<std::streamsize>(whole_));
  text_.erase(0, whole_);
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
