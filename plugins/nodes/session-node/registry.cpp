#include "registry.h"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>

#include <algorithm>
#include <charconv>
#include <set>

#include "assignment.h"
#include "rate_limit.h"
#include "to_json.h"

namespace argot::node {
namespace {

namespace json = boost::json;

/// Which fields the caller wants (registry.md section 1).
class Wanted {
 public:
  explicit Wanted(const json::object& params) {
    const auto* fields = params.if_contains("fields");
    if (!fields || fields->is_null()) return;
    if (const auto* object = fields->if_object()) {
      all_ = false;
      for (const auto& [name, on] : *object)
        if (on.is_bool() && on.get_bool()) add(name);
    } else if (const auto* list = fields->if_array()) {
      all_ = false;
      for (const auto& name : *list) {
        if (!name.is_string()) throw Refused(400, "Invalid 'fields': expected names");
        add(name.get_string());
      }
      if (names_.empty() && !without_.empty()) all_ = true;  // only what is not wanted was named
    } else if (const auto* text = fields->if_string(); !text || *text != "all") {
      throw Refused(400, "Invalid 'fields': expected an object, a list or \"all\"");
    }
  }
  bool operator()(std::string_view name) const { return (all_ || names_.contains(name)) && !without_.contains(name); }

 private:
  void add(std::string_view name) {
    if (name == "all") {
      all_ = true;
    } else if (name.starts_with('-')) {
      without_.emplace(name.substr(1));
    } else {
      names_.emplace(name);
    }
  }
  bool all_ = true;
  std::set<std::string, std::less<>> names_, without_;
};

std::string hex_of(std::uint64_t id) {
  char hex[16];
  const auto end = std::to_chars(hex, hex + sizeof hex, id, 16).ptr;
  return {hex, end};
}

json::object state_of(const ServiceNode& node, const Wanted& wants, const RegistryFacts& facts) {
  json::object out;
  const auto put = [&](std::string_view name, json::value value) {
    if (wants(name)) out[name] = std::move(value);
  };
  const auto& v = facts.facts.version;
  const json::array version{v[0], v[1], v[2]};
  const std::string key = to_hex(node.ed25519);
  const std::int64_t now = facts.now_ms / 1000;
  const bool active = node.swarm != no_swarm;
  put("service_node_pubkey", json::string(key));
  put("pubkey_ed25519", json::string(key));
  put("pubkey_x25519", json::string(to_hex(node.x25519)));
  put("public_ip", json::string(node.host));
  put("storage_port", node.https_port);
  put("storage_lmq_port", node.omq_port);
  put("swarm_id", node.swarm);
  put("swarm", json::string(hex_of(node.swarm)));
  put("active", active);
  put("funded", true);
  put("payable", active);
  put("registration_height", 0);
  put("requested_unlock_height", 0);
  put("state_height", 0);
  put("last_reward_block_height", 0);
  put("last_reward_transaction_index", 0);
  put("earned_downtime_blocks", 0);
  put("decommission_count", 0);
  put("service_node_version", version);
  put("storage_server_version", version);
  put("lokinet_version", version);
  put("last_uptime_proof", now);
  put("storage_server_reachable", facts.is_reachable ? facts.is_reachable(node) : true);
  return out;
}

std::string list_hash(const NodeList& network) {
  std::string text;
  for (const ServiceNode& node : network.nodes()) text += line_of(node);
  return to_hex(keys::blake2b(32, view(text)));
}

bool flag(const json::object& params, std::string_view name) {
  const auto* value = params.if_contains(name);
  if (!value || value->is_null()) return false;
  if (!value->is_bool()) throw Refused(400, "Invalid '" + std::string(name) + "': expected a boolean");
  return value->get_bool();
}

std::vector<const ServiceNode*> selected(const NodeList& network, const json::object& params) {
  std::set<std::string, std::less<>> keys;
  bool some = false;
  if (const auto* wanted = params.if_contains("service_node_pubkeys"); wanted && !wanted->is_null()) {
    if (!wanted->is_array()) throw Refused(400, "Invalid 'service_node_pubkeys': expected a list");
    for (const auto& key : wanted->get_array()) {
      if (!key.is_string()) throw Refused(400, "Invalid 'service_node_pubkeys': expected keys in hex");
      keys.emplace(key.get_string());
    }
    some = !keys.empty();
  }
  const bool active_only = flag(params, "active_only");
  std::vector<const ServiceNode*> out;
  for (const ServiceNode& node : network.nodes()) {
    if (active_only && node.swarm == no_swarm) continue;
    if (some && !keys.contains(to_hex(node.ed25519))) continue;
    out.push_back(&node);
  }
  return out;
}

/// 0 or absent: all in order; less than there are: so many random ones; else all, shuffled.
void apply_limit(std::vector<const ServiceNode*>& nodes, const json::object& params,
                 const std::function<std::uint64_t(std::uint64_t)>& random) {
  const auto* limit = params.if_contains("limit");
  if (!limit || limit->is_null()) return;
  if (!limit->is_int64()) throw Refused(400, "Invalid 'limit': expected an integer");
  if (limit->get_int64() == 0) return;
  shuffle(nodes, random);
  if (limit->get_int64() > 0 && static_cast<std::uint64_t>(limit->get_int64()) < nodes.size())
    nodes.resize(static_cast<std::size_t>(limit->get_int64()));
}

json::object json_rpc_error(int code, std::string_view text, const json::value& id) {
  return {{"jsonrpc", "2.0"}, {"id", id}, {"error", json::object{{"code", code}, {"message", json::string(text)}}}};
}

}  // namespace

json::object service_nodes(const NodeList& network, const json::value& params, const RegistryFacts& facts,
                           const std::function<std::uint64_t(std::uint64_t)>& random) {
  static const json::object nothing;
  if (!params.is_object() && !params.is_null()) throw Refused(400, "Invalid params: expected an object");
  const json::object& given = params.is_object() ? params.get_object() : nothing;
  const Wanted wants(given);
  const std::string block = list_hash(network);
  // Clients insist on the height whatever they ask for.
  json::object out{{"status", "OK"}, {"height", facts.facts.height}};
  if (wants("target_height")) out["target_height"] = facts.facts.height;
  if (wants("hardfork")) out["hardfork"] = facts.facts.hf[0];
  if (wants("snode_revision")) out["snode_revision"] = facts.facts.hf[1];
  if (wants("block_hash")) out["block_hash"] = block;
  if (const auto* seen = given.if_contains("poll_block_hash"); seen && seen->is_string() && *seen == block.c_str()) {
    out["unchanged"] = true;
    return out;
  }
  auto nodes = selected(network, given);
  apply_limit(nodes, given, random);
  json::array states;
  states.reserve(nodes.size());
  for (const ServiceNode* node : nodes) states.push_back(state_of(*node, wants, facts));
  out["service_node_states"] = std::move(states);
  return out;
}

std::string answer_json_rpc(std::string_view body, const NodeList& network, const RegistryFacts& facts,
                            const std::function<std::uint64_t(std::uint64_t)>& random) {
  json::error_code failure;
  const json::value request = json::parse(body, failure);
  json::value id = "0";
  if (failure) return to_json(json_rpc_error(-32700, "Parse error", nullptr));
  const json::object* object = request.if_object();
  if (object)
    if (const auto* given = object->if_contains("id");
        given && (given->is_string() || given->is_int64() || given->is_uint64()))
      id = *given;
  const json::value* method = object ? object->if_contains("method") : nullptr;
  if (!method || !method->is_string()) return to_json(json_rpc_error(-32600, "Invalid Request", id));
  const std::string_view name = method->get_string();
  if (name != "get_service_nodes" && name != "get_n_service_nodes" && name != "get_all_service_nodes")
    return to_json(json_rpc_error(-32601, "Method not found", id));
  const json::value* params = object->if_contains("params");
  try {
    json::object result = service_nodes(network, params ? *params : json::value(), facts, random);
    return to_json(json::object{{"jsonrpc", "2.0"}, {"id", id}, {"result", std::move(result)}});
  } catch (const Refused& refused) {
    return to_json(json_rpc_error(-32602, refused.what(), id));
  }
}

Bytes active_nodes(const NodeList& network, const std::array<std::int64_t, 3>& version) {
  Bytes out;
  const auto put = [&](std::uint64_t number, int bytes) {
    while (bytes-- > 0) out.push_back(static_cast<Byte>(number >> (8 * bytes)));
  };
  for (const ServiceNode& node : network.nodes()) {
    if (node.swarm == no_swarm) continue;
    out.insert(out.end(), node.ed25519.begin(), node.ed25519.end());
    put(node.swarm, 8);
    put(parse_ipv4(node.host).value_or(0), 4);
    put(node.https_port, 2);
    put(node.omq_port, 2);
    for (std::int64_t part : version) put(static_cast<std::uint64_t>(std::clamp<std::int64_t>(part, 0, 255)), 1);
  }
  return out;
}

}  // namespace argot::node
