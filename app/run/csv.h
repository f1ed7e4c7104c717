#pragma once

#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

namespace handgrad::app {

/// A CSV file that is written row by row. Each row is on its way to the disk before the next one is made, so that a run can
/// be watched and an end at any moment leaves whole rows. Numbers are written so that they read back exactly.
class CsvWriter {
 public:
  /// Makes the file and writes the header "a,b,c". Throws Error if it cannot.
  CsvWriter(const std::filesystem::path& file, const std::string& header);

  CsvWriter& add(std::int64_t value);
  CsvWriter& add(double value);
  CsvWriter& add(bool value);                   ///< 1 or 0
  CsvWriter& add(std::optional<double> value);  ///< nothing between the commas for none
  /// Throws Error if the row could not be written.
  void end_row();

 private:
  CsvWriter& add_text(const std::string& cell);

  std::filesystem::path file_;
  std::ofstream out_;
  std::string row_;
};

/// The columns of a CSV file of numbers, by name; an empty cell is NaN. Throws Error naming file and line for what is not a
/// table of numbers. An unfinished last line, as a killed run may leave, is ignored.
class CsvTable {
 public:
  static CsvTable read(const std::filesystem::path& file);

  std::size_t rows() const { return columns_.empty() ? 0 : columns_.front().size(); }
  /// Throws Error if there is no such column.
  const std::vector<double>& column(const std::string& name) const;

 private:
  std::filesystem::path file_;
  std::vector<std::string> names_;
  std::vector<std::vector<double>> columns_;
};

}  // namespace handgrad::app
