#pragma once
// Reads what a plugin says of itself before any of its code is loaded: the note in section ".argot.note".
#include <kernel/host/elf_file.h>
#include <kernel/host/plugin_info.h>

namespace argot::kernel {

/// Reads and checks the note of a file. Throws Error naming the file:
///   not_found, permission_denied   the file cannot be opened
///   invalid_argument               not a shared library; a library that is no Argot plugin
///   incompatible                   another machine; a note of another ABI number
///   corrupt                        truncated or damaged
PluginInfo read_note(const std::filesystem::path& file);

/// The same for bytes in memory; `name` is what messages call them.
PluginInfo read_note(const ByteSource& source, const std::string& name);

/// Throws Error(incompatible) unless the plugin was built like this program; the sentence names every part of the
/// fingerprint that differs, on both sides.
void check_build(const PluginInfo& info, std::string_view file, std::string_view ours = build_fingerprint);

}  // namespace argot::kernel
