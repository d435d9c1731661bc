#pragma once
// How nodes of one network know each other over HTTPS, whose certificates prove nothing: each request and each answer
// is signed with a node's Ed25519 key. Private to Argot (storage_node.md section 10 allows any transport that carries
// the same bodies); OMQ takes its place between nodes that speak it.
//
//   POST /swarm_rpc/v1
//   X-Argot-Node: <the sender's key, hex>   X-Argot-Time: <ms>   X-Argot-Signature: <base64, of request_bytes()>
//   body: bencoded [method, parameters]
//   answer: 200 and the receiver's bencoded entry, or another status and a text; X-Argot-Signature of answer_bytes()
#include <argot/http.h>

#include "keys.h"
#include "swarm.h"

namespace argot::node {

inline constexpr std::string_view peer_target = "/swarm_rpc/v1";

/// Bound to the receiver, so that a request cannot be played to another node.
std::string request_bytes(ByteView receiver, std::string_view time_ms, std::string_view body);
/// Bound to the request it answers.
std::string answer_bytes(std::string_view request_signature, unsigned status, std::string_view body);

http::Request sign_request(const NodeKeys& keys, ByteView receiver, std::int64_t now_ms, std::string body);
/// Throws Refused(403) unless an active node of the network signed this for us within 70 s of now.
void verify_request(const http::Request& request, const NodeList& network, const NodeKeys& keys, std::int64_t now_ms);

void sign_answer(const NodeKeys& keys, const http::Request& request, http::Response& response);
bool is_answer_authentic(const http::Request& request, const http::Response& response, ByteView peer);

}  // namespace argot::node
