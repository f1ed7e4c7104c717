# The fuzzers in the ordinary suite, by any compiler: replay_test.cpp calls every LLVMFuzzerTestOneInput, each under a name of its
# own, on its corpus and on what once crashed. Appends the sources to test_sources.
set(fuzz_declarations "")
set(fuzz_entries "")
file(GLOB fuzzers CONFIGURE_DEPENDS fuzz/*_fuzzer.cpp)
foreach(source IN LISTS fuzzers)
  file(STRINGS ${source} of_program REGEX "#include \"app/" LIMIT_COUNT 1)
  if(of_program AND NOT TARGET handgrad_program)
    continue()
  endif()
  cmake_path(GET source STEM name)
  string(REGEX REPLACE "_fuzzer$" "" name ${name})
  set_source_files_properties(${source} PROPERTIES COMPILE_DEFINITIONS LLVMFuzzerTestOneInput=fuzz_${name}
                              SKIP_PRECOMPILE_HEADERS ON)
  list(APPEND test_sources ${source})
  string(APPEND fuzz_declarations "extern \"C\" int fuzz_${name}(const std::uint8_t* data, std::size_t size);\n")
  string(APPEND fuzz_entries "    {\"${name}\", fuzz_${name}},\n")
endforeach()
list(APPEND test_sources fuzz/contract.cpp)
file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/fuzzers.h @ONLY CONTENT "#pragma once

#include <cstddef>
#include <cstdint>

@fuzz_declarations@
struct NamedFuzzer {
  const char* name;
  int (*run)(const std::uint8_t* data, std::size_t size);
};

inline constexpr NamedFuzzer kFuzzers[] = {
@fuzz_entries@};
")
set_source_files_properties(fuzz/replay_test.cpp PROPERTIES INCLUDE_DIRECTORIES ${CMAKE_CURRENT_BINARY_DIR})
