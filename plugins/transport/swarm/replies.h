// What nodes answer, read with suspicion: sizes bounded, every type checked, hashes and signatures recomputed.
// Source: client/snode_api.md sections 3 and 4, network/storage_node.md sections 9 and 10.
#pragma once
#include <argot/directory.h>
#include <argot/identity.h>
#include <argot/transport.h>

#include <boost/json.hpp>

namespace argot::swarm {

/// What came back from a node.
struct Reply {
  unsigned status = 0;
  std::string body;
  Route route = {};  ///< who carried it, in order, without the node
};

/// What every reply may carry.
struct Common {
  std::int64_t node_ms = 0;  ///< `t`, the node's clock; 0: absent
};

/// An object from untrusted text. Throws Error(corrupt): "is not JSON (...)", as the end of a sentence about the node.
boost::json::object parse_object(std::string_view body);
Common parse_common(const boost::json::object& reply);

struct SwarmReply {
  std::vector<ServiceNode> nodes;
  Common common;
};
/// get_swarm, and the body of a 421. Nodes without a usable address or key are left out. Throws Error(corrupt).
SwarmReply parse_swarm(std::string_view body);

struct StoreReply {
  bool stored = false;         ///< at least one node vouches for it
  std::int64_t expiry_ms = 0;  ///< 0: not told
  bool already = false;
  std::size_t copies = 0;  ///< nodes that say they have it
  std::string problem;     ///< why not, when not stored: the end of a sentence about the node
  bool lie = false;        ///< the node that was asked gave a wrong hash or a wrong signature
  Common common;
};
/// `asked`: whom we asked; `hash`: what our envelope's hash is. Throws Error(corrupt).
StoreReply parse_store(std::string_view body, const ServiceNode& asked, const std::string& hash);

struct RetrieveReply {
  std::vector<Delivery> deliveries;
  std::string last_hash;  ///< of the last element; empty when there was none
  std::int64_t last_expiry_ms = 0;
  std::size_t mismatches = 0;  ///< elements dropped because their data has another hash
  bool more = false;
  std::optional<std::int64_t> waited_ms;  ///< how long the node held the request; nothing: it cannot
  Common common;
};
RetrieveReply parse_retrieve(std::string_view body, const Mailbox& mailbox);
RetrieveReply parse_retrieve(const boost::json::object& reply, const Mailbox& mailbox);

/// One part of a batch's or sequence's answer.
struct Part {
  unsigned status = 0;
  boost::json::value body;  ///< an object, or a text that says what is wrong
};
/// As many as there are; a sequence may have fewer than were asked. Throws Error(corrupt), also when there are more
/// than `asked`.
std::vector<Part> parse_parts(std::string_view body, std::size_t asked);
/// The answer that all parts together amount to, for parts about one account: that of the first part that says that
/// the account is elsewhere (421) or the clock is wrong (406), or of the first of all when none succeeded; else
/// nothing.
std::optional<Reply> common_refusal(const std::vector<Part>& parts);

/// What the members of a swarm were asked to do: to expire these envelopes at `expiry_ms`, or to delete them.
struct Change {
  AccountId account;
  std::vector<std::string> hashes;
  std::optional<std::int64_t> expiry_ms;
};
struct ManyReply {
  std::size_t succeeded = 0, failed = 0;  ///< members of the swarm
  bool lie = false;                       ///< the node that was asked signed something else than what it says
  Common common;
};
/// delete and expire: how many members of the swarm have signed that they did it (section 3). A member whose signature
/// does not hold has not. `asked`: whom we asked.
ManyReply parse_many(std::string_view body, const ServiceNode& asked, const Change& change);
ManyReply parse_many(const boost::json::object& reply, const ServiceNode& asked, const Change& change);

/// What a node said, fit for an error: printable, short.
std::string as_quote(std::string_view untrusted);

}  // namespace argot::swarm
