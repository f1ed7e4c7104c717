#include "app/plots/returns_plot.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "app/config/resolve.h"
#include "app/format.h"
#include "app/plots/gnuplot.h"
#include "app/run/csv.h"
#include "app/usage_error.h"
#include "core/atomic_file.h"

namespace handgrad::app {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kWindow = 100;  // episodes of the running mean, as the environments' thresholds are stated

// Okabe and Ito (2008): told apart by all kinds of colour vision.
constexpr const char* kBlue = "0072B2";
constexpr const char* kSkyBlue = "56B4E9";
constexpr const char* kVermillion = "D55E00";
constexpr const char* kGrey = "595959";

RunConfig read_config(const fs::path& run_folder) { return resolve(read_toml(run_folder / "config.toml")).config; }

// Rows "x y ...", a gnuplot data block of that name.
std::string data_block(const std::string& name, const std::vector<std::vector<double>>& columns) {
  std::string block = "$" + name + " << END\n";
  for (std::size_t row = 0; row < columns.front().size(); ++row) {
    for (const auto& column : columns) block += (std::isfinite(column[row]) ? exact(column[row]) : "NaN") + " ";
    block.back() = '\n';
  }
  return block + "END\n\n";
}

// The range of values that a picture shows, with a little room above and below.
class Range {
 public:
  void include(double value) {
    low_ = std::min(low_, value);
    high_ = std::max(high_, value);
  }
  void include(const std::vector<double>& values) {
    for (const double value : values) include(value);
  }
  std::string to_string() const {
    const double room = high_ > low_ ? 0.04 * (high_ - low_) : 1;
    return "[" + exact(low_ - room) + ":" + exact(high_ + room) + "]";
  }

 private:
  double low_ = HUGE_VAL, high_ = -HUGE_VAL;
};

std::string preamble(const std::string& title, const std::string& quantity, const Range& returns) {
  return text("set terminal pngcairo size 1200,750 noenhanced font 'Sans,15'\n", "set title ", gnuplot_string(title),
              " font ',18' offset 0,-0.3\n", "set xlabel 'Episode' offset 0,0.3\nset bmargin 5\nset ylabel ",
              gnuplot_string(quantity),
              "\n"
              "set border 3 linewidth 1.2 linecolor '#",
              kGrey,
              "'\n"
              "set tics nomirror out scale 0.6 textcolor '#",
              kGrey,
              "'\n"
              "set grid ytics linetype 1 linewidth 0.6 linecolor '#DDDDDD'\n"
              "set key bmargin center horizontal Left reverse maxrows 1 samplen 2 width -1 font ',14'\n"
              "set xrange [0:*] noextend\nset yrange ",
              returns.to_string(),
              "\n"
              "set format x \"%'.0f\"\n\n");
}

// "plot a, \<newline> b": the parts of one picture, lowest first.
std::string plot_command(const std::vector<std::string>& parts) {
  std::string command = "plot ";
  for (const auto& part : parts) command += (&part == &parts.front() ? "" : ", \\\n     ") + part;
  return command + "\n";
}

std::optional<std::string> threshold_part(const RunConfig& config) {
  if (!config.trainer.solved_threshold) return std::nullopt;
  const double threshold = *config.trainer.solved_threshold;
  return text(exact(threshold), " with lines dashtype 2 linewidth 1.6 linecolor '#", kGrey, "' title 'solved (",
              brief(threshold), ")'");
}

std::string script_of_run(const fs::path& folder) {
  const RunConfig config = read_config(folder);
  const CsvTable metrics = CsvTable::read(folder / "metrics.csv");
  const CsvTable evaluations = CsvTable::read(folder / "evaluations.csv");
  require(metrics.rows() > 0, folder.string(), " has no finished episode to draw");
  const auto& episode = metrics.column("episode");
  const auto& returns = metrics.column("return");
  // With many episodes points would paint everything over: let them be fainter.
  const char* transparency = metrics.rows() > 3000 ? "C0" : metrics.rows() > 1000 ? "80" : "40";
  Range range;
  range.include(returns);
  range.include(evaluations.column("return_mean"));
  if (config.trainer.solved_threshold) range.include(*config.trainer.solved_threshold);

  std::string script = preamble(text(config.preset, " on ", config.environment.id, ", seed ", config.seed), "Return", range);
  script += data_block("Episodes", {episode, returns, running_mean(returns, kWindow)});
  std::vector<std::string> parts = {
      text("$Episodes using 1:2 with points pointtype 7 pointsize 0.6 linecolor rgb '#", transparency, kSkyBlue,
           "' title 'episode'"),
      text("$Episodes using 1:3 with lines linewidth 3 linecolor '#", kBlue, "' title 'mean of last ", kWindow, "'")};
  if (evaluations.rows() > 0) {
    script += data_block("Evaluations", {evaluations.column("episode"), evaluations.column("return_mean")});
    parts.push_back(text("$Evaluations using 1:2 with linespoints linewidth 1.6 pointtype 7 pointsize 1.1 linecolor '#",
                         kVermillion, "' title 'evaluation'"));
  }
  if (const auto threshold = threshold_part(config)) parts.push_back(*threshold);
  return script + plot_command(parts);
}

std::vector<fs::path> seed_folders(const fs::path& folder) {
  std::vector<fs::path> folders;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    if (entry.path().filename().string().starts_with("seed-") && fs::exists(entry.path() / "metrics.csv")) {
      folders.push_back(entry.path());
    }
  }
  std::sort(folders.begin(), folders.end());
  return folders;
}

std::string script_of_seeds(const std::vector<fs::path>& folders) {
  const RunConfig config = read_config(folders.front());
  std::vector<std::vector<double>> means;
  for (const auto& folder : folders) {
    const auto mean = running_mean(CsvTable::read(folder / "metrics.csv").column("return"), kWindow);
    if (!mean.empty()) means.push_back(mean);
  }
  require(!means.empty(), "none of the runs has a finished episode to draw");
  std::size_t longest = 0;
  for (const auto& mean : means) longest = std::max(longest, mean.size());

  std::vector<double> episode, low, median, high;
  for (std::size_t e = 0; e < longest; ++e) {
    std::vector<double> over_seeds;
    for (const auto& mean : means) over_seeds.push_back(mean[std::min(e, mean.size() - 1)]);
    episode.push_back(static_cast<double>(e + 1));
    low.push_back(quantile(over_seeds, 0.25));
    median.push_back(quantile(over_seeds, 0.5));
    high.push_back(quantile(over_seeds, 0.75));
  }
  Range range;
  range.include(low);
  range.include(high);
  if (config.trainer.solved_threshold) range.include(*config.trainer.solved_threshold);
  std::string script = preamble(text(config.preset, " on ", config.environment.id, ", ", means.size(), " seeds"),
                                text("Return, mean of the last ", kWindow, " episodes"), range);
  script += data_block("Seeds", {episode, low, median, high});
  std::vector<std::string> parts = {
      text("$Seeds using 1:2:4 with filledcurves fillstyle solid 0.35 noborder linecolor '#", kSkyBlue, "' title 'quartiles'"),
      text("$Seeds using 1:3 with lines linewidth 3 linecolor '#", kBlue, "' title 'median over seeds'")};
  if (const auto threshold = threshold_part(config)) parts.push_back(*threshold);
  return script + plot_command(parts);
}

}  // namespace

fs::path draw_returns(const fs::path& folder) {
  if (!fs::is_directory(folder)) wrong_use("there is no folder '", folder.string(), "'");
  const bool is_run = fs::exists(folder / "metrics.csv");
  const auto seeds = seed_folders(folder);
  if (!is_run && seeds.empty()) {
    wrong_use(folder.string(), " is no run folder: it has neither metrics.csv nor seed-<n> folders");
  }
  const std::string script = is_run ? script_of_run(folder) : script_of_seeds(seeds);
  const fs::path plots = folder / "plots";
  std::error_code failed;
  fs::create_directory(plots, failed);
  require(!failed, "cannot make the folder ", plots.string(), ": ", failed.message());
  write_file_atomically(plots / "returns.gp", script);
  run_gnuplot(plots / "returns.gp", plots / "returns.png");
  return plots / "returns.png";
}

std::vector<double> running_mean(const std::vector<double>& values, std::size_t window) {
  std::vector<double> means(values.size());
  double sum = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    sum += values[i];
    if (i >= window) sum -= values[i - window];
    means[i] = sum / static_cast<double>(std::min(i + 1, window));
  }
  return means;
}

double quantile(std::vector<double> values, double q) {
  std::sort(values.begin(), values.end());
  const double place = q * static_cast<double>(values.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  const std::size_t above = std::min(below + 1, values.size() - 1);
  return values[below] + (place - static_cast<double>(below)) * (values[above] - values[below]);
}

}  // namespace handgrad::app
