#include "seed_reply.h"

#include <argot/error.h>

#include <boost/json.hpp>

#include <algorithm>

namespace argot::seed_directory {

namespace json = boost::json;

namespace {

[[noreturn]] void corrupt(std::string what) { throw Error(Code::corrupt, std::move(what)); }

std::string_view text(const json::object& object, std::string_view name) {
  if (const json::value* value = object.if_contains(name); value && value->is_string()) return value->get_string();
  return {};
}

std::optional<std::uint64_t> number(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  if (value && value->is_uint64()) return value->get_uint64();
  if (value && value->is_int64() && value->get_int64() >= 0) return static_cast<std::uint64_t>(value->get_int64());
  return std::nullopt;
}

json::object parse_object(std::string_view body) {
  if (body.size() > max_body) corrupt("is larger than 16 MiB");
  boost::system::error_code failure;
  json::value value = json::parse(body, failure);
  if (failure) corrupt("is not JSON (" + failure.message() + ")");
  if (!value.is_object()) corrupt("is JSON, but no object");
  return std::move(value.get_object());
}

}  // namespace

std::string request_body() {
  json::object out;
  out["jsonrpc"] = "2.0";
  out["method"] = "get_n_service_nodes";
  out["params"] = node_list_params();
  return json::serialize(out);
}

NodeList parse_reply(std::string_view body) {
  const json::object reply = parse_object(body);
  if (const json::value* error = reply.if_contains("error"); error && error->is_object()) {
    std::string said(text(error->get_object(), "message").substr(0, 100));
    for (char& c : said)
      if (c < 32 || c > 126) c = '?';
    corrupt("is a refusal: \"" + said + "\"");
  }
  const json::value* result = reply.if_contains("result");
  if (!result || !result->is_object()) corrupt("has no \"result\"");
  return parse_node_list(result->get_object());
}

std::string to_file(const NodeList& list, std::int64_t fetched_ms) {
  json::array states;
  for (const ServiceNode& node : list.nodes) {
    json::object one{{"public_ip", node.host},
                     {"storage_port", node.https_port},
                     {"pubkey_ed25519", to_hex(node.ed25519)},
                     {"pubkey_x25519", to_hex(node.x25519)},
                     {"swarm_id", node.swarm}};
    if (node.omq_port) one["storage_lmq_port"] = node.omq_port;
    states.push_back(std::move(one));
  }
  json::object out;
  out["fetched_ms"] = fetched_ms;
  out["height"] = list.height;
  out["service_node_states"] = std::move(states);
  return json::serialize(out) + "\n";
}

Kept from_file(std::string_view text) {
  const json::object object = parse_object(text);
  Kept out;
  out.fetched_ms =
      static_cast<std::int64_t>(std::min<std::uint64_t>(number(object, "fetched_ms").value_or(0), 1ull << 52));
  out.list = parse_node_list(object);
  return out;
}

}  // namespace argot::seed_directory
