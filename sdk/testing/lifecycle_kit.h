#pragma once
// The conformance kit for every kind of plugin: it comes and goes without a trace, and its runs repeat.
#include "harness.h"

namespace argot::kit {

struct LifecycleKitOptions {
  std::size_t restarts = 20;
  Duration life = std::chrono::minutes(2);  ///< how long a run is that is compared with another one
  std::uint64_t seed = 1;
  /// Something for the examined instances to do, given a harness in which they run; may be empty.
  std::function<void(Harness&)> work;
};

/// Tries every promise. Never throws because of the plugin: what it throws is a check that fails.
Report check_lifecycle(const MakeHarness& make, LifecycleKitOptions options = {});

/// Adds the checks of one report to another.
void append(Report& to, const Report& from);

}  // namespace argot::kit
