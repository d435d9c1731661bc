#include "relay.h"

#include <boost/json/array.hpp>

#include "bencode.h"
#include "calls.h"
#include "forward.h"

namespace argot::node {
namespace {

namespace json = boost::json;

json::object failed(std::string_view how) {
  json::object entry;
  entry["failed"] = true;
  entry[how] = true;
  return entry;
}

json::object entry_of(const LinkAnswer& answer) {
  if (answer.status != 200) {
    // Texts of other nodes are shown as they are, but never more than a line of them.
    json::object entry{{"failed", true}, {"code", std::to_string(answer.status)}};
    std::string reason = answer.body.substr(0, 500);
    for (char& c : reason)
      if (c < ' ' || c > '~') c = '?';
    entry["reason"] = reason;
    return entry;
  }
  auto entry = decode_entry(answer.body);
  return entry ? std::move(*entry) : failed("bad_peer_response");
}

}  // namespace

Task<json::object> Relay::ask(ServiceNode peer, std::string method, std::string params) {
  std::string body = encode_storage_cc(method, params);
  try {
    const LinkAnswer answer =
        co_await links_.ask(std::move(peer), Endpoint::storage_cc, std::move(body), std::chrono::seconds(5));
    co_return entry_of(answer);
  } catch (const Error& error) {
    if (error.code() == Code::cancelled) throw;
    ctx_.debug("A member of the swarm did not answer: " + error.sentence());
    co_return failed("timeout");
  }
}

std::string encode_storage_cc(std::string_view method, std::string_view params) {
  json::array parts;
  parts.push_back(json::string(method));
  parts.push_back(json::string(params));
  return bencode::encode(parts);
}

std::pair<std::string, std::string> decode_storage_cc(std::string_view body) {
  const auto parts = bencode::decode(body);
  const auto* list = parts ? parts->if_array() : nullptr;
  if (!list || list->size() != 2 || !(*list)[0].is_string() || !(*list)[1].is_string())
    throw Refused(400, "invalid request: expected a method and its parameters");
  return {std::string((*list)[0].get_string()), std::string((*list)[1].get_string())};
}

}  // namespace argot::node
