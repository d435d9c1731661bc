#include "node_vectors.h"

#include <argot/onion.h>

#include "vector_groups.h"

namespace argot::node {
namespace {

struct Group {
  std::string_view name;
  cases::Outcome (*run)(const cases::Object&, const cases::Object&);
};
constexpr Group groups[] = {
    {"namespace_rules", cases::namespace_rules},
    {"swarm_space", cases::swarm_space},
    {"swarm_for_pubkey", cases::swarm_for_pubkey},
    {"base32z", cases::base32z},
    {"rate_limiter", cases::rate_limiter},
    {"ifelse_condition", cases::ifelse_condition},
    {"message_hash", cases::message_hash},
    {"signed_request", cases::signed_request},
    {"node_reply_signature", cases::node_reply_signature},
    {"subaccount", cases::subaccount},
    {"request_result", cases::request_result},
    {"forwarded_request", cases::forwarded_request},
    {"retrieve_window", cases::retrieve_window},
    {"storage_semantics", cases::storage_semantics},
    {"expire_semantics", cases::expire_semantics},
    {"swarm_assignment", cases::swarm_assignment},
    {"new_swarm_id", cases::new_swarm_id},
    {"new_swarm_id_long_run", cases::new_swarm_id_long_run},
    {"swarm_excess", cases::swarm_excess},
    {"swarm_count_by_growth", cases::swarm_count_by_growth},
    {"uniform_distribution_portable", cases::uniform_distribution_portable},
    {"mt19937_64", cases::mt19937_64},
    {"shuffle_portable", cases::shuffle_portable},
    {"storage_test_pair", cases::storage_test_pair},
    {"handover_v1", cases::handover_v1},
    {"contact_update", cases::contact_update},
    {"active_nodes_bin", cases::active_nodes_bin},
};

}  // namespace

std::optional<VectorResult> run_vector(std::string_view category, const boost::json::object& inputs,
                                       const boost::json::object& expected) {
  for (const Group& group : groups)
    if (group.name == category) return vectors::guarded([&] { return group.run(inputs, expected); });
  return onion::vectors().run(category, inputs, expected);
}

}  // namespace argot::node
