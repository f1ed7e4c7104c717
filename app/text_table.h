#pragma once

#include <string>
#include <vector>

namespace handgrad::app {

/// Rows of text in aligned columns, for the terminal.
///
///   TextTable table({"name", "value"}, "lr");    // one letter a column: l left, r right
///   table.add({"batch", "64"});
///   std::cout << table.to_string();
class TextTable {
 public:
  TextTable(std::vector<std::string> header, std::string alignment);

  /// As many cells as there are columns.
  void add(std::vector<std::string> cells);

  /// Header, a rule, and the rows; each line ends in a newline and carries `indent` spaces in front.
  std::string to_string(std::size_t indent = 0) const;

 private:
  std::vector<std::vector<std::string>> rows_;  // the first is the header
  std::string alignment_;
};

}  // namespace handgrad::app
