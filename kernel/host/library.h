#pragma once
// The code of one plugin file, loaded. Each content of a file is loaded once per process, from a copy of its own, so
// that the file may be overwritten while it is in use and a changed file is new code. Code stays mapped by default.
#include <kernel/host/plugin_info.h>

#include <argot/plugin.h>

#include <filesystem>
#include <memory>

namespace argot::kernel {

class Library;

/// Gives an object back to the code that made it, while that code is mapped.
struct PluginDeleter {
  std::shared_ptr<Library> library;  ///< null for components of the kernel's own
  void (*close)(Plugin*) noexcept = nullptr;
  void operator()(Plugin* plugin) const noexcept {
    if (close)
      close(plugin);
    else
      delete plugin;
  }
};
using PluginPtr = std::unique_ptr<Plugin, PluginDeleter>;

class Library {
 public:
  /// Loads a file whose note has been read and checked. The same unchanged file gives the same Library.
  /// Throws Error: incompatible (the dynamic loader refuses it; no door, or a door of another version).
  /// With $ARGOT_PLUGINS_IN_PLACE set the file itself is mapped, for debuggers and sanitizers that look for it; then
  /// it must not be overwritten while in use.
  static std::shared_ptr<Library> load(const std::filesystem::path& file, const PluginInfo& info);

  /// Makes one object. What the constructor throws becomes an Error that names the plugin.
  PluginPtr create();

  const std::filesystem::path& file() const { return file_; }
  const PluginInfo& info() const { return info_; }

  /// Really unmaps the code of a library that nobody else uses. False, and it stays mapped, when somebody does or
  /// when the loader keeps it (a thread_local with a destructor, a unique symbol).
  static bool unmap(std::shared_ptr<Library> library);

  Library(const Library&) = delete;
  ~Library();

 private:
  Library() = default;
  std::filesystem::path file_;
  PluginInfo info_;
  std::string key_;     ///< which content of which file
  std::string mapped_;  ///< the unique path it was loaded from
  int copy_ = -1;       ///< holds the number in that path while the code is mapped
  void* handle_ = nullptr;
  const door::Door* door_ = nullptr;
};

}  // namespace argot::kernel
