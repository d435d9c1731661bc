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
/// `signer`: null for a public inbox.
boost::json::object store(const Mailbox& mailbox, ByteView envelope, Duration ttl, std::int64_t now_ms,
                          const Identity* signer);
boost::json::object retrieve(const Mailbox& mailbox, const Identity& owner, const std::string& last_hash,
                             std::int64_t now_ms);
boost::json::object remove(const Mailbox& mailbox, const Identity& owner, const std::vector<std::string>& hashes);
boost::json::object expire(const Mailbox& mailbox, const Identity& owner, const std::vector<std::string>& hashes,
                           std::int64_t at_ms);
}  // namespace request

}  // namespace argot::swarm
