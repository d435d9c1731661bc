#include "load_plugin.h"

#include <cstdlib>

#include <dlfcn.h>

namespace argot::kit {

LoadedPlugin load_plugin(const std::filesystem::path& file) {
  void* library = ::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  auto* door = library ? static_cast<const door::Door*>(::dlsym(library, "argot_door_1")) : nullptr;
  if (!door) {
    const char* why = ::dlerror();
    throw Error(Code::not_found, "\"" + file.string() + "\" does not load: " + (why ? why : "no reason given") + ".",
                "Build it first.");
  }
  return LoadedPlugin(door->open(), ClosePlugin{door->close});
}

std::filesystem::path built_plugin(std::string_view kind_and_name) {
  const char* build = std::getenv("ARGOT_BUILD_DIR");
  return std::filesystem::path(build ? build : ".") / "plugins" / (std::string(kind_and_name) + ".so");
}

}  // namespace argot::kit
