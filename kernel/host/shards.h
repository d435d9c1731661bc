#pragma once
// One profile for several kernels ("workers: N"): each runs on a thread of its own, so that a server can use more than
// one core without locks. An app that can be run so says it by an option `shard`: each of its instances gets "k/N"
// there, and it is the app's business what the first does for the others. They have the same settings and the same
// folder.
#include <kernel/host/catalog.h>
#include <kernel/host/profile.h>

#include <functional>

namespace argot::kernel {

/// The profiles of the kernels, the first one's first. That one runs everything; the others the network and the apps
/// that have an option `shard`. A profile without workers, or with problems that a kernel will report, comes back as it
/// is. Throws Error(invalid_argument) with file, line and column when no app can be run so, or when `shard` is given by
/// hand besides.
std::vector<Profile> shards_of(const Profile& profile, const Catalog& catalog);
/// The same with what is known of plugins from elsewhere; nothing for one that cannot be read.
using KnowPlugin = std::function<std::optional<PluginInfo>(const PluginUse&)>;
std::vector<Profile> shards_of(const Profile& profile, const KnowPlugin& know);

}  // namespace argot::kernel
