#pragma once
// What the host knows of a plugin: its note, copied into text of the host's own.
#include <argot/descriptor.h>

#include <string>
#include <vector>

namespace argot::kernel {

struct OptionInfo {
  std::string name, fallback, help;
  OptionType type = OptionType::text;
  bool required = false;
};

struct PluginInfo {
  std::string name, version, kind, summary, fingerprint;
  std::vector<std::string> provides;  ///< interface ids: "transport/1"
  std::vector<std::string> needs;
  std::vector<OptionInfo> options;
  bool lab_only = false;

  /// How sentences name it: "transport/swarm 1.0.0".
  std::string title() const { return kind + "/" + name + " " + version; }
  const OptionInfo* option(std::string_view option_name) const;
};

/// For components that are compiled into the kernel.
PluginInfo info_of(const Descriptor& descriptor);

/// Words separated by spaces.
std::vector<std::string> split_words(std::string_view text);

/// How an option's type is called in messages: "duration (like 250ms, 5s or 2h)".
std::string describe(OptionType type);

/// Everything a person wants to know of a plugin, for `argot plugin info`; several lines, each ended.
std::string describe(const PluginInfo& info, std::string_view file);

}  // namespace argot::kernel
