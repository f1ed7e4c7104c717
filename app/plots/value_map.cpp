#include <algorithm>
#include <cmath>

#include "app/format.h"
#include "app/plots/grid.h"
#include "app/plots/panels.h"
#include "core/error.h"

namespace handgrad::app::plots {

namespace {

constexpr double kPathSpread = 0.13;  // of a cell's width, between paths that run side by side

double row_of(const GridCells& cells, std::int64_t state) {
  return static_cast<double>(static_cast<std::size_t>(state) / grid_columns(cells));
}
double column_of(const GridCells& cells, std::int64_t state) {
  return static_cast<double>(static_cast<std::size_t>(state) % grid_columns(cells));
}

Colour background(const ValueMap& map, const ColourBox* box, std::size_t state) {
  if (const auto special = special_colour(letter(map.cells, state))) return *special;
  if (box == nullptr) return colour("FFFFFF");
  return std::isfinite(map.values[state]) ? box->colour(map.values[state]) : colour("E6E6E6");
}

// The letters of cells: in the middle where nothing else is, else in the upper left corner.
void add_letters(const ValueMap& map, const ColourBox* box, bool paths, CellTexts& letters) {
  for (std::size_t s = 0; s < grid_size(map.cells); ++s) {
    const char c = letter(map.cells, s);
    if (c == 'F' || c == ' ' || c == '.') continue;
    const double row = row_of(map.cells, static_cast<std::int64_t>(s)),
                 column = column_of(map.cells, static_cast<std::int64_t>(s));
    const bool arrow = !map.greedy.empty() && map.greedy[s] >= 0 && !is_hole(c) && c != 'G';
    const double place = arrow || (paths && !is_hole(c)) ? 0.18 : 0.5;
    letters.add(column + place, row + place, std::string(1, c), background(map, box, s));
  }
}

bool on_a_path(const ValueMap& map, std::size_t state) {
  return std::any_of(map.paths.begin(), map.paths.end(), [&](const ValueMap::Path& path) {
    return std::find(path.states.begin(), path.states.end(), static_cast<std::int64_t>(state)) != path.states.end();
  });
}

struct Arrows {
  DataBlock dark, light;
};

void add_greedy(const ValueMap& map, const ColourBox* box, Arrows& arrows, CellTexts& words) {
  for (std::size_t s = 0; s < map.greedy.size(); ++s) {
    const char c = letter(map.cells, s);
    if (map.greedy[s] < 0 || is_hole(c) || c == 'G') continue;
    const auto step = step_of(map.cells.directions[static_cast<std::size_t>(map.greedy[s])]);
    if (step && on_a_path(map, s)) continue;  // which shows the way already
    const double row = row_of(map.cells, static_cast<std::int64_t>(s)) + 0.5,
                 column = column_of(map.cells, static_cast<std::int64_t>(s)) + 0.5;
    const char direction = map.cells.directions[static_cast<std::size_t>(map.greedy[s])];
    const Colour ground = background(map, box, s);
    if (!step) {
      words.add(column + 0.3, row + 0.3, std::string(1, direction), ground);
      continue;
    }
    DataBlock& block = readable_on(ground).red == 0 ? arrows.dark : arrows.light;
    block.row({column - 0.24 * step->x, row - 0.24 * step->y, 0.48 * step->x, 0.48 * step->y});
  }
}

// Paths run side by side: each is moved a little from the middle of the cells. A step that leads nowhere is left out.
std::string path_data(const ValueMap& map, std::size_t i, const std::string& name) {
  const auto& path = map.paths[i];
  const auto leads_on = [](const ValueMap::Path& p) { return p.states.size() > 1; };
  const auto before = std::count_if(map.paths.begin(), map.paths.begin() + static_cast<std::ptrdiff_t>(i), leads_on);
  const auto all = std::count_if(map.paths.begin(), map.paths.end(), leads_on);
  const double shift = (static_cast<double>(before) - static_cast<double>(all - 1) / 2) * kPathSpread;
  DataBlock data(name);
  for (std::size_t k = 0; k + 1 < path.states.size(); ++k) {
    if (path.states[k] == path.states[k + 1]) continue;
    const double x = column_of(map.cells, path.states[k]), y = row_of(map.cells, path.states[k]);
    data.row({x + 0.5 + shift, y + 0.5 + shift, column_of(map.cells, path.states[k + 1]) - x,
              row_of(map.cells, path.states[k + 1]) - y});
  }
  if (path.states.size() == 1)
    data.row({column_of(map.cells, path.states[0]) + 0.5, row_of(map.cells, path.states[0]) + 0.5, 0, 0});
  if (data.empty()) data.row({NAN, NAN, NAN, NAN});
  return data.to_string();
}

}  // namespace

void check(const ValueMap& map) {
  const std::string what = "value map '" + map.title + "'";
  check_grid(map.cells, what);
  const std::size_t size = grid_size(map.cells);
  require(map.values.empty() || map.values.size() == size, what, ": ", size, " cells and ", map.values.size(), " values");
  require(map.greedy.empty() || map.greedy.size() == size, what, ": ", size, " cells and ", map.greedy.size(),
          " greedy actions");
  for (const auto action : map.greedy) {
    require(action >= -1 && action < static_cast<std::int32_t>(map.cells.directions.size()), what, ": action ", action,
            " has no direction");
  }
  for (const auto& path : map.paths) {
    for (const auto state : path.states) {
      require(state >= 0 && static_cast<std::size_t>(state) < size, what, ": path '", path.label, "' goes through state ",
              state, " of ", size);
    }
  }
}

PanelScript script(const ValueMap& map, const Area& area) {
  Layout layout(area, map.title);
  std::vector<std::string> names;
  for (const auto& path : map.paths) {
    if (!path.label.empty()) names.push_back(" " + path.label);  // clear of the arrow's head
  }
  const Legend legend(names, layout);
  std::optional<ColourBox> box;
  if (!map.values.empty()) {
    Extent extent;
    for (std::size_t s = 0; s < map.values.size(); ++s) {
      if (!special_colour(letter(map.cells, s))) extent.include(map.values[s]);
    }
    box.emplace(Scale::blues, linear_axis(extent, 0, 6), map.value_label, layout);
  }
  const auto rows = static_cast<double>(grid_rows(map.cells)), columns = static_cast<double>(grid_columns(map.cells));
  layout.align_with_neighbours();
  const double bottom = layout.bottom, top = layout.top;
  layout.keep_ratio(columns / rows);
  const double cell_inches = layout.inside_width() / columns;
  const ColourBox* colours = box ? &*box : nullptr;

  Rectangles squares(area.id);
  for (std::size_t s = 0; s < grid_size(map.cells); ++s) {
    squares.add(column_of(map.cells, static_cast<std::int64_t>(s)) + 0.5,
                row_of(map.cells, static_cast<std::int64_t>(s)) + 0.5, 0.5, 0.5, background(map, colours, s));
  }
  const double letter_points = std::min(14.0, 0.26 * cell_inches * 72);
  CellTexts letters(area.id + "_letters", letter_points), words(area.id + "_actions", letter_points);
  add_letters(map, colours, !map.paths.empty(), letters);
  Arrows arrows{DataBlock(area.id + "_dark_arrows"), DataBlock(area.id + "_light_arrows")};
  add_greedy(map, colours, arrows, words);

  PanelScript result{squares.data() + letters.data() + words.data(), "", bottom, top};
  std::vector<std::string> parts = {squares.part("noborder")};
  const auto head = [&](double cells) {
    return text(" with vectors head filled size screen ", fixed(cells * cell_inches / area.picture_width, 5), ",22 ");
  };
  for (const auto& [block, ink] : {std::pair{&arrows.dark, "#000000"}, {&arrows.light, "#FFFFFF"}}) {
    if (block->empty()) continue;
    result.data += block->to_string();
    parts.push_back(text(block->name(), " using 1:2:3:4", head(0.16), "linewidth 1.4 linecolor rgb '", ink, "' notitle"));
  }
  for (const auto& part : letters.parts()) parts.push_back(part);
  for (const auto& part : words.parts()) parts.push_back(part);
  std::size_t entry = 0;
  for (std::size_t i = 0; i < map.paths.size(); ++i) {
    const std::string name = text(area.id, "_path", i + 1);
    result.data += path_data(map, i, name);
    // A white edge parts it from what lies below; the first curve's blue would drown in the values.
    const CurveStyle style = curve_style(colours != nullptr ? i + 1 : i);
    if (map.paths[i].states.size() == 1) {
      const std::string size = fixed(0.2 * cell_inches * 12, 2);  // pointtype 7 is 6 points wide
      parts.push_back(
          text("$", name, " using 1:2 with points pointtype 7 pointsize ", size, " linecolor rgb '#000000' notitle"));
      continue;
    }
    parts.push_back(text("$", name, " using 1:2:3:4", head(0.16), "linewidth 4.5 linecolor rgb '#FFFFFF' notitle"));
    const std::string title = map.paths[i].label.empty() ? " notitle" : legend.title(entry++);
    parts.push_back(text("$", name, " using 1:2:3:4", head(0.16), "linewidth 2.4 dashtype ", curve_style(i).dashes,
                         " linecolor rgb '", style.colour, "'", title));
  }
  if (box) parts.push_back("NaN with points palette notitle");
  result.commands =
      grid_frame(map.cells, layout) + legend.commands(layout) + (box ? box->commands(layout) : "") + plot_command(parts);
  return result;
}

Table table(const ValueMap& map) {
  Table result{{"path", "step", "state", "row", "column", "cell", "value", "greedy"}, {}};
  const auto add = [&](const std::string& path, const std::string& step, std::size_t s) {
    const bool valued = !map.values.empty() && !std::isnan(map.values[s]);
    const bool acting = !map.greedy.empty() && map.greedy[s] >= 0;
    result.rows.push_back({path, step, std::to_string(s), std::to_string(s / grid_columns(map.cells)),
                           std::to_string(s % grid_columns(map.cells)), std::string(1, letter(map.cells, s)),
                           valued ? exact(map.values[s]) : "",
                           acting ? direction_name(map.cells.directions[static_cast<std::size_t>(map.greedy[s])]) : ""});
  };
  for (std::size_t s = 0; s < grid_size(map.cells); ++s) add("", "", s);
  for (const auto& path : map.paths) {
    for (std::size_t k = 0; k < path.states.size(); ++k)
      add(path.label, std::to_string(k), static_cast<std::size_t>(path.states[k]));
  }
  return result;
}

}  // namespace handgrad::app::plots
