#pragma once

#include "app/plots/picture.h"
#include "app/study/results.h"

namespace handgrad::app {

/// A figure of a study as a picture to draw: mean curves with bootstrap bands, a bar an arm (the mean with its interval, or
/// another statistic), a statistic over two swept settings.
Picture make_picture(const Study& study, const StudyResults& results, const FigureSpec& figure);

/// Draws all figures into plots/ of the study's folder; returns the pictures' paths in that folder. Throws Error as draw does.
std::vector<std::string> draw_figures(const Study& study, const StudyResults& results, const std::filesystem::path& folder);

/// The same from what lies in the folder of a study that has been run: for `handgrad plot`. Throws Error if nothing has.
std::vector<std::string> draw_study(const std::filesystem::path& folder);

}  // namespace handgrad::app
