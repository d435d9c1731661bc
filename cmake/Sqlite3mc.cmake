# argot_sqlite: SQLite with page encryption (SQLite3 Multiple Ciphers), built from .deps/.
#
# Databases with a key use AEGIS-256: its pages are authenticated, so a changed byte is an error and
# never data. The code picks AES-NI or plain C at run time; no machine flags are needed.
# Use:  target_link_libraries(my_target PRIVATE argot_sqlite)  and  #include <sqlite3.h>

set(ARGOT_SQLITE_DIR "${PROJECT_SOURCE_DIR}/.deps/sqlite3mc/deps/sqlite3")
if(NOT EXISTS "${ARGOT_SQLITE_DIR}/sqlite3.c")
  message(FATAL_ERROR "The encrypted SQLite's source is not at ${ARGOT_SQLITE_DIR}.\n"
                      "Run ./dev setup first: it fetches the version that third_party/pins names.")
endif()

add_library(argot_sqlite SHARED "${ARGOT_SQLITE_DIR}/sqlite3.c")
target_include_directories(argot_sqlite SYSTEM INTERFACE "${ARGOT_SQLITE_DIR}")
set_target_properties(argot_sqlite PROPERTIES
  OUTPUT_NAME argot-sqlite
  DEFINE_SYMBOL ""
  C_VISIBILITY_PRESET hidden)

set_target_properties(argot_sqlite PROPERTIES COMPILE_DEFINITIONS "")
target_compile_definitions(argot_sqlite PRIVATE
  NDEBUG
  "SQLITE_API=__attribute__((visibility(\"default\")))"
  CODEC_TYPE=CODEC_TYPE_AEGIS
  HAVE_CIPHER_AES_128_CBC=0
  HAVE_CIPHER_AES_256_CBC=0
  HAVE_CIPHER_SQLCIPHER=0
  HAVE_CIPHER_RC4=0
  HAVE_CIPHER_ASCON128=0  # ChaCha20 stays only because the source does not link without it
  HAVE_FDATASYNC=1  # a commit waits for its bytes, not for the time of the last change too
  SQLITE_ENABLE_FTS5
  SQLITE_THREADSAFE=2  # any thread, but one connection is used by one thread at a time
  SQLITE_TEMP_STORE=3  # temporary tables and sorters stay in memory: files of theirs would be plain
  SQLITE_DEFAULT_FOREIGN_KEYS=1
  SQLITE_DEFAULT_MEMSTATUS=0
  SQLITE_DQS=0
  SQLITE_LIKE_DOESNT_MATCH_BLOBS
  SQLITE_OMIT_DEPRECATED
  SQLITE_OMIT_LOAD_EXTENSION
  SQLITE_OMIT_SHARED_CACHE
  SQLITE_USE_ALLOCA)

# Nine megabytes of somebody else's C: optimised in every preset, never instrumented, not linted. Set,
# not added: none of the presets' own flags apply, so presets share one cached object.
set_target_properties(argot_sqlite PROPERTIES
  COMPILE_OPTIONS "-O2;-g0;-w"
  C_CLANG_TIDY ""
  DISABLE_PRECOMPILE_HEADERS ON)
# Symbolic: its own calls stay its own when some other library brings a plain SQLite into the process.
set_target_properties(argot_sqlite PROPERTIES LINK_OPTIONS "-Wl,-Bsymbolic;-Wl,-z,defs")
target_link_libraries(argot_sqlite PRIVATE m)
