#pragma once
// `argot plugin check FILE.so`: loads a plugin into a simulated world and tries everything that plugins of its kind
// promise.
#include <sdk/testing/report.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace argot::kernel {

struct CheckOptions {
  std::filesystem::path surroundings;  ///< --profile FILE; empty: NAME.check.yaml beside the plugin, or what it needs
  std::vector<std::filesystem::path> plugin_path;  ///< where the plugins around it are, besides the usual places
  std::uint64_t seed = 1;
  std::size_t envelopes = 1000;  ///< for transports: how many are sent to see whether one is lost
};

/// What holds and what does not, as a table: print report.table(), exit with 0 if report.holds(). Throws Error when
/// nothing can be said: the file is no plugin, or was built otherwise, or its surroundings are wrong.
/// Runs in a simulated world of its own, of which a process can have one at a time; leaves no files.
kit::Report check_plugin(const std::filesystem::path& file, const CheckOptions& options = {});

}  // namespace argot::kernel
