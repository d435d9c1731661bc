#pragma once
// A list of service nodes as seeds and nodes tell it, read with suspicion.
#include <argot/directory.h>

#include <boost/json.hpp>

namespace argot {

struct NodeList {
  static constexpr std::size_t max_nodes = 20'000;
  std::vector<ServiceNode> nodes;
  std::uint64_t height = 0;  ///< of the chain's top block; 0: not told
  std::size_t left_out = 0;  ///< entries without an address, or with keys that do not belong together
};

/// What to ask for: the parameters of get_service_nodes (client/onion.md section 11, network/registry.md section 1). As
/// Session's clients ask, and the swarms besides, which spares asking for each account's.
ARGOT_API boost::json::object node_list_params();

/// `result` is the object that holds "service_node_states". Throws Error(corrupt): what is wrong, as the end of a
/// sentence ("lists no usable node").
ARGOT_API NodeList parse_node_list(const boost::json::object& result);

}  // namespace argot
