// Service nodes that behave as they should not. Whatever they do, a message waits in the outbox, the person is told
// why, and it arrives once when an honest node can be reached.
#include <signal.h>

#include "bad_node.h"
#include "scene.h"

namespace argot::e2e {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class NodeFaults : public Scene {
 protected:
  void people() {
    make_account("alice");
    make_account("bob");
    profile("alice", "timeout: 2s");
    profile("bob", "timeout: 2s");
  }
  /// Sends through the bad node alone, then through an honest one: the message waits, and arrives once.
  void survives(Fault fault, const std::vector<std::string>& parts) {
    people();
    {
      BadNode bad(fault);
      list_nodes({bad.line()});
      const Result sent = as("alice", {"send", id("bob"), "through thick and thin", "--wait", "3"});
      std::vector<std::string> expected{"waits in the outbox", bad.address()};
      expected.insert(expected.end(), parts.begin(), parts.end());
      EXPECT_EQ(sent.code, 3);
      EXPECT_TRUE(fails_with(sent, expected));
      EXPECT_GT(bad.visits(), 0);
    }
    node("honest");
    list_nodes();
    nodes_know(1);
    const Result second = as("alice", {"send", id("bob"), "and the next"});
    EXPECT_EQ(second.code, 0) << second.out << second.err;
    EXPECT_THAT(received("bob", "alice", "and the next"), ElementsAre("through thick and thin", "and the next"));
  }
};

TEST_F(NodeFaults, ANodeThatRefusesKeepsTheMessageWaiting) { survives(Fault::refuse, {"refused", "503"}); }
TEST_F(NodeFaults, ANodeThatHangsUpKeepsTheMessageWaiting) { survives(Fault::hang_up, {}); }
TEST_F(NodeFaults, ANodeThatSaysNothingKeepsTheMessageWaiting) { survives(Fault::mute, {}); }
TEST_F(NodeFaults, ANodeThatIsNoNodeKeepsTheMessageWaiting) { survives(Fault::not_json, {"is not JSON"}); }
TEST_F(NodeFaults, ANodeThatStallsHalfWayKeepsTheMessageWaiting) { survives(Fault::stall_half_way, {}); }
TEST_F(NodeFaults, ANodeThatSendsRubbishKeepsTheMessageWaiting) { survives(Fault::rubbish, {"HTTP"}); }
TEST_F(NodeFaults, ANodeThatSendsTooMuchKeepsTheMessageWaiting) { survives(Fault::rubbish_body, {"larger than"}); }
TEST_F(NodeFaults, ANodeWhoseHeaderNeverEndsKeepsTheMessageWaiting) { survives(Fault::endless_header, {}); }
TEST_F(NodeFaults, ANodeThatLiesAboutWhatItStoredKeepsTheMessageWaiting) {
  survives(Fault::lie_about_store, {"gave a hash that the envelope does not have"});
}

TEST_F(NodeFaults, ANodeThatIsNotThereKeepsTheMessageWaiting) {
  people();
  node("honest");
  list_nodes();
  kill_node("honest");
  const Result sent = as("alice", {"send", id("bob"), "knock, knock", "--wait", "2"});
  EXPECT_EQ(sent.code, 3);
  EXPECT_TRUE(fails_with(sent, {"waits in the outbox", "cannot be reached"}));
  node("honest");
  auto alice = converse("alice", "bob");  // whoever comes back sends what waits
  EXPECT_THAT(received("bob", "alice", "knock, knock"), ElementsAre("knock, knock"));
}

TEST_F(NodeFaults, WhatALiarDeliversIsDroppedAndSaid) {
  people();
  BadNode bad(Fault::lie_about_inbox);
  list_nodes({bad.line()});
  auto bob = start_as("bob", {"watch"});
  EXPECT_TRUE(bob->wait_for("does not have the hash it gave; they were dropped"));
  EXPECT_THAT(bob->err(), Not(HasSubstr("does not have the hash it gave, and")));
  bob->signal(SIGTERM);
  EXPECT_EQ(bob->finish().code, 0);
  EXPECT_THAT(received("bob", "alice"), ElementsAre());
}

// One bad node in a swarm is no more than a delay: another one is asked.
class OneBadNode : public NodeFaults, public testing::WithParamInterface<Fault> {};

TEST_P(OneBadNode, BesideAnHonestOneDoesNotStopAMessage) {
  people();
  BadNode bad(GetParam());
  Node& honest = node("honest");
  list_nodes({bad.line(), honest.line});
  nodes_know(2);
  for (const char* text : {"one", "two", "three"}) {
    const Result sent = as("alice", {"send", id("bob"), text, "--wait", "60"});
    EXPECT_EQ(sent.code, 0) << sent.out << sent.err;
  }
  EXPECT_THAT(received("bob", "alice", "three"), ElementsAre("one", "two", "three"));
}

INSTANTIATE_TEST_SUITE_P(All, OneBadNode,
                         testing::Values(Fault::hang_up, Fault::refuse, Fault::rubbish, Fault::lie_about_store));

}  // namespace
}  // namespace argot::e2e
