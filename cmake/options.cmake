# How handgrad's own targets are compiled. Nothing here reaches a project that embeds the library, but for C++20.

if(NOT CMAKE_CXX_COMPILER_ID MATCHES "GNU|Clang")
  message(FATAL_ERROR "handgrad needs GCC or Clang (128-bit integers, -ffp-contract), found ${CMAKE_CXX_COMPILER_ID}: "
                      "choose one with -DCMAKE_CXX_COMPILER=g++")
endif()

if(HANDGRAD_FUZZ)
  if(NOT CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    message(FATAL_ERROR "HANDGRAD_FUZZ needs Clang, whose libFuzzer runs the fuzzers, found ${CMAKE_CXX_COMPILER_ID}: "
                        "choose it with -DCMAKE_CXX_COMPILER=clang++, or take the preset `fuzz`")
  endif()
  set(HANDGRAD_SANITIZE ON)
endif()

if(HANDGRAD_IS_TOP)
  if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
    set(CMAKE_BUILD_TYPE Release CACHE STRING "Release, Debug, RelWithDebInfo or MinSizeRel" FORCE)
  endif()
  set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
  set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)
endif()

if(HANDGRAD_EIGEN)
  find_package(Eigen3 3.4 REQUIRED NO_MODULE)
endif()

# #include <handgrad/nn/mlp.h> from the build tree, with the folders that are installed and no others. A header's own
# #include "../core/error.h" is looked up behind the link, in the source tree.
set(HANDGRAD_PUBLIC_FOLDERS core nn envs rl)
foreach(folder IN LISTS HANDGRAD_PUBLIC_FOLDERS)
  file(MAKE_DIRECTORY ${PROJECT_BINARY_DIR}/include/handgrad)
  file(CREATE_LINK ${PROJECT_SOURCE_DIR}/${folder} ${PROJECT_BINARY_DIR}/include/handgrad/${folder} SYMBOLIC)
endforeach()

# For every target of ours: library, program, tests, benchmarks.
#
# Trap: environments promise Gymnasium's bits, so nothing may fuse a multiplication and an addition (-ffp-contract=off);
# backends whose own kernels may, say so below.
function(handgrad_own target)
  set_target_properties(${target} PROPERTIES CXX_EXTENSIONS OFF)
  target_compile_features(${target} PUBLIC cxx_std_20)
  target_compile_options(${target} PRIVATE -ffp-contract=off)
  target_compile_definitions(${target} PRIVATE $<$<CONFIG:Debug>:_GLIBCXX_ASSERTIONS>)
  if(HANDGRAD_IS_TOP)
    # -Wno-sign-conversion: part of -Wconversion in Clang alone. -Wno-missing-field-initializers: {.lr = 1e-3} leaves the
    # other settings at their defaults on purpose.
    target_compile_options(${target} PRIVATE -Wall -Wextra -Wconversion -Wno-sign-conversion -Wshadow
                                             -Wno-missing-field-initializers)
  endif()
  if(HANDGRAD_WERROR AND NOT HANDGRAD_SANITIZE)  # instrumented code makes GCC warn of what is not there
    target_compile_options(${target} PRIVATE -Werror)
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
      # What GCC finds by following the flow of optimised code differs from version to version, and is often not there
      # (-Wrestrict in version 12: any "literal" + string).
      target_compile_options(${target} PRIVATE -Wno-restrict -Wno-error=maybe-uninitialized -Wno-error=array-bounds
                                               -Wno-error=stringop-overflow)
    endif()
  endif()
  if(HANDGRAD_SANITIZE)
    set(sanitizers ${HANDGRAD_SANITIZE})
    list(TRANSFORM sanitizers REPLACE "^ON$" "address,undefined")
    list(JOIN sanitizers "," sanitizers)
    target_compile_options(${target} PRIVATE -fsanitize=${sanitizers} -fno-sanitize-recover=all -fno-omit-frame-pointer)
    target_link_options(${target} PUBLIC $<BUILD_INTERFACE:-fsanitize=${sanitizers}>)
  endif()
  if(HANDGRAD_FUZZ)
    # float-cast-overflow: a double that fits no integer is what files are full of, and not part of `undefined` in Clang.
    target_compile_options(${target} PRIVATE -fsanitize=fuzzer-no-link,float-cast-overflow)
  endif()
endfunction()

function(handgrad_library target)
  handgrad_own(${target})
  set_target_properties(${target} PROPERTIES LINKER_LANGUAGE CXX POSITION_INDEPENDENT_CODE ON)
  target_include_directories(${target} PUBLIC $<BUILD_INTERFACE:${PROJECT_BINARY_DIR}/include>
                                              $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  target_compile_definitions(${target} PRIVATE HANDGRAD_VERSION="${PROJECT_VERSION}")
  if(HANDGRAD_EIGEN)
    # Its include directory alone: linking to the target would make every user of the installed library need Eigen.
    target_compile_definitions(${target} PRIVATE HANDGRAD_HAS_EIGEN)
    target_include_directories(${target} SYSTEM PRIVATE $<TARGET_PROPERTY:Eigen3::Eigen,INTERFACE_INCLUDE_DIRECTORIES>)
  endif()
endfunction()

# Sources of backends that are built for speed: optimised in every build type, multiplications and additions fused, and for
# the instruction set of this machine if HANDGRAD_NATIVE says so.
include(CheckCXXCompilerFlag)
check_cxx_compiler_flag(-march=native HANDGRAD_KNOWS_MARCH_NATIVE)
set(HANDGRAD_KERNEL_OPTIONS -ffp-contract=fast)
if(CMAKE_BUILD_TYPE STREQUAL "Debug")
  list(APPEND HANDGRAD_KERNEL_OPTIONS -O1)  # Eigen without any optimisation is a hundred times slower
else()
  list(APPEND HANDGRAD_KERNEL_OPTIONS -O3)
endif()
if(HANDGRAD_NATIVE AND HANDGRAD_KNOWS_MARCH_NATIVE)
  list(APPEND HANDGRAD_KERNEL_OPTIONS -march=native)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  list(APPEND HANDGRAD_KERNEL_OPTIONS -Wno-uninitialized -Wno-maybe-uninitialized)  # GCC 12 on its own AVX-512 intrinsics
endif()
file(GLOB HANDGRAD_KERNEL_SOURCES CONFIGURE_DEPENDS core/eigen_*.cpp)
set_source_files_properties(${HANDGRAD_KERNEL_SOURCES} PROPERTIES COMPILE_OPTIONS "${HANDGRAD_KERNEL_OPTIONS}")

# Sources for one instruction set carry its name at their end, and are for this processor family or left out. What they share
# with other sources has to live in unnamed namespaces: of two copies of an inline function the linker keeps either, and the one
# compiled here may not run on every machine.
function(handgrad_instruction_sets sources)
  if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
    set(others neon)
    set(avx2 -mavx2 -mfma -falign-loops=64)
    set(avx512 -mavx512f -mavx512vl -mavx512dq -mavx512bw -mfma -mprefer-vector-width=512 -falign-loops=64)
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
      list(APPEND avx512 -Wno-uninitialized -Wno-maybe-uninitialized)  # GCC 12 on its own AVX-512 intrinsics
    endif()
  elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "aarch64|arm64")
    set(others avx2 avx512)
  else()
    set(others avx2 avx512 neon)
  endif()
  set(kept ${${sources}})
  foreach(set IN LISTS others)
    list(FILTER kept EXCLUDE REGEX "_${set}\\.cpp$")
  endforeach()
  foreach(set avx2 avx512)
    set(wider ${kept})
    list(FILTER wider INCLUDE REGEX "_${set}\\.cpp$")
    set_source_files_properties(${wider} PROPERTIES COMPILE_OPTIONS "${${set}}")
  endforeach()
  set(${sources} ${kept} PARENT_SCOPE)
endfunction()
