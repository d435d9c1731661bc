#pragma once
// The plugins that are there to be loaded: found in the search paths by reading their notes, without loading any.
#include <kernel/host/plugin_info.h>

#include <argot/error.h>

#include <filesystem>
#include <optional>
#include <span>

namespace argot::kernel {

/// One file that carries a plugin note, or should.
struct CatalogEntry {
  std::filesystem::path file;
  PluginInfo info;               ///< kind and name guessed from the path when the note cannot be read
  std::optional<Error> refusal;  ///< why it cannot be loaded; nothing when it can
};

class Catalog {
 public:
  Catalog() = default;
  /// Reads the notes of DIR/*.so and DIR/*/*.so of every directory, in this order; directories that do not exist
  /// are passed over. Never throws for what it finds: entries carry their refusals.
  explicit Catalog(std::vector<std::filesystem::path> directories);
  /// The usual places: $ARGOT_PLUGIN_PATH (separated by ':'), then `more` (the profile's plugin_path), then
  /// PROGRAM/../plugins and PROGRAM/../lib/argot/plugins, PROGRAM being the directory of the running program.
  static Catalog standard(const std::vector<std::filesystem::path>& more = {});
  static std::vector<std::filesystem::path> standard_directories(const std::vector<std::filesystem::path>& more);

  /// Every file found, by kind and name.
  const std::vector<CatalogEntry>& entries() const { return entries_; }
  const std::vector<std::filesystem::path>& directories() const { return directories_; }

  /// The plugin of this kind and name. Throws Error: not_found (with the nearest name), already_exists when two
  /// files carry it (naming both), or the entry's refusal.
  const CatalogEntry& find(std::string_view kind, std::string_view name) const;
  /// Names of a kind, for "allowed" and "did you mean".
  std::vector<std::string> names(std::string_view kind) const;
  /// Kind/name of every plugin that provides an interface.
  std::vector<std::string> providers(std::string_view interface_id) const;
  /// A file given by its path instead of its name. Throws what read_note and check_build throw.
  static CatalogEntry read(const std::filesystem::path& file);

  /// One line for each plugin, for `argot plugin list`; what cannot be loaded says why.
  std::string list() const;

 private:
  std::vector<std::filesystem::path> directories_;
  std::vector<CatalogEntry> entries_;
};

}  // namespace argot::kernel
