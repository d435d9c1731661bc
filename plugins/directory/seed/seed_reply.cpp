#include "seed_reply.h"

#include <argot/error.h>
#include <argot/identity.h>

#include <boost/json.hpp>

#include <algorithm>
#include <set>

namespace argot::seed_directory {

namespace json = boost::json;

namespace {

[[noreturn]] void corrupt(std::string what) { throw Error(Code::corrupt, std::move(what)); }

std::string_view text(const json::object& object, std::initializer_list<std::string_view> names) {
  for (std::string_view name : names)
    if (const json::value* value = object.if_contains(name); value && value->is_string()) return value->get_string();
  return {};
}

std::optional<std::uint64_t> number(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  if (value && value->is_uint64()) return value->get_uint64();
  if (value && value->is_int64() && value->get_int64() >= 0) return static_cast<std::uint64_t>(value->get_int64());
  return std::nullopt;
}

std::uint16_t port(const json::object& object, std::initializer_list<std::string_view> names) {
  for (std::string_view name : names)
    if (const auto value = number(object, name); value && *value > 0 && *value <= 65535)
      return static_cast<std::uint16_t>(*value);
  return 0;
}

bool usable_host(std::string_view host) {
  auto good = [](unsigned char c) { return std::isalnum(c) || c == '.' || c == '-' || c == '_'; };
  return !host.empty() && host.size() <= 253 && host != "0.0.0.0" && std::all_of(host.begin(), host.end(), good);
}

std::optional<ServiceNode> node_of(const json::value& value) {
  const json::object* object = value.if_object();
  if (!object) return std::nullopt;
  ServiceNode out;
  out.host = std::string(text(*object, {"public_ip", "ip"}));
  out.https_port = port(*object, {"storage_port", "storage_https_port", "port_https"});
  out.omq_port = port(*object, {"storage_lmq_port", "port_omq"});
  const auto ed25519 = fixed_from_hex<32>(text(*object, {"pubkey_ed25519"}));
  const auto x25519 = fixed_from_hex<32>(text(*object, {"pubkey_x25519"}));
  if (!usable_host(out.host) || !out.https_port || !ed25519 || !x25519) return std::nullopt;
  out.ed25519 = *ed25519;
  out.x25519 = *x25519;
  if (const auto id = number(*object, "swarm_id")) out.swarm = *id;
  return out;
}

json::object parse_object(std::string_view body) {
  if (body.size() > max_body) corrupt("is larger than 16 MiB");
  boost::system::error_code failure;
  json::value value = json::parse(body, failure);
  if (failure) corrupt("is not JSON (" + failure.message() + ")");
  if (!value.is_object()) corrupt("is JSON, but no object");
  return std::move(value.get_object());
}

NodeList list_in(const json::object& result) {
  const json::value* states = result.if_contains("service_node_states");
  if (!states || !states->is_array()) corrupt("has no list \"service_node_states\"");
  NodeList out;
  out.height = number(result, "height").value_or(0);
  std::set<Fixed<32>> keys;
  std::set<std::string> addresses;
  for (const json::value& value : states->get_array()) {
    auto node = node_of(value);
    // A node that is there twice, or an address that two nodes have: only one of them can be right.
    if (!node || !keys.insert(node->ed25519).second || !addresses.insert(node->address()).second) {
      ++out.left_out;
      continue;
    }
    // The X25519 key is always the other one's conversion; anything else is an attempt to read along.
    if (keys::x25519_from_ed25519(node->ed25519) != node->x25519) {
      ++out.left_out;
      continue;
    }
    out.nodes.push_back(std::move(*node));
    if (out.nodes.size() > max_nodes) corrupt("lists more than " + std::to_string(max_nodes) + " nodes");
  }
  if (out.nodes.empty()) corrupt("lists no usable node");
  return out;
}

}  // namespace

std::string request_body() {
  // As Session's clients ask, and the swarms besides, which spares us asking for each account's.
  return R"({"jsonrpc":"2.0","method":"get_n_service_nodes","params":{"active_only":true,"fields":{"public_ip":true,)"
         R"("storage_port":true,"pubkey_x25519":true,"pubkey_ed25519":true,"requested_unlock_height":true,)"
         R"("height":true,"swarm_id":true}}})";
}

NodeList parse_reply(std::string_view body) {
  const json::object reply = parse_object(body);
  if (const json::value* error = reply.if_contains("error"); error && error->is_object()) {
    std::string said(text(error->get_object(), {"message"}).substr(0, 100));
    for (char& c : said)
      if (c < 32 || c > 126) c = '?';
    corrupt("is a refusal: \"" + said + "\"");
  }
  const json::value* result = reply.if_contains("result");
  if (!result || !result->is_object()) corrupt("has no \"result\"");
  return list_in(result->get_object());
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
  out.list = list_in(object);
  return out;
}

}  // namespace argot::seed_directory
