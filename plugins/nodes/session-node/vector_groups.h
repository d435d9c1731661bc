#pragma once
// Categories of cases, one function each. Nothing: the shape of the inputs is not known.
#include <argot/vector_case.h>

namespace argot::node::cases {

using Object = boost::json::object;
using Outcome = std::optional<VectorResult>;

// vectors_rules.cpp: pure rules
Outcome namespace_rules(const Object& inputs, const Object& expected);
Outcome swarm_space(const Object& inputs, const Object& expected);
Outcome swarm_for_pubkey(const Object& inputs, const Object& expected);
Outcome base32z(const Object& inputs, const Object& expected);
Outcome rate_limiter(const Object& inputs, const Object& expected);
Outcome ifelse_condition(const Object& inputs, const Object& expected);
Outcome message_hash(const Object& inputs, const Object& expected);

// vectors_signatures.cpp
Outcome signed_request(const Object& inputs, const Object& expected);
Outcome node_reply_signature(const Object& inputs, const Object& expected);
Outcome subaccount(const Object& inputs, const Object& expected);

// vectors_requests.cpp: whole requests against a node in memory
Outcome request_result(const Object& inputs, const Object& expected);
Outcome forwarded_request(const Object& inputs, const Object& expected);

// vectors_storage.cpp: a database in memory
Outcome retrieve_window(const Object& inputs, const Object& expected);
Outcome storage_semantics(const Object& inputs, const Object& expected);
Outcome expire_semantics(const Object& inputs, const Object& expected);

// vectors_network.cpp: swarms as the chain forms them, and what nodes hand over
Outcome swarm_assignment(const Object& inputs, const Object& expected);
Outcome new_swarm_id(const Object& inputs, const Object& expected);
Outcome new_swarm_id_long_run(const Object& inputs, const Object& expected);
Outcome swarm_excess(const Object& inputs, const Object& expected);
Outcome swarm_count_by_growth(const Object& inputs, const Object& expected);
Outcome uniform_distribution_portable(const Object& inputs, const Object& expected);
Outcome mt19937_64(const Object& inputs, const Object& expected);
Outcome shuffle_portable(const Object& inputs, const Object& expected);
Outcome storage_test_pair(const Object& inputs, const Object& expected);
Outcome handover_v1(const Object& inputs, const Object& expected);
Outcome contact_update(const Object& inputs, const Object& expected);
Outcome active_nodes_bin(const Object& inputs, const Object& expected);

}  // namespace argot::node::cases
