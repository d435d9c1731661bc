# What `cmake --install` puts where, so that it works from any prefix:
#   bin/argot                          the program                                      (frontends/cli)
#   lib/libargot*.so                   what programs and plugins share at run time
#   lib/libargot_testing.a             conformance kits and fakes, for tests of plugins
#   lib/argot/plugins/KIND/NAME.so     the plugins                                      (cmake/Argot.cmake)
#   lib/cmake/Argot/                   find_package(Argot)
#   include/argot/                     the SDK's headers
#   share/argot/templates, config      `argot plugin new`, ready profiles
#   share/man, completions             the manual page and what shells complete         (frontends/cli)
set(libraries argot)
foreach(target IN ITEMS argot_http argot_onion argot_sqlite)
  if(TARGET ${target})
    list(APPEND libraries ${target})
  endif()
endforeach()
set_target_properties(${libraries} PROPERTIES INSTALL_RPATH "$ORIGIN")
install(TARGETS ${libraries} LIBRARY DESTINATION lib)

install(FILES ${headers} DESTINATION include/argot)
install(FILES ${generated}/argot/generated/sdk_hash.h DESTINATION include/argot/generated)
if(TARGET argot_testing)
  install(TARGETS argot_testing ARCHIVE DESTINATION lib)
  install(DIRECTORY ${CMAKE_SOURCE_DIR}/sdk/testing/ DESTINATION include/argot/testing FILES_MATCHING PATTERN "*.h")
  # In the build the kit's headers are found by the same name: <argot/testing/report.h>.
  file(MAKE_DIRECTORY ${generated}/argot)
  file(CREATE_LINK ${CMAKE_SOURCE_DIR}/sdk/testing ${generated}/argot/testing SYMBOLIC)
endif()

string(REGEX MATCH "^[0-9]+" ARGOT_COMPILER_MAJOR ${CMAKE_CXX_COMPILER_VERSION})
configure_file(${CMAKE_SOURCE_DIR}/cmake/ArgotConfig.cmake.in ${CMAKE_BINARY_DIR}/cmake/ArgotConfig.cmake @ONLY)
include(CMakePackageConfigHelpers)
# C++ interfaces are locked to the exact build (fingerprint.h); the version says no more than the minor one.
write_basic_package_version_file(${CMAKE_BINARY_DIR}/cmake/ArgotConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/cmake/ArgotConfig.cmake ${CMAKE_BINARY_DIR}/cmake/ArgotConfigVersion.cmake
              ${CMAKE_SOURCE_DIR}/cmake/Argot.cmake DESTINATION lib/cmake/Argot)

# bin/../share/argot is where the program looks; in the build it leads back to the sources.
file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/share/argot)
foreach(folder IN ITEMS sdk/templates config)
  if(IS_DIRECTORY ${CMAKE_SOURCE_DIR}/${folder})
    cmake_path(GET folder FILENAME name)
    install(DIRECTORY ${CMAKE_SOURCE_DIR}/${folder}/ DESTINATION share/argot/${name})
    file(CREATE_LINK ${CMAKE_SOURCE_DIR}/${folder} ${CMAKE_BINARY_DIR}/share/argot/${name} SYMBOLIC)
  endif()
endforeach()
