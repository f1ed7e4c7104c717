# Compiler options of our own targets. None of them reaches a project that embeds the library.

set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release)
endif()
if(HANDGRAD_IS_TOP)
  set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
endif()

# Trap: environments promise Gymnasium's bits, so nothing may fuse a multiplication and an addition (-ffp-contract=off);
# the backends whose own kernels may, say so themselves (handgrad_kernel_sources).
function(handgrad_own target)
  target_compile_features(${target} PUBLIC cxx_std_20)
  set_target_properties(${target} PROPERTIES CXX_EXTENSIONS OFF POSITION_INDEPENDENT_CODE ON)
  target_compile_options(${target} PRIVATE -ffp-contract=off)
  if(HANDGRAD_IS_TOP)
    target_compile_options(${target} PRIVATE -Wall -Wextra -Wconversion -Wshadow -Werror)
  endif()
  if(HANDGRAD_SANITIZE)
    target_compile_options(${target} PRIVATE -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
    target_link_options(${target} PUBLIC -fsanitize=address,undefined)
  endif()
endfunction()

function(handgrad_library target)
  handgrad_own(${target})
  target_include_directories(${target} PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  target_compile_definitions(${target} PRIVATE HANDGRAD_VERSION="${PROJECT_VERSION}")
  if(HANDGRAD_EIGEN)
    target_compile_definitions(${target} PRIVATE HANDGRAD_HAS_EIGEN)
    find_package(Eigen3 3.4 REQUIRED NO_MODULE)
    get_target_property(eigen_include Eigen3::Eigen INTERFACE_INCLUDE_DIRECTORIES)
    target_include_directories(${target} SYSTEM PRIVATE ${eigen_include})
  endif()
endfunction()

# The eigen backend's kernels are built for speed: this machine's instructions, fused multiply-add, asserts off.
if(HANDGRAD_EIGEN)
  # g++ 12 takes the "undefined" operands of its own AVX-512 headers for uninitialised variables.
  set(kernel_options -ffp-contract=fast -O3 -Wno-maybe-uninitialized -Wno-uninitialized)
  if(HANDGRAD_NATIVE)
    list(APPEND kernel_options -march=native)
  endif()
  set_source_files_properties(${PROJECT_SOURCE_DIR}/core/eigen_layers.cpp ${PROJECT_SOURCE_DIR}/core/eigen_parameters.cpp PROPERTIES COMPILE_OPTIONS "${kernel_options}")
endif()
