#pragma once
// Which service nodes exist.
#include <argot/bytes.h>
#include <argot/task.h>

#include <string>
#include <vector>

namespace argot {

/// One service node (network/storage_node.md section 1, client/snode_api.md section 4.9).
struct ServiceNode {
  std::string host;              ///< IPv4 text, or a simulated host's name
  std::uint16_t https_port = 0;  ///< storage RPC over TLS
  std::uint16_t omq_port = 0;    ///< 0: unknown
  Fixed<32> ed25519{};           ///< names the node; signs its replies
  Fixed<32> x25519{};            ///< opens onion layers
  std::uint64_t swarm = ~0ull;   ///< 2^64-1: in no swarm
  std::string address() const { return host + ":" + std::to_string(https_port); }
  bool operator==(const ServiceNode&) const = default;
};

class ARGOT_API Directory {
 public:
  static constexpr std::string_view interface_id = "directory/1";
  static constexpr std::string_view kind = "directory";
  virtual ~Directory();
  /// The list as known now; empty before the first success. Valid until the next call on this object.
  virtual const std::vector<ServiceNode>& nodes() const = 0;
  /// Grows by one whenever nodes() changes.
  virtual std::uint64_t generation() const = 0;
  /// Asks the source again. Throws Error(unavailable); the old list stays.
  virtual Task<> refresh() = 0;
  /// Several nodes agree on this list (client/onion.md section 11.2): a directory whose source is others' word takes it
  /// for its source's next answer. One whose nodes the profile names leaves it alone, which is what this one does.
  virtual void offer(std::vector<ServiceNode> nodes);
};

}  // namespace argot
