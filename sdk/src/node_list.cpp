#include <argot/node_list.h>

#include <argot/error.h>
#include <argot/identity.h>

#include <algorithm>
#include <set>

namespace argot {

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

}  // namespace

json::object node_list_params() {
  json::object fields;
  for (const char* name : {"public_ip", "storage_port", "pubkey_x25519", "pubkey_ed25519", "requested_unlock_height",
                           "height", "swarm_id"})
    fields[name] = true;
  json::object out;
  out["active_only"] = true;
  out["fields"] = std::move(fields);
  return out;
}

NodeList parse_node_list(const json::object& result) {
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
    if (out.nodes.size() > NodeList::max_nodes)
      corrupt("lists more than " + std::to_string(NodeList::max_nodes) + " nodes");
  }
  if (out.nodes.empty()) corrupt("lists no usable node");
  return out;
}

}  // namespace argot
