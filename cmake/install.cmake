# cmake --install build/release --prefix DIR [--component library|program]
#
#   library   headers, static libraries, and what find_package(handgrad) reads
#   program   the command-line program, its presets and studies

include(CMakePackageConfigHelpers)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/handgrad)

install(DIRECTORY ${HANDGRAD_PUBLIC_FOLDERS} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/handgrad COMPONENT library
        FILES_MATCHING PATTERN "*.h" PATTERN "eigen_*" EXCLUDE  # Eigen is seen by our sources alone,
        PATTERN "simd" EXCLUDE PATTERN "simd_backend.h" EXCLUDE   # and so are instruction sets: use make_backend
        PATTERN "*_plugin_entry.h" EXCLUDE PATTERN "*_agents_plugin.h" EXCLUDE)  # what is between us and the GPU's library
install(TARGETS handgrad_nn handgrad EXPORT handgrad ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT library)
install(EXPORT handgrad NAMESPACE handgrad:: FILE handgrad-targets.cmake DESTINATION ${package_dir} COMPONENT library)

configure_package_config_file(cmake/handgrad-config.cmake.in handgrad-config.cmake INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(handgrad-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/handgrad-config.cmake ${CMAKE_CURRENT_BINARY_DIR}/handgrad-config-version.cmake
        DESTINATION ${package_dir} COMPONENT library)

if(TARGET handgrad_program)
  install(TARGETS handgrad_program RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT program)
  install(DIRECTORY presets studies DESTINATION ${CMAKE_INSTALL_DATADIR}/handgrad COMPONENT program OPTIONAL)
endif()
