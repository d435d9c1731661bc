# argot_plugin(KIND/NAME SOURCES a.cpp ... [LIBS ...])   one shared library, build/<preset>/plugins/KIND/NAME.so;
#   installed as lib/argot/plugins/KIND/NAME.so, where `argot` finds it, unless KIND is "fixtures"
#   NAME.check.yaml beside the CMakeLists.txt says what stands around the plugin in `argot plugin check`
# argot_test(NAME SOURCES a_test.cpp ... [LIBS ...] [LABELS threads ...])
# argot_fuzz(NAME SOURCES fuzz_a.cpp [LIBS ...] [CORPUS dir])   only with -DARGOT_FUZZ=ON; else its corpus is a test
# This file is installed too: find_package(Argot) brings the same functions to plugins outside this tree.
# ARGOT_OUTPUT_DIR: where plugins are built to and tests look for them. Tests of the build itself set it: what is built
# elsewhere than in the usual place is neither part of `./dev run` nor installed.
include_guard(GLOBAL)
set(ARGOT_OUTPUT_DIR ${CMAKE_BINARY_DIR})

# In release and asan several files are compiled as one: most of what a file costs is headers and templates that g++
# makes again. Under clang and for the debugger it stays file by file, which finds what a file forgot to include.
set(CMAKE_UNITY_BUILD_BATCH_SIZE 6)
# Targets whose files use the same short names, each for itself, or where who inlines whom must stay as it is.
function(argot_file_by_file)
  set_target_properties(${ARGN} PROPERTIES UNITY_BUILD OFF)
endfunction()

function(_argot_common target)  # and after it, which precompiled header: argot_pch if nothing else is said
  # Without this CMake defines NAME_EXPORTS for shared libraries, and the precompiled header no longer fits.
  set_target_properties(${target} PROPERTIES DEFINE_SYMBOL "")
  set(pch argot_pch ${ARGN})
  list(GET pch -1 pch)
  if(TARGET ${pch})
    target_precompile_headers(${target} REUSE_FROM ${pch})
    # What only the precompiled header's owner may know: whether its code is worth the optimiser's time.
    get_target_property(options ${pch} COMPILE_OPTIONS)
    if(options)
      target_compile_options(${target} PRIVATE ${options})
    endif()
  endif()
endfunction()

function(argot_plugin path)
  cmake_parse_arguments(arg "" "" "SOURCES;LIBS" ${ARGN})
  cmake_path(GET path FILENAME name)
  cmake_path(GET path PARENT_PATH kind)
  string(REPLACE "/" "_" target plugin_${path})
  add_library(${target} MODULE ${arg_SOURCES})
  target_link_libraries(${target} PRIVATE Argot::sdk ${arg_LIBS})
  if(NOT ARGOT_SANITIZE)  # clang leaves the sanitizers' symbols to the program
    target_link_options(${target} PRIVATE -Wl,-z,defs)
  endif()
  set_target_properties(${target} PROPERTIES PREFIX "" OUTPUT_NAME ${name}
    LIBRARY_OUTPUT_DIRECTORY ${ARGOT_OUTPUT_DIR}/plugins/${kind}
    INSTALL_RPATH "$ORIGIN/../../..")  # lib/argot/plugins/KIND to lib
  _argot_common(${target})
  set(surroundings ${CMAKE_CURRENT_SOURCE_DIR}/${name}.check.yaml)
  if(EXISTS ${surroundings})
    configure_file(${surroundings} ${ARGOT_OUTPUT_DIR}/plugins/${kind}/${name}.check.yaml COPYONLY)
  endif()
  if(NOT ARGOT_OUTPUT_DIR STREQUAL CMAKE_BINARY_DIR)
    return()
  endif()
  set_property(GLOBAL APPEND PROPERTY ARGOT_PLUGINS ${target})
  if(NOT kind MATCHES "^fixtures")
    install(TARGETS ${target} LIBRARY DESTINATION lib/argot/plugins/${kind})
    if(EXISTS ${surroundings})
      install(FILES ${surroundings} DESTINATION lib/argot/plugins/${kind})
    endif()
  endif()
endfunction()

function(argot_test name)
  cmake_parse_arguments(arg "" "" "SOURCES;LIBS;LABELS" ${ARGN})
  if(NOT arg_SOURCES)
    return()
  endif()
  find_package(GTest REQUIRED)
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE Argot::sdk ${arg_LIBS} GTest::gmock GTest::gtest GTest::gtest_main)
  _argot_common(${name} argot_test_pch)
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES LABELS "${arg_LABELS}" TIMEOUT 600
    ENVIRONMENT "ARGOT_BUILD_DIR=${ARGOT_OUTPUT_DIR};ARGOT_SOURCE_DIR=${CMAKE_SOURCE_DIR}")
endfunction()

function(argot_fuzz name)
  cmake_parse_arguments(arg "" "CORPUS" "SOURCES;LIBS" ${ARGN})
  if(NOT arg_CORPUS)
    set(arg_CORPUS ${CMAKE_SOURCE_DIR}/tests/corpus/${name})
  endif()
  if(ARGOT_FUZZ)
    add_executable(${name} ${arg_SOURCES})
    target_link_options(${name} PRIVATE -fsanitize=fuzzer)
    file(WRITE ${CMAKE_RUNTIME_OUTPUT_DIRECTORY}/${name}.corpus ${arg_CORPUS})
    set_property(GLOBAL APPEND PROPERTY ARGOT_FUZZ_TARGETS ${name})
  else()  # the same target without libFuzzer: replays its corpus, so that what was found stays found
    add_executable(${name} ${arg_SOURCES} ${CMAKE_SOURCE_DIR}/tests/support/fuzz_replay.cpp)
    add_test(NAME ${name} COMMAND ${name} ${arg_CORPUS})
  endif()
  target_link_libraries(${name} PRIVATE Argot::sdk ${arg_LIBS})
  _argot_common(${name})
endfunction()
