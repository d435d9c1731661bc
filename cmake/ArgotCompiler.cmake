# One set of flags for everything, so that one precompiled header serves library, plugin, program and test.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE OFF)  # -fPIC everywhere instead: programs would get -fPIE and refuse the header
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g1")
set(CMAKE_CXX_FLAGS_DEBUG "-O0 -g1")
set(CMAKE_C_FLAGS_RELEASE "-O2")
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
set(CMAKE_LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/lib)
set(CMAKE_BUILD_RPATH_USE_ORIGIN ON)

set(ARGOT_SANITIZE "" CACHE STRING "comma-separated -fsanitize= list")
option(ARGOT_FUZZ "build libFuzzer targets (clang)" OFF)

add_compile_options(-fPIC $<$<COMPILE_LANGUAGE:CXX>:-Wall> $<$<COMPILE_LANGUAGE:CXX>:-Wextra>
                    -fvisibility=hidden $<$<COMPILE_LANGUAGE:CXX>:-fvisibility-inlines-hidden>)
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
  # no-gnu-unique: a plugin can be unmapped for real. pch-preprocess: lets ccache see through the header.
  add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-fno-gnu-unique> $<$<COMPILE_LANGUAGE:CXX>:-Werror=invalid-pch>
                      $<$<COMPILE_LANGUAGE:CXX>:-fpch-preprocess>)
  if(CMAKE_UNITY_BUILD)  # g++ takes the files compiled as one for headers, whose private names would be a mistake
    add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-Wno-subobject-linkage>)
  endif()
endif()
if(ARGOT_SANITIZE)
  add_compile_options(-fsanitize=${ARGOT_SANITIZE} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${ARGOT_SANITIZE})
  if(ARGOT_SANITIZE MATCHES undefined)
    add_compile_options(-fno-sanitize-recover=undefined -fno-sanitize=vptr)
    add_link_options(-fno-sanitize=vptr)
    if(CMAKE_CXX_COMPILER_ID STREQUAL Clang)
      add_compile_options(-fno-sanitize=function)  # clang 14 cannot put its check before a coroutine
    endif()
  endif()
endif()
if(ARGOT_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

# Boost.Asio is compiled once, into libargot.so: one thread state for kernel and plugins.
add_compile_definitions(BOOST_ASIO_SEPARATE_COMPILATION BOOST_ASIO_DYN_LINK BOOST_ASIO_NO_DEPRECATED
                        BOOST_BEAST_SEPARATE_COMPILATION)

find_program(ARGOT_CCACHE ccache)
if(ARGOT_CCACHE)
  set(launcher ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
      CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${ARGOT_CCACHE})
  set(CMAKE_C_COMPILER_LAUNCHER ${launcher})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${launcher})
endif()
find_program(ARGOT_MOLD mold)
if(ARGOT_MOLD)
  if(CMAKE_CXX_COMPILER_ID STREQUAL GNU AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 12.1)
    add_link_options(-fuse-ld=lld)
  else()
    add_link_options(-fuse-ld=mold)
  endif()
endif()
