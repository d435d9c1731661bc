#include "service.h"

#include <boost/json/array.hpp>

#include <charconv>

namespace argot::node {
namespace {

bool did_delete(const Service::Entries& entries) {
  for (const auto& [name, entry] : entries)
    if (const auto* deleted = entry.if_contains("deleted"))
      if (deleted->is_array() && !deleted->get_array().empty()) return true;
  return false;
}

json::object describe(const ServiceNode& node) {
  const std::string key = to_hex(node.ed25519);
  return {{"address", snode_address(node.ed25519)},
          {"ip", node.host},
          {"port", std::to_string(node.https_port)},
          {"port_https", node.https_port},
          {"port_omq", node.omq_port},
          {"port_quic", node.omq_port},
          {"pubkey_ed25519", key},
          {"pubkey_legacy", key},
          {"pubkey_x25519", to_hex(node.x25519)}};
}

}  // namespace

std::optional<std::uint64_t> Service::own_swarm() const {
  const ServiceNode* self = network_.find(keys_->ed25519());
  if (!self || self->swarm == no_swarm) return std::nullopt;
  return self->swarm;
}

std::string Service::server_name(const Facts& facts) {
  const auto& v = facts.version;
  return "Oxen Storage Server/" + std::to_string(v[0]) + "." + std::to_string(v[1]) + "." + std::to_string(v[2]);
}

std::vector<ServiceNode> Service::peers() const {
  const auto swarm = own_swarm();
  if (!swarm) return {};
  auto members = network_.members(*swarm);
  std::erase_if(members, [&](const ServiceNode& n) { return n.ed25519 == keys_->ed25519(); });
  return members;
}

std::optional<Reply> Service::refusal(const Call& call, std::int64_t now_ms, Origin origin) const {
  const Auth* auth = auth_of(call);
  if (!auth) return std::nullopt;
  const auto swarm = network_.swarm_of(auth->account);
  if (!swarm || swarm != own_swarm()) return Reply{421, swarm_of(auth->account, now_ms)};
  if (origin == Origin::shard) return std::nullopt;
  try {
    check(call, now_ms, origin, known_keys_);
  } catch (const Refused& refused) {
    return reply_of(refused);
  }
  return std::nullopt;
}

json::object Service::swarm_of(const AccountId& account, std::int64_t now_ms) const {
  const std::uint64_t swarm = network_.swarm_of(account).value_or(no_swarm);
  json::array snodes;
  if (swarm != no_swarm)
    for (const ServiceNode& node : network_.members(swarm)) snodes.push_back(describe(node));
  char hex[16];
  const auto end = std::to_chars(hex, hex + sizeof hex, swarm, 16).ptr;
  return {{"hf", hf()},
          {"snodes", std::move(snodes)},
          {"swarm", json::string_view(hex, static_cast<std::size_t>(end - hex))},
          {"t", now_ms}};
}

Reply Service::answer(const Call& call, std::int64_t now_ms) const {
  if (const auto* get_swarm = std::get_if<GetSwarm>(&call.params)) return {200, swarm_of(get_swarm->account, now_ms)};
  if (std::holds_alternative<ActiveNodes>(call.params))
    return {200, json::string(to_base64(active_nodes(network_, facts_.version))), true};
  if (const auto* request = std::get_if<OxendRequest>(&call.params)) return oxend(*request, now_ms);
  const auto& v = facts_.version;
  return {200,
          json::object{{"hf", hf()}, {"t", now_ms}, {"timestamp", now_ms}, {"version", json::array{v[0], v[1], v[2]}}}};
}

RegistryFacts Service::registry_facts(std::int64_t now_ms) const {
  return {facts_, now_ms, surroundings_.is_reachable};
}

std::uint64_t Service::random_below(std::uint64_t n) const {
  return surroundings_.random_below ? surroundings_.random_below(n) : n - 1;
}

Reply Service::oxend(const OxendRequest& request, std::int64_t now_ms) const {
  if (request.endpoint != "get_service_nodes") return {400, "this node has no chain daemon"};
  try {
    json::object found = service_nodes(network_, request.params, registry_facts(now_ms),
                                       [this](std::uint64_t n) { return random_below(n); });
    return {200, json::object{{"hf", hf()}, {"result", std::move(found)}, {"t", now_ms}}};
  } catch (const Refused& refused) {
    return reply_of(refused);
  }
}

Reply Service::finish_look_up(const Call& call, LookUp found, std::int64_t now_ms) const {
  Reply reply;
  if (std::holds_alternative<Retrieve>(call.params)) {
    found.body["hf"] = hf();
    found.body["t"] = now_ms;
    reply.messages = std::move(found.messages);
  }
  reply.body = std::move(found.body);
  return reply;
}

Reply Service::combine(const Call& call, Entries entries, std::int64_t now_ms) const {
  json::object body{{"hf", hf()}, {"t", now_ms}};
  json::object& own = entries[keys_->name()];
  if (std::holds_alternative<Store>(call.params)) {
    if (const auto* hash = own.if_contains("hash")) body["hash"] = *hash;
    own["t"] = now_ms;
  }
  Reply reply;
  if (const auto* remove = std::get_if<Delete>(&call.params))
    if (remove->required && !did_delete(entries)) reply.status = 404;
  bool all_failed = true;
  json::object swarm;
  for (auto& [name, entry] : entries) {
    all_failed = all_failed && entry.contains("failed");
    swarm.emplace(name, std::move(entry));
  }
  if (all_failed) reply.status = 500;
  body["swarm"] = std::move(swarm);
  reply.body = std::move(body);
  return reply;
}

Reply Service::finish_ifelse(const IfElse& call, std::optional<Reply> result) const {
  const auto& v = facts_.version;
  json::object body{{"condition", holds(call.condition, facts_)},
                    {"height", facts_.height},
                    {"hf", hf()},
                    {"v", json::array{v[0], v[1], v[2]}}};
  Reply reply;
  if (result) {
    body["result"] = nullptr;
    reply.parts.push_back(std::move(*result));
  }
  reply.body = std::move(body);
  return reply;
}

Reply Service::handle_one(const Call& call, Database& db, std::int64_t now_ms) const {
  const Auth* auth = auth_of(call);
  if (!auth) return answer(call, now_ms);
  if (auto refused = refusal(call, now_ms, Origin::client)) return std::move(*refused);
  if (minds_revocation(call) && db.is_revoked(auth->account, auth->subaccount->token)) return reply_of(revoked(call));
  if (!is_recursive(call)) return finish_look_up(call, look_up(call, db), now_ms);
  Entries entries;
  entries.emplace(keys_->name(), perform(call, db, *keys_, now_ms));
  return combine(call, std::move(entries), now_ms);
}

Reply Service::handle_alone(const Call& call, Database& db, std::int64_t now_ms) const {
  if (const auto* batch = std::get_if<Batch>(&call.params)) {
    std::vector<Reply> results;
    for (const auto& each : batch->calls) {
      Reply reply = handle_one(*each, db, now_ms);
      const bool goes_on = !batch->sequential || succeeded(reply);
      results.push_back(std::move(reply));
      if (!goes_on) break;
    }
    return batch_reply(std::move(results));
  }
  if (const auto* choice = std::get_if<IfElse>(&call.params)) {
    const auto& branch = holds(choice->condition, facts_) ? choice->then : choice->otherwise;
    if (!branch) return finish_ifelse(*choice, std::nullopt);
    return finish_ifelse(*choice, handle_alone(*branch, db, now_ms));
  }
  return handle_one(call, db, now_ms);
}

Reply batch_reply(std::vector<Reply> results) {
  Reply reply;
  reply.body = json::object{{"results", nullptr}};
  reply.parts = std::move(results);
  return reply;
}

Reply reply_of(const Refused& refused) { return {refused.status(), refused.what()}; }

}  // namespace argot::node
