#pragma once
// What a plugin was built with, as one text. The host refuses a plugin whose text differs from its own: C++
// interfaces are only the same when compiler, standard library, Boost and these headers are.
#include <argot/generated/sdk_hash.h>

#include <boost/version.hpp>
#include <string_view>
#include <version>

#define ARGOT_TEXT2(x) #x
#define ARGOT_TEXT(x) ARGOT_TEXT2(x)

#if defined(__clang__)
#define ARGOT_COMPILER "clang-" ARGOT_TEXT(__clang_major__)
#elif defined(__GNUC__)
#define ARGOT_COMPILER "gcc-" ARGOT_TEXT(__GNUC__)
#else
#define ARGOT_COMPILER "unknown"
#endif

#ifdef _GLIBCXX_DEBUG
#define ARGOT_STDLIB_MODE "debug"
#else
#define ARGOT_STDLIB_MODE "plain"
#endif

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARGOT_SANITIZER "address"
#elif __has_feature(thread_sanitizer)
#define ARGOT_SANITIZER "thread"
#endif
#endif
#if !defined(ARGOT_SANITIZER) && defined(__SANITIZE_ADDRESS__)
#define ARGOT_SANITIZER "address"
#elif !defined(ARGOT_SANITIZER) && defined(__SANITIZE_THREAD__)
#define ARGOT_SANITIZER "thread"
#elif !defined(ARGOT_SANITIZER)
#define ARGOT_SANITIZER "none"
#endif

namespace argot {
/// Parts are separated by "; " and each is "key value", so that a difference can be named.
inline constexpr std::string_view build_fingerprint =
    "compiler " ARGOT_COMPILER
    "; c++ " ARGOT_TEXT(__cplusplus) "; boost " ARGOT_TEXT(BOOST_VERSION) "; string-abi " ARGOT_TEXT(
        _GLIBCXX_USE_CXX11_ABI) "; stdlib " ARGOT_STDLIB_MODE "; sanitizer " ARGOT_SANITIZER "; sdk " ARGOT_SDK_HASH;
}  // namespace argot
