#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "app/config/run_config.h"
#include "app/plots/picture.h"
#include "app/run/csv.h"
#include "core/safetensors.h"

namespace handgrad::app {

/// Where a picture can be drawn as it ought to be, or as others drew it.
struct PictureOptions {
  bool zeros_before_mean = false;  ///< mean_lead = zeros: the running mean of durations begins with 99 zeros
  bool zeros_around_mean = false;  ///< smooth_edge = zero_pad: the rolling average takes missing episodes for 0
  bool infinite_warmup = false;    ///< warmup_loss = inf: episodes before the first train step leave a gap
};

/// A run folder, read.
struct RecordedRun {
  std::filesystem::path folder;
  RunConfig config;
  CsvTable metrics, evaluations;
  std::optional<CsvTable> final_episodes;  ///< none: the run was interrupted
  std::optional<CsvTable> norms;           ///< none: nobody has asked for them

  std::string title() const;  ///< "cartpole on CartPole-v1, seed 1"
  /// The model at the end; none: the run was cut off before.
  std::optional<TensorFile> last_model() const;
};

/// A picture that a run may have: its name, and how it is made. None where it does not apply to a run.
struct RunPicture {
  std::string name;
  std::string description;
  std::optional<Picture> (*make)(const RecordedRun&, const PictureOptions&);
};

/// All of them, in the order in which they are drawn.
const std::vector<RunPicture>& run_pictures();

/// Of training: training_pictures.cpp.
std::optional<Picture> returns_picture(const RecordedRun& run, const PictureOptions& options);
std::optional<Picture> durations_picture(const RecordedRun& run, const PictureOptions& options);
std::optional<Picture> train_and_test_picture(const RecordedRun& run, const PictureOptions& options);
std::optional<Picture> losses_picture(const RecordedRun& run, const PictureOptions& options);
std::optional<Picture> epsilon_picture(const RecordedRun& run, const PictureOptions& options);
std::optional<Picture> norms_picture(const RecordedRun& run, const PictureOptions& options);
/// Of what was learned: table_pictures.cpp, plane_pictures.cpp.
std::optional<Picture> q_picture(const RecordedRun& run, const PictureOptions& options);
std::optional<Picture> policy_picture(const RecordedRun& run, const PictureOptions& options);
std::optional<Picture> phase_picture(const RecordedRun& run, const PictureOptions& options);
std::optional<Picture> slices_picture(const RecordedRun& run, const PictureOptions& options);
std::optional<Picture> hands_picture(const RecordedRun& run, const PictureOptions& options);

/// The median over seeds of the running means of their returns, and the band between the quartiles; a run that has ended
/// keeps its last value.
Picture seeds_picture(const std::vector<RecordedRun>& runs);

/// A picture and the path it is drawn to, without extension.
struct PlannedPicture {
  std::filesystem::path stem;
  Picture picture;
};

/// The pictures of the folder of a run, or of several seeds of one (a folder with seed-<n> inside), in plots/; `only` names
/// those that are wanted, all if empty. Throws UsageError if the folder holds no run, or for a name that is none.
std::vector<PlannedPicture> plan_pictures(const std::filesystem::path& folder, const PictureOptions& options = {},
                                          const std::vector<std::string>& only = {});

}  // namespace handgrad::app
