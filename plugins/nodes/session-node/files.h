#pragma once
// Small files that a node keeps or publishes: read whole, replaced whole.
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace argot::node {

enum class Access { everyone, owner_only };

/// Nothing when there is no such file. Throws Error(unavailable) when it cannot be read, and
/// Error(resource_exhausted) when it is larger than 16 MiB.
std::optional<std::string> read_file(const std::filesystem::path& path);

/// Readers see the old file or the new one, never a part; survives a power cut. Throws Error(unavailable).
void replace_file(const std::filesystem::path& path, std::string_view content, Access access = Access::everyone);

}  // namespace argot::node
