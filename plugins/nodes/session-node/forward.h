#pragma once
// The bodies that travel between the members of a swarm (storage_node.md section 10): a checked call as bencode,
// and a member's entry in the reply.
#include <boost/json/object.hpp>

#include <optional>
#include <string>

#include "calls.h"

namespace argot::node {

/// The bencoded parameters of a recursive call: raw bytes, absolute expiry, no "required".
std::string forwarded_params(const Call& call);

/// A member's own entry, with its signature as raw bytes; and back. Nothing when the peer sent something else.
std::string encode_entry(boost::json::object entry);
std::optional<boost::json::object> decode_entry(std::string_view bencoded);

}  // namespace argot::node
