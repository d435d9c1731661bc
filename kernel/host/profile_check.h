#pragma once
// A profile against what the plugins say of themselves: everything that can be wrong is found before anything starts.
#include <kernel/host/catalog.h>
#include <kernel/host/profile.h>

namespace argot::kernel {

/// A plugin that is to be loaded: which, under which name, with which settings.
struct PlannedPlugin {
  PluginInfo info;
  std::filesystem::path file;  ///< empty: compiled into the kernel
  std::string instance;        ///< its name in this kernel
  Settings settings;           ///< defaults filled in
  PluginUse use;               ///< what the profile said
  std::string title() const;   ///< "transport/swarm 1.0.0", with "as x" when it has another name
};

/// Checks every entry. Throws one Error(invalid_argument) that lists everything found: what parsing found, unknown
/// plugins, kinds, options and values, missing required options, lab-only plugins, names used twice.
/// `own`: components compiled into the kernel; a profile may set their options under their kind.
std::vector<PlannedPlugin> check_profile(const Profile& profile, const Catalog& catalog,
                                         const std::vector<PluginInfo>& own);

/// One entry; what is wrong is added to `problems`, and then the result is incomplete.
PlannedPlugin check_use(const PluginUse& use, bool lab, const Catalog& catalog, const std::vector<PluginInfo>& own,
                        std::vector<Problem>& problems);

}  // namespace argot::kernel
