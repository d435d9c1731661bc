#pragma once
// One plugin from its file, without a kernel: for tests of kits and of fixtures. No checks; the file stays mapped.
#include <argot/plugin.h>

#include <filesystem>
#include <memory>

namespace argot::kit {

struct ClosePlugin {
  void (*close)(Plugin*) noexcept = nullptr;
  void operator()(Plugin* plugin) const { close(plugin); }
};
using LoadedPlugin = std::unique_ptr<Plugin, ClosePlugin>;

/// `file`: e.g. built_plugin("storage/sqlite"). Throws Error(not_found).
LoadedPlugin load_plugin(const std::filesystem::path& file);
/// Where the build that runs this test puts a plugin ("KIND/NAME").
std::filesystem::path built_plugin(std::string_view kind_and_name);

}  // namespace argot::kit
