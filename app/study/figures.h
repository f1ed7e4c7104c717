#pragma once

#include "app/plots/run_pictures.h"
#include "app/study/results.h"

namespace handgrad::app {

/// A figure of a study as a picture to draw: mean curves with bootstrap bands, a bar an arm (the mean with its interval, or
/// another statistic), a statistic over two swept settings.
Picture make_picture(const Study& study, const StudyResults& results, const FigureSpec& figure);

/// All figures of a study, in plots/ of its folder; `only` names those that are wanted, all if empty. Throws UsageError for a
/// name that is none.
std::vector<PlannedPicture> plan_figures(const Study& study, const StudyResults& results, const std::filesystem::path& folder,
                                         const std::vector<std::string>& only = {});

/// The same from what lies in the folder of a study that has been run. Throws Error if nothing has.
std::vector<PlannedPicture> plan_study_pictures(const std::filesystem::path& folder,
                                                const std::vector<std::string>& only = {});

}  // namespace handgrad::app
