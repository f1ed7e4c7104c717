#pragma once

#include <filesystem>
#include <source_location>
#include <string>

namespace handgrad::test {

/// Where the sources lie that this test was built from.
inline std::filesystem::path source_root() {
  // Normal form first: a relative include may have made it .../tests/envs/../support/source_tree.h.
  const auto here = std::filesystem::path(std::source_location::current().file_name()).lexically_normal();
  return here.parent_path().parent_path().parent_path();
}

/// tests/golden/<name>.
inline std::string golden_file(const std::string& name) { return (source_root() / "tests" / "golden" / name).string(); }

}  // namespace handgrad::test
