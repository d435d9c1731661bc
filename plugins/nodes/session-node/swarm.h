#pragma once
// Which swarm is responsible for an account, and which nodes there are (swarm.md sections 1 to 3).
#include <argot/directory.h>
#include <argot/error.h>
#include <argot/identity.h>

#include <filesystem>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

namespace argot::node {

/// The id of a node that is in no swarm.
inline constexpr std::uint64_t no_swarm = ~0ull;

/// The nodes of a network, in the order of its source.
class NodeList {
 public:
  NodeList() = default;
  explicit NodeList(std::vector<ServiceNode> nodes);
  /// One node a line: "host:port ed25519hex swarmhex"; empty lines and lines that start with # do not count. In place
  /// of the swarm's id all lines may say "auto": swarms are then assigned as the chain does (assignment.h), as if each
  /// line were one block in which that node registered. Throws Error(invalid_argument) that names `place` and the line.
  static NodeList parse(std::string_view text, std::string_view place);

  const std::vector<ServiceNode>& nodes() const { return nodes_; }
  /// Null when no node has this key.
  const ServiceNode* find(ByteView ed25519) const;
  const ServiceNode* find_x25519(ByteView key) const;
  std::optional<std::uint64_t> swarm_of(const AccountId& account) const;
  std::vector<ServiceNode> members(std::uint64_t swarm) const;
  /// Ids in use, ascending.
  const std::vector<std::uint64_t>& swarms() const { return swarms_; }

 private:
  std::vector<ServiceNode> nodes_;
  std::map<Fixed<32>, std::size_t> by_ed25519_, by_x25519_;
  std::vector<std::uint64_t> swarms_;  ///< ascending, each once
};

/// A node's record with what is newer: an address of zeros does not replace a known one (swarm.md section 6).
ServiceNode updated_contact(const ServiceNode& known, ServiceNode incoming);

/// The nodes that this one owes all messages of their swarm, after the list has changed (swarm.md section 6).
std::vector<Fixed<32>> owed_after(const NodeList& before, const NodeList& after, ByteView self);

/// The line of a node in NodeList's form.
std::string line_of(const ServiceNode& node);

}  // namespace argot::node
