#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/checksum.h"

namespace handgrad::app {

/// How far a file has been written: so many bytes, whose checksum is this.
struct CsvPosition {
  std::int64_t bytes = 0;
  std::uint64_t crc64 = 0;
};

/// A CSV file that is written row by row, and holds whole rows at every moment: each is written as it is made, or many at once
/// where there are millions of them. Numbers are written so that they read back exactly.
class CsvWriter {
 public:
  enum class Rows {
    at_once,  ///< on its way to the disk before the next one is made
    gathered  ///< with the next flush(), when 64 KiB have come together, or at the end
  };

  /// Makes the file and writes the header "a,b,c". Throws Error if it cannot.
  CsvWriter(const std::filesystem::path& file, const std::string& header, Rows rows = Rows::at_once);
  /// Goes on with a file that is there: what comes after `position` is cut off. Throws Error, and leaves the file as it is,
  /// unless it begins with the header and what is before `position` is what was written then.
  CsvWriter(const std::filesystem::path& file, const std::string& header, const CsvPosition& position,
            Rows rows = Rows::at_once);
  /// Writes what is left. Only flush() tells whether that works.
  ~CsvWriter();
  CsvWriter(const CsvWriter&) = delete;
  CsvWriter& operator=(const CsvWriter&) = delete;

  CsvWriter& add(std::int64_t value);
  CsvWriter& add(double value);
  CsvWriter& add(bool value);                   ///< 1 or 0
  CsvWriter& add(std::optional<double> value);  ///< nothing between the commas for none
  /// Throws Error if rows could not be written.
  void end_row();
  /// Writes all rows that are complete. Throws Error if it cannot.
  void flush();
  /// Where the file stands: what flush() has written. What comes after it can be cut off by a later program.
  CsvPosition position() const { return {bytes_, checksum_.value()}; }
  const std::filesystem::path& file() const { return file_; }

 private:
  /// What a column's last number was, and its digits: many a column stands still for a long time.
  struct Memory {
    double value = 0.0;
    std::size_t length = 0;  // 0: nothing yet
    std::array<char, 32> digits = {};
  };

  void write(const char* text, std::size_t size);
  bool write_rows();
  void make_room();
  void end_cell();

  std::filesystem::path file_;
  std::ofstream out_;
  Rows rows_;
  std::int64_t bytes_ = 0;        // in the file
  Crc64 checksum_;                // of them
  std::vector<char> text_;        // rows that are not written yet, and the one that is being made
  std::size_t used_ = 0;          // characters of text_ that are in use
  std::size_t whole_ = 0;         // those of them that are complete rows
  std::size_t column_ = 0;        // of the next cell
  std::vector<Memory> memories_;  // a column each
};

/// The columns of a CSV file of numbers, by name; an empty cell is NaN. Throws Error naming file and line for what is not a
/// table of numbers. An unfinished last line, as a killed run may leave, is ignored.
class CsvTable {
 public:
  static CsvTable read(const std::filesystem::path& file);
  /// The same of a file's content; `file` is what messages call it.
  static CsvTable parse(std::string_view content, const std::filesystem::path& file);

  const std::vector<std::string>& names() const { return names_; }
  std::size_t rows() const { return columns_.empty() ? 0 : columns_.front().size(); }
  /// Throws Error if there is no such column.
  const std::vector<double>& column(const std::string& name) const;

 private:
  std::filesystem::path file_;
  std::vector<std::string> names_;
  std::vector<std::vector<double>> columns_;
};

}  // namespace handgrad::app
