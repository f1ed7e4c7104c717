#pragma once

#include <vector>

#include "app/config/settings.h"

namespace handgrad::app {

/// Appends the settings of the tabular learners: sections [tabular], [alpha] and [features].
void add_tabular(std::vector<Setting>& table);

}  // namespace handgrad::app
