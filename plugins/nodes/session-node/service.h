#pragma once
// A service node without its sockets: which calls it takes, and how the entries of a swarm become one reply
// (storage_node.md sections 5, 9 and 10).
#include <boost/json/value.hpp>

#include <functional>
#include <map>
#include <memory>

#include "calls.h"
#include "checks.h"
#include "keys.h"
#include "methods.h"
#include "registry.h"
#include "rpc_meta.h"
#include "swarm.h"

namespace argot::node {

namespace json = boost::json;

/// What goes back: a status, and a JSON value or (when it is a string) plain text. to_json() writes it. What may be
/// large is not in the value: its place there is a null member, "messages", "results" or "result".
struct Reply {
  unsigned status = 200;
  json::value body;
  bool is_json = false;        ///< the string is a JSON value too (active_nodes_bin)
  std::string messages{};      ///< a retrieve's list, as JSON; empty in other replies
  std::vector<Reply> parts{};  ///< the results of a batch, or the one of an ifelse
};

class Service {
 public:
  Service(std::shared_ptr<const NodeKeys> keys, Facts facts) : keys_(std::move(keys)), facts_(facts) {}

  const NodeKeys& keys() const { return *keys_; }
  std::shared_ptr<const NodeKeys> shared_keys() const { return keys_; }
  const Facts& facts() const { return facts_; }
  /// "Oxen Storage Server/2.8.0", the Server header of all answers.
  static std::string server_name(const Facts& facts);
  const NodeList& network() const { return network_; }
  void set_network(NodeList network) { network_ = std::move(network); }
  /// What replies about the list of nodes draw on; without it they are in order and everybody is reachable.
  struct Surroundings {
    std::function<std::uint64_t(std::uint64_t)> random_below;
    std::function<bool(const ServiceNode&)> is_reachable;
  };
  void set_surroundings(Surroundings surroundings) { surroundings_ = std::move(surroundings); }
  /// The chain daemon's answers that nodes and seeds give (registry.h).
  RegistryFacts registry_facts(std::int64_t now_ms) const;
  std::uint64_t random_below(std::uint64_t n) const;
  /// Nothing when the node is in no swarm.
  std::optional<std::uint64_t> own_swarm() const;
  /// The other members of this node's swarm.
  std::vector<ServiceNode> peers() const;

  /// The refusal of a call, if there is one: wrong swarm, times, limits, signature. Revocations are not checked.
  std::optional<Reply> refusal(const Call& call, std::int64_t now_ms, Origin origin) const;

  /// info, get_swarm, oxend_request.
  Reply answer(const Call& call, std::int64_t now_ms) const;
  /// Adds "t" and "hf" to what look_up() found; get_expiries goes without.
  Reply finish_look_up(const Call& call, LookUp found, std::int64_t now_ms) const;
  using Entries = std::map<std::string, json::object>;  ///< by the member's name
  /// The reply of a recursive method; `entries` includes this node's own.
  Reply combine(const Call& call, Entries entries, std::int64_t now_ms) const;
  /// ifelse's reply around the result of the branch that ran, if one did.
  Reply finish_ifelse(const IfElse& call, std::optional<Reply> result) const;

  /// Carries out any call without a loop, as the only member of its swarm.
  Reply handle_alone(const Call& call, Database& db, std::int64_t now_ms) const;

 private:
  json::array hf() const { return {facts_.hf[0], facts_.hf[1]}; }
  json::object swarm_of(const AccountId& account, std::int64_t now_ms) const;
  Reply oxend(const OxendRequest& request, std::int64_t now_ms) const;
  Reply handle_one(const Call& call, Database& db, std::int64_t now_ms) const;

  std::shared_ptr<const NodeKeys> keys_;
  Facts facts_;
  NodeList network_;
  mutable KnownKeys known_keys_;  ///< changes no answer
  Surroundings surroundings_;
};

Reply batch_reply(std::vector<Reply> results);
Reply reply_of(const Refused& refused);
inline bool succeeded(const Reply& reply) { return reply.status >= 200 && reply.status < 300; }

}  // namespace argot::node
