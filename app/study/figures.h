#pragma once

#include "app/plots/picture.h"
#include "app/study/results.h"

namespace handgrad::app {

/// A figure of a study as a picture to draw: mean curves with bootstrap bands, a bar an arm (the mean with its interval, or
/// another statistic), a statistic over two swept settings.
Picture make_picture(const Study& study, const StudyResults& results, const FigureSpec& figure);

}  // namespace handgrad::app
