# Writes OUTPUT, a header that says what a program was built from and how. Run as a script on every build.
execute_process(COMMAND git -C ${SOURCE_DIR} rev-parse --show-toplevel OUTPUT_VARIABLE top ERROR_QUIET
                OUTPUT_STRIP_TRAILING_WHITESPACE)
file(REAL_PATH ${SOURCE_DIR} source_dir)
if(top STREQUAL source_dir)  # not the repository of somebody who has our sources in a folder
  execute_process(COMMAND git -C ${SOURCE_DIR} describe --always --dirty --abbrev=12 OUTPUT_VARIABLE commit ERROR_QUIET
                  OUTPUT_STRIP_TRAILING_WHITESPACE)
endif()

set(content "#pragma once

namespace handgrad::build_info {

inline constexpr const char* kCompiler = \"${COMPILER}\";
inline constexpr const char* kBuildType = \"${BUILD_TYPE}\";
inline constexpr const char* kFlags = \"${FLAGS}\";
inline constexpr const char* kKernelFlags = \"${KERNEL_FLAGS}\";  // of the eigen backend
inline constexpr const char* kCommit = \"${commit}\";  // \"\": not built from a git repository; -dirty: with changes

}  // namespace handgrad::build_info
")

if(EXISTS ${OUTPUT})
  file(READ ${OUTPUT} before)
endif()
if(NOT content STREQUAL "${before}")
  file(WRITE ${OUTPUT} "${content}")
endif()
