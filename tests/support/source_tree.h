#pragma once

#include <filesystem>
#include <string>

namespace handgrad::test {

/// Where the sources lie that this test was built from.
inline std::filesystem::path source_root() { return HANDGRAD_SOURCE_DIR; }

/// tests/golden/<name>.
inline std::string golden_file(const std::string& name) { return HANDGRAD_GOLDEN_DIR "/" + name; }

}  // namespace handgrad::test
