#pragma once
// Asks the other members of the swarm to carry out a call too (storage_node.md section 10).
#include <boost/json/object.hpp>

#include "link.h"

namespace argot::node {

class Relay {
 public:
  Relay(Context& ctx, Links& links) : ctx_(ctx), links_(links) {}

  /// The peer's entry for the client's reply; what went wrong is in it: {"failed":true, ...}. At most 5 s, no retry.
  Task<boost::json::object> ask(ServiceNode peer, std::string method, std::string params);

 private:
  Context& ctx_;
  Links& links_;
};

/// The body of Endpoint::storage_cc, and back. Throws Refused(400).
std::string encode_storage_cc(std::string_view method, std::string_view params);
std::pair<std::string, std::string> decode_storage_cc(std::string_view body);

}  // namespace argot::node
