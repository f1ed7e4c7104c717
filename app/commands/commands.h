#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

// One function a sub-command. Each returns the exit code, prints results to stdout and everything else to stderr, and throws
// UsageError or Error for what main turns into one line and exit code 2 or 1. Texts are as the user gave them: whoever
// understands them checks them. With `json` the last line of stdout is one JSON object.

namespace handgrad::app {

struct ListOptions {
  std::string what;  ///< presets, envs, algorithms, backends, studies, demos or measures; empty: all
  bool json = false;
};
int list_command(const ListOptions& options);

struct TrainOptions {
  std::string preset;  ///< a preset's name or a .toml file; empty with `resume`
  std::string resume;  ///< the folder of a run, or of several seeds, to go on with
  std::string checkpoint_every = "30s";
  std::string keep = "2";  ///< how many checkpoints
  bool watch_norms = false;
  std::optional<std::string> seed;     ///< none: the preset's, 1 unless it says otherwise
  std::optional<std::string> seeds;    ///< how many, one after the other from `seed`
  std::optional<std::string> backend;  ///< none: the preset's or the fastest
  std::optional<std::string> threads;  ///< runs at a time, none: one a processor; of one run: workers over its environments
  std::string out;                     ///< empty: runs/<preset>[-<variant>]-seed<n>
  std::vector<std::string> variant;    ///< of the preset, from left to right; empty: what the preset says
  std::vector<std::string> set;
  bool quiet = false;
  bool json = false;
};
int train_command(const TrainOptions& options);

struct EvalOptions {
  std::string folder;
  std::string episodes = "100";
  std::optional<std::string> seed;  ///< none: that of the run's own final evaluation
  std::string model = "last";
  bool json = false;
};
int eval_command(const EvalOptions& options);

struct TraceOptions {
  std::string environment;
  std::string seed = "0";
  std::string actions;  ///< "0,1,1,0", or "@FILE"
  std::vector<std::string> set;
};
int trace_command(const TraceOptions& options);

struct ExplainOptions {
  std::string preset;
  std::vector<std::string> variant;
  std::vector<std::string> set;
  bool json = false;
};
int explain_command(const ExplainOptions& options);

struct StudyOptions {
  std::string study;                   ///< a study's name or a .toml file
  std::optional<std::string> seeds;    ///< how many; none: the study's
  std::optional<std::string> seed;     ///< the first one; none: the study's
  std::optional<std::string> threads;  ///< runs at a time; none: one a processor
  std::string out;                     ///< empty: runs/<study>
  std::vector<std::string> set;
  bool quiet = false;
  bool json = false;
};
int study_command(const StudyOptions& options);

struct CheckOptions {
  bool json = false;
};
int check_command(const CheckOptions& options);

struct BenchOptions {
  std::vector<std::string> what;  ///< train steps and environments by name, or "agents" alone; empty: all but these
  std::optional<std::string> backend;
  std::vector<std::string> agents;  ///< how many at once; empty: a few numbers
  std::string rounds = "5";
  std::optional<std::string> batch;  ///< rows of a train step's batch, instead of each configuration's own
  bool breakdown = false;
  bool json = false;
};
int bench_command(const BenchOptions& options);

struct DoctorOptions {
  bool json = false;
};
int doctor_command(const DoctorOptions& options);

struct PlotOptions {
  std::string folder;
  std::vector<std::string> what;  ///< pictures by name; empty: all
  std::vector<std::string> set;
  bool text = false;
  bool json = false;
};
int plot_command(const PlotOptions& options);

struct WatchOptions {
  std::string subject;  ///< a run folder or an environment's id
  std::string model = "last";
  bool random = false;                  ///< a random agent, although there is a model
  std::optional<std::string> seed;      ///< none: that of the run's final evaluation, or 0
  std::optional<std::string> episodes;  ///< none: one in files and text, on a terminal no end
  std::string speed = "1", scale = "1";
  std::string max_frames = "1000";  ///< of a GIF, a PNG or a text
  std::string gif, png;             ///< files to write instead of playing
  std::string frames = "6";         ///< of the PNG
  bool bare = false;                ///< pictures without the panel
  bool text = false;
  std::vector<std::string> set;
  bool json = false;
};
int watch_command(const WatchOptions& options);

struct DemoOptions {
  std::string demo;
  std::optional<std::string> seed;  ///< none: 1
  std::string out;                  ///< empty: runs/<demo>, if there is something to draw
  std::vector<std::string> set;
  bool quiet = false;
  bool json = false;
};
int demo_command(const DemoOptions& options);
/// What `explain` says of a demo.
int explain_demo(const ExplainOptions& options);

}  // namespace handgrad::app
