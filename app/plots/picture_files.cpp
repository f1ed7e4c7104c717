#include "app/plots/picture_files.h"

#include <algorithm>

#include "app/plots/panels.h"
#include "core/error.h"

namespace handgrad::app::plots {

namespace {

// RFC 4180: a cell with a comma, a quote or a line end stands in quotes.
std::string csv_cell(const std::string& cell) {
  if (cell.find_first_of(",\"\n\r") == std::string::npos) return cell;
  std::string result = "\"";
  for (const char c : cell) result += c == '"' ? "\"\"" : std::string(1, c);
  return result + "\"";
}

std::string csv_line(const std::vector<std::string>& cells) {
  std::string line;
  for (const auto& cell : cells) line += (&cell == &cells.front() ? "" : ",") + csv_cell(cell);
  return line + "\n";
}

std::string title_of(const Panel& panel) {
  return std::visit([](const auto& p) { return p.title; }, panel);
}

PanelScript panel_script(const Panel& panel, const Area& area) {
  return std::visit([&](const auto& p) { return script(p, area); }, panel);
}

// The insides of panels side by side begin and end on the same lines.
void align_rows(const Picture& picture, std::size_t columns, std::vector<Area>& areas) {
  for (std::size_t begin = 0; begin < areas.size(); begin += columns) {
    const std::size_t end = std::min(begin + columns, areas.size());
    double bottom = 0, top = 0;
    for (std::size_t i = begin; i < end; ++i) {
      const PanelScript alone = panel_script(picture.panels[i], areas[i]);
      bottom = std::max(bottom, alone.bottom);
      top = std::max(top, alone.top);
    }
    for (std::size_t i = begin; i < end; ++i) {
      areas[i].least_bottom = bottom;
      areas[i].least_top = top;
    }
  }
}

}  // namespace

void check(const Picture& picture) {
  require(!picture.panels.empty(), "a picture without panels");
  require(picture.width > 0 && picture.width <= 100 && picture.height > 0 && picture.height <= 100, "a picture of ",
          picture.width, " x ", picture.height, " inches: expected more than 0 and at most 100");
  for (const Panel& panel : picture.panels) std::visit([](const auto& p) { check(p); }, panel);
}

std::string script(const Picture& picture) {
  check(picture);
  const std::size_t count = picture.panels.size();
  const std::size_t columns = picture.columns == 0 ? count : std::min(picture.columns, count);
  const std::size_t rows = (count + columns - 1) / columns;
  std::vector<Area> areas;
  for (std::size_t i = 0; i < count; ++i) {
    const auto row = static_cast<double>(i / columns), column = static_cast<double>(i % columns);
    const double width = picture.width / static_cast<double>(columns), height = picture.height / static_cast<double>(rows);
    areas.push_back({picture.width, picture.height, column * width, picture.height - (row + 1) * height, width, height,
                     text("panel", i + 1)});
  }
  align_rows(picture, columns, areas);
  std::string data, commands;
  for (std::size_t i = 0; i < count; ++i) {
    const PanelScript part = panel_script(picture.panels[i], areas[i]);
    data += part.data;
    commands += panel_beginning() + part.commands + "\n";
  }
  return terminals(picture.width, picture.height) + data + "set multiplot\n" + commands + "unset multiplot\n";
}

std::string csv(const Picture& picture) {
  check(picture);
  std::vector<Table> tables;
  std::vector<std::string> columns;
  const bool several = picture.panels.size() > 1;
  if (several) columns.push_back("panel");
  for (const Panel& panel : picture.panels) {
    tables.push_back(std::visit([](const auto& p) { return table(p); }, panel));
    for (const auto& name : tables.back().columns) {
      if (std::find(columns.begin(), columns.end(), name) == columns.end()) columns.push_back(name);
    }
  }
  std::string result = csv_line(columns);
  for (std::size_t i = 0; i < tables.size(); ++i) {
    const std::string title = title_of(picture.panels[i]);
    for (const auto& row : tables[i].rows) {
      std::vector<std::string> cells(columns.size());
      if (several) cells[0] = title.empty() ? std::to_string(i + 1) : title;
      for (std::size_t c = 0; c < row.size(); ++c) {
        const auto place = std::find(columns.begin(), columns.end(), tables[i].columns[c]) - columns.begin();
        cells[static_cast<std::size_t>(place)] = row[c];
      }
      result += csv_line(cells);
    }
  }
  return result;
}

}  // namespace handgrad::app::plots
