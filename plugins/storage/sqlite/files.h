#pragma once
// The store's folder and files: who may read them, and what a refusal is called.
#include <argot/bytes.h>

#include <filesystem>
#include <string_view>

namespace argot::sqlite {

/// Makes the folder (0700) and, durably, its entry in the one above. Throws Error.
void make_private_folder(const std::filesystem::path& folder);
/// Makes an empty file (0600) unless there is one. Throws Error.
void make_private_file(const std::filesystem::path& file);
/// The first bytes of a file, fewer if it is shorter. Throws Error.
Bytes first_bytes(const std::filesystem::path& file, std::size_t count);
/// As Error(permission_denied), Error(resource_exhausted) or Error(unavailable): "Cannot VERB FILE: ...".
[[noreturn]] void throw_file_error(std::string_view verb, const std::filesystem::path& file, int system_error);

}  // namespace argot::sqlite
