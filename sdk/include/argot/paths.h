#pragma once
// The way that requests take through the network now: for people who ask (`argot path`).
#include <argot/directory.h>

namespace argot {

/// One path. The client speaks to the first hop only; the last one speaks to the destination.
struct PathView {
  std::vector<ServiceNode> hops;  ///< the guard first
  bool spare = false;             ///< kept for when another one breaks
  unsigned failures = 0;          ///< in a row
  std::uint64_t answered = 0;     ///< requests that came back
  std::size_t in_flight = 0;
  Time built_at{};
};

class ARGOT_API Paths {
 public:
  static constexpr std::string_view interface_id = "paths/1";
  virtual ~Paths();
  /// What is in use now, best first; empty when requests go straight to nodes, or before the first one.
  virtual std::vector<PathView> paths() const = 0;
  /// Returns when there is a path that has answered. Throws Error(unavailable) that says why there is none.
  virtual Task<> build_path() = 0;
};

}  // namespace argot
