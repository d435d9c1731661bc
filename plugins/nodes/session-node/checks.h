#pragma once
// Everything a call must pass besides its format and its swarm: times, limits, signature, in the documented
// order with the documented words (storage_node.md section 9). Pure given a clock value.
#include "auth.h"

namespace argot::node {

/// Who passed the call to this node: another node's copy may be a little older. `late`: a member of the swarm makes
/// good what this node missed while it was away; a delete_all of any age then passes, and means what was there at its
/// time. `shard`: another shard of this very node has checked the call a moment ago; only its swarm is looked at again.
enum class Origin { client, node, late, shard };

/// Throws Refused when the call may not be carried out. Revocations are checked separately.
void check(const Call& call, std::int64_t now_ms, Origin origin, KnownKeys& known);

/// The refusal of a subaccount that has been revoked: the same as a wrong signature.
Refused revoked(const Call& call);

/// Whether a revocation of the call's subaccount matters: it has one, and the method is not open to revoked ones.
bool minds_revocation(const Call& call);

}  // namespace argot::node
