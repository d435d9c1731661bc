// File names that cannot deceive, escape or break: for what comes from strangers and for what goes to them.
#pragma once
#include <string>
#include <string_view>

namespace argot::media {

inline constexpr std::size_t max_file_name = 255;  ///< bytes of UTF-8: the limit of Linux file systems

/// The last part of a path without control characters, direction overrides, invisible characters, what a file system
/// takes for something else (separators, : * ? " < > |), leading dots, trailing dots and spaces, and device names of
/// Windows; bytes that are no UTF-8 become _. At most max_file_name bytes: the middle goes, the ending stays. Never
/// empty: "file". A clean name stays as it is.
std::string clean_file_name(std::string_view name);

/// A clean name with this ending (".jpg"): instead of a known other spelling of it or of a wrong one, otherwise added.
std::string with_extension(std::string_view clean_name, std::string_view extension);

}  // namespace argot::media
