#pragma once
// Service nodes as processes of their own, all in one swarm, and clients that load them: what the benchmarks of a node
// stand on. Costs are the processes' own CPU time, so a client may be as slow as it likes.
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "bench.h"
#include "children.h"

namespace argot::bench {

/// Nodes that run until this object goes. Their databases lie on a disk (the folder for temporary files that outlive a
/// restart), so that what is measured is durable.
class NodeProcesses {
 public:
  /// `seed_database`: called with the place of each node's database before the node starts.
  explicit NodeProcesses(int count, const std::function<void(const std::filesystem::path&)>& seed_database = {});
  ~NodeProcesses();
  NodeProcesses(const NodeProcesses&) = delete;

  const std::vector<std::uint16_t>& ports() const { return ports_; }
  /// CPU time of all their threads so far, in microseconds.
  double cpu_us() const;

 private:
  std::filesystem::path folder_;
  std::vector<std::uint16_t> ports_;
  std::vector<std::unique_ptr<Child>> children_;
};

/// What a load has cost and how fast it was.
struct LoadResult {
  double cpu_us = 0;      ///< of all nodes together, for one request
  double per_second = 0;  ///< requests
  double p50_ms = 0, p99_ms = 0;
};

/// The body of request number `i` of one client; called on that client's thread.
using RequestMaker = std::function<std::string(int client, int i)>;

/// `clients` connections (HTTPS, kept alive), spread over the nodes; each asks one thing after the other until
/// `requests` were answered in all. Throws Error(internal) with the answer when one is not 200 or lacks `expected`.
LoadResult load(const NodeProcesses& nodes, int clients, int requests, const RequestMaker& make,
                const std::string& expected);

}  // namespace argot::bench
