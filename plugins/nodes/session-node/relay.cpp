#include "relay.h"

#include <boost/json/array.hpp>

#include "bencode.h"
#include "forward.h"
#include "peer_auth.h"

namespace argot::node {
namespace {

namespace json = boost::json;

http::Limits limits() {
  http::Limits out;
  out.timeout = std::chrono::seconds(5);
  return out;
}

json::object failed(std::string_view how) {
  json::object entry;
  entry["failed"] = true;
  entry[how] = true;
  return entry;
}

json::object entry_of(const http::Response& response) {
  if (response.status != 200) {
    // Texts of other nodes are shown as they are, but never more than a line of them.
    json::object entry{{"failed", true}, {"code", std::to_string(response.status)}};
    std::string reason = response.body.substr(0, 500);
    for (char& c : reason)
      if (c < ' ' || c > '~') c = '?';
    entry["reason"] = reason;
    return entry;
  }
  auto entry = decode_entry(response.body);
  return entry ? std::move(*entry) : failed("bad_peer_response");
}

}  // namespace

Relay::Relay(Context& ctx, Handle<Network> network, std::shared_ptr<const NodeKeys> keys)
    : ctx_(ctx),
      keys_(std::move(keys)),
      client_(std::in_place, ctx, std::move(network), http::Security::tls_unverified, limits()) {}

Task<json::object> Relay::ask(ServiceNode peer, std::string method, std::string params) {
  if (!client_) co_return failed("timeout");
  json::array parts;
  parts.push_back(json::string(method));
  parts.push_back(json::string(params));
  const http::Request request = sign_request(*keys_, peer.ed25519, to_ms(ctx_.now()), bencode::encode(parts));
  try {
    http::Request copy = request;
    const http::Response response = co_await client_->send(peer.address(), std::move(copy));
    if (!is_answer_authentic(request, response, peer.ed25519)) {
      ctx_.warn("The node at " + peer.address() + " is not the one it is said to be.");
      co_return failed("bad_peer_response");
    }
    co_return entry_of(response);
  } catch (const Error& error) {
    if (error.code() == Code::cancelled) throw;
    ctx_.debug("A member of the swarm did not answer: " + error.sentence());
    const bool rubbish = error.code() == Code::corrupt || error.code() == Code::resource_exhausted;
    co_return failed(rubbish ? "bad_peer_response" : "timeout");
  }
}

}  // namespace argot::node
