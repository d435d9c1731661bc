#pragma once
// The list of nodes as clients get it from the chain's daemon (registry.md sections 1 and 10): by a seed's /json_rpc
// and, from any node, by oxend_request. Also the packed form of active_nodes_bin (storage_node.md section 16).
#include <boost/json/value.hpp>

#include <functional>
#include <string>

#include "rpc_meta.h"
#include "swarm.h"

namespace argot::node {

/// What is known besides the list.
struct RegistryFacts {
  Facts facts;
  std::int64_t now_ms = 0;
  /// Whether a node answered its last test; the node itself does.
  std::function<bool(const ServiceNode&)> is_reachable;
};

/// The member "result" of get_service_nodes and its aliases. `params` may be anything; throws Refused(400) for fields
/// of wrong types. `random` gives a number below its argument, for "limit".
boost::json::object service_nodes(const NodeList& network, const boost::json::value& params, const RegistryFacts& facts,
                                  const std::function<std::uint64_t(std::uint64_t)>& random);

/// A JSON-RPC 2.0 request of a client to a seed, answered. Never throws.
std::string answer_json_rpc(std::string_view body, const NodeList& network, const RegistryFacts& facts,
                            const std::function<std::uint64_t(std::uint64_t)>& random);

/// 51 bytes for each active node: key, swarm, IPv4, HTTPS port, OMQ port, version; big endian.
Bytes active_nodes(const NodeList& network, const std::array<std::int64_t, 3>& version);

}  // namespace argot::node
