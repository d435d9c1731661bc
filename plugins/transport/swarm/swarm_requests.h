// The parameters of each request (client/snode_api.md section 4). All times are unix milliseconds of the network.
#pragma once
#include <argot/transport.h>

#include <boost/json.hpp>

namespace argot::swarm {

inline constexpr std::size_t max_envelope = 76'800;
inline constexpr Duration min_ttl = std::chrono::seconds(10);
inline constexpr Duration max_inbox_ttl = std::chrono::hours(24 * 14), max_private_ttl = std::chrono::hours(24 * 30);

/// Namespaces that anybody may store into, unsigned (section 1).
inline bool is_public_inbox(std::int16_t ns) { return ns % 10 == 0; }

namespace request {
boost::json::object get_swarm(const AccountId& account);
/// `sent_ms`: when it was sent, which no node may think to be in its future; `clock_ms`: what the node's clock shows.
/// `signer`: null for a public inbox.
boost::json::object store(const Mailbox& mailbox, ByteView envelope, Duration ttl, std::int64_t sent_ms,
                          std::int64_t clock_ms, const Identity* signer);
/// `wait`: how long a node that can may hold the request until something comes (docs/design/network.md); 0: not at all.
boost::json::object retrieve(const Mailbox& mailbox, const Identity& owner, const std::string& last_hash,
                             std::int64_t now_ms, Duration wait = {});
boost::json::object remove(const Mailbox& mailbox, const Identity& owner, const std::vector<std::string>& hashes);
boost::json::object expire(const Mailbox& mailbox, const Identity& owner, const std::vector<std::string>& hashes,
                           std::int64_t at_ms);

/// Several calls in one: the parameters of `batch` and `sequence`. Each call is a method and its parameters.
using Calls = std::vector<std::pair<std::string, boost::json::object>>;
inline constexpr std::size_t max_calls = 20;
boost::json::object together(Calls calls);
}  // namespace request

}  // namespace argot::swarm
