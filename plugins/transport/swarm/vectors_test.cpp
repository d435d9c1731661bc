#include "swarm_transport.h"

#include "../../../tests/support/vector_file.h"

namespace argot::swarm {
namespace {

TEST(SwarmVectors, AllCasesPass) {
  const SwarmTransport transport;
  for (const char* file : {"client.json", "network.json"})
    for (const auto& [category, count] : argot::testing::run_vector_file(
             transport, file,
             {"snode_signature", "snode_response_signature", "swarm", "onion_hop", "onion_request", "onion_outer",
              "onion_inner_parse", "onion_target", "onion_chain", "channel_encryption"})) {
      EXPECT_GT(count.passed, 0) << category;
      EXPECT_EQ(count.not_covered, 0) << category;
    }
}

}  // namespace
}  // namespace argot::swarm
