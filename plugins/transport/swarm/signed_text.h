// The exact bytes that requests are signed over (client/snode_api.md section 2.1). The transport and the protocol
// vectors both come here. All times in milliseconds, except monitor's.
#pragma once
#include <argot/identity.h>

#include <map>
#include <optional>
#include <span>

namespace argot::swarm::to_sign {

using Hashes = std::vector<std::string>;
/// A namespace, or nothing for "all".
using Where = std::optional<std::int16_t>;

std::string store(std::int16_t ns, std::int64_t timestamp);
std::string retrieve(std::int16_t ns, std::int64_t timestamp);
std::string remove(const Hashes& hashes);
std::string delete_all(Where where, std::int64_t timestamp);
std::string delete_before(Where where, std::int64_t before);
/// `how`: "shorten", "extend" or empty. One expiry for all hashes, or one for each.
std::string expire(std::string_view how, std::span<const std::int64_t> expiries, const Hashes& hashes);
std::string expire_all(Where where, std::int64_t expiry);
std::string get_expiries(std::int64_t timestamp, const Hashes& hashes);
/// `method`: revoke_subaccount or unrevoke_subaccount; the tokens' raw bytes.
std::string revoke(std::string_view method, std::int64_t timestamp, const std::vector<Bytes>& tokens);
/// `seconds`: unix seconds.
std::string monitor(std::string_view account, std::int64_t seconds, bool with_data,
                    std::span<const std::int64_t> namespaces);

/// What a node signs in its part of the answer to delete and to expire (section 3); `account`: 66 hex digits.
std::string delete_reply(std::string_view account, const Hashes& requested, Hashes deleted);
/// `unchanged`: hash and expiry.
std::string expire_reply(std::string_view account, std::span<const std::int64_t> expiries, const Hashes& requested,
                         Hashes updated, const std::map<std::string, std::int64_t>& unchanged);

}  // namespace argot::swarm::to_sign
