#include "path_answer.h"

#include <sdk/src/http/test_world.h>

#include <argot/identity.h>

#include <gmock/gmock.h>

namespace argot::swarm {
namespace {

using http::test::TestContext;

ServiceNode node(int i, std::string host = {}) {
  ServiceNode out;
  out.host = host.empty() ? "10.0." + std::to_string(i) + ".1" : std::move(host);
  out.https_port = 22021;
  out.ed25519.fill(static_cast<Byte>(i));
  out.x25519.fill(static_cast<Byte>(i + 100));
  return out;
}

class Book : public testing::Test {
 public:
  Book() { learn(12); }
  void learn(int count) {
    std::vector<ServiceNode> nodes;
    for (int i = 1; i <= count; ++i) nodes.push_back(node(i));
    book_.learn(std::move(nodes));
  }
  PathPtr choose(int destination = 1) { return book_.choose(node(destination).ed25519, {}); }
  TestContext ctx_;
  PathBook book_{ctx_};
};

TEST_F(Book, APathIsThreeNodesThatAreNotTheDestination) {
  for (int i = 0; i < 50; ++i) {
    PathBook book(ctx_);
    std::vector<ServiceNode> nodes;
    for (int n = 1; n <= 5; ++n) nodes.push_back(node(n));
    book.learn(nodes);
    const PathPtr path = book.choose(node(1).ed25519, {});
    std::set<Fixed<32>> keys{node(1).ed25519};
    for (const ServiceNode& hop : path->hops) keys.insert(hop.ed25519);
    EXPECT_EQ(keys.size(), 4u);
  }
}

TEST_F(Book, NoTwoNodesOfAPathAreInOneSubnet) {
  for (int i = 0; i < 50; ++i) {
    PathBook book(ctx_);
    std::vector<ServiceNode> nodes;
    for (int n = 1; n <= 20; ++n)  // most in one network, as an operator with many nodes has them
      nodes.push_back(node(n, n <= 16 ? "10.0.0." + std::to_string(n) : ""));
    book.learn(nodes);
    const PathPtr path = book.choose(node(20).ed25519, {});
    std::set<std::string> subnets;
    for (const ServiceNode& hop : path->hops) subnets.insert(subnet_of(hop.host));
    EXPECT_EQ(subnets.size(), 3u);
  }
  PathBook book(ctx_);
  book.learn({node(1, "10.0.0.1"), node(2, "10.0.0.2"), node(3, "10.0.0.3"), node(4), node(5)});
  EXPECT_NO_THROW(book.choose(node(1).ed25519, {}));
  EXPECT_THROW(book.choose(node(4).ed25519, {}), Error);  // two networks are left
}

TEST_F(Book, ASubnetIsOneOfAddressesOnly) {
  EXPECT_EQ(subnet_of("192.0.2.17"), "192.0.2");
  for (const char* free : {"127.0.0.1", "127.0.3.1", "node-1", "node-1.example.org", "192.0.2", "192.0.2.256",
                           "192.0.2.1.5", "192.0.2.1x", "", "::1"})
    EXPECT_EQ(subnet_of(free), "") << free;
}

TEST_F(Book, TwoPathsHaveNothingInCommonWhereTheNetworkIsLargeEnough) {
  choose();
  const auto view = book_.view();
  ASSERT_EQ(view.size(), 2u);
  std::set<Fixed<32>> keys;
  for (const PathView& path : view)
    for (const ServiceNode& hop : path.hops) keys.insert(hop.ed25519);
  EXPECT_EQ(keys.size(), 6u);
  EXPECT_FALSE(view[0].spare);
  EXPECT_TRUE(view[1].spare);
}

TEST_F(Book, TheSamePathIsTakenWhileItWorks) {
  const PathPtr first = choose();
  for (int i = 0; i < 20; ++i) {
    book_.answered(first);
    EXPECT_EQ(choose(), first);
  }
}

TEST_F(Book, AGuardIsOneThatHasAnswered) {
  const PathPtr path = choose();
  EXPECT_TRUE(book_.guards().empty());
  book_.answered(path);
  EXPECT_EQ(book_.guards(), std::vector<Fixed<32>>{path->hops[0].ed25519});
}

TEST_F(Book, GuardsOfEarlierAreTakenFirst) {
  for (int i = 0; i < 20; ++i) {
    PathBook book(ctx_);
    book.use_guards({node(7).ed25519, node(9).ed25519});
    std::vector<ServiceNode> nodes;
    for (int n = 1; n <= 12; ++n) nodes.push_back(node(n));
    book.learn(nodes);
    EXPECT_EQ(book.choose(node(1).ed25519, {})->hops[0], node(7));
    EXPECT_EQ(book.view()[1].hops[0], node(9));
    EXPECT_NE(book.choose(node(7).ed25519, {})->hops[0], node(7)) << "not where it is the destination";
  }
}

TEST_F(Book, AGuardStaysUntilItHasFailedThreeTimesWhileAnotherPathWorked) {
  const PathPtr first = choose();
  book_.answered(first);
  const PathPtr second = book_.choose(node(1).ed25519, {first->number});
  book_.answered(second);
  const auto guards = book_.guards();
  ASSERT_EQ(guards.size(), 2u);
  ctx_.pass(std::chrono::seconds(1));
  for (int i = 0; i < 10; ++i) {  // nothing works: our own network
    book_.failed(first, {Fault::guard, {}});
    book_.failed(second, {Fault::unclear, {}});
  }
  EXPECT_EQ(book_.guards(), guards);
  ctx_.pass(std::chrono::seconds(1));
  book_.answered(second);  // it is back
  EXPECT_EQ(book_.guards(), guards);
  EXPECT_EQ(choose(), second);
  book_.failed(first, {Fault::guard, {}});  // and the other guard is not
  EXPECT_EQ(book_.guards(), std::vector<Fixed<32>>{second->hops[0].ed25519});
  EXPECT_EQ(choose(), second);
}

TEST_F(Book, OneFailureMakesTheSpareTheFirstChoice) {
  const PathPtr first = choose();
  book_.answered(first);
  book_.answered(book_.choose(node(1).ed25519, {first->number}));
  book_.failed(first, {Fault::unclear, {}});
  EXPECT_NE(choose(), first);
  EXPECT_EQ(book_.doubtful(), first);
  book_.answered(first);
  EXPECT_EQ(book_.doubtful(), nullptr);
  EXPECT_EQ(choose(), first);
}

TEST_F(Book, AHopThatIsBlamedIsGoneAround) {
  const PathPtr path = choose();
  book_.answered(path);
  book_.failed(path, {Fault::hop, path->hops[1].ed25519});
  for (int i = 0; i < 3; ++i) {
    const PathPtr next = choose();
    EXPECT_NE(next, path);
    EXPECT_FALSE(next->has(path->hops[1].ed25519));
    book_.failed(next, {Fault::hop, next->hops[2].ed25519});
  }
}

TEST_F(Book, PathsThroughNodesThatAreGoneAreGivenUp) {
  const PathPtr path = choose();
  book_.answered(path);
  std::vector<ServiceNode> nodes;
  for (int i = 1; i <= 12; ++i)
    if (node(i) != path->hops[2]) nodes.push_back(node(i));
  book_.learn(nodes);
  EXPECT_NE(choose(), path);
  EXPECT_EQ(choose()->hops[0], path->hops[0]) << "the guard stays";
}

TEST_F(Book, SaysHowManyNodesWouldDo) {
  learn(3);
  try {
    choose(1);
    ADD_FAILURE() << "there is a path";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("2 of 3 known ones"));
  }
}

TEST_F(Book, IsNeverWithoutAPathThatExists) {
  const PathPtr only = choose();
  for (int i = 0; i < 200; ++i) {
    const PathPtr path = choose(1 + i % 12);
    ASSERT_TRUE(path);
    EXPECT_FALSE(path->has(node(1 + i % 12).ed25519));
    book_.failed(path, {static_cast<Fault::Kind>(i % 4), path->hops[static_cast<std::size_t>(i % 3)].ed25519});
    EXPECT_LE(book_.view().size(), PathBook::max_paths);
  }
}

// --- what an answer on the way means ---

class Answer : public Book {
 public:
  PathAnswer judged(unsigned status, std::string body, bool to_server = false) {
    const Fixed<32> destination = node(1).ed25519;
    return judge(status, body, *path_, to_server ? nullptr : &destination);
  }
  PathPtr path_ = choose();
  std::string hop(std::size_t i) const { return to_hex(path_->hops[i].ed25519); }
};

TEST_F(Answer, NamesTheOneWhoIsToBlame) {
  for (const char* what : {"Next node not found: ", "Next node is currently unreachable: "}) {
    EXPECT_EQ(judged(502, what + to_hex(node(1).ed25519)).who, PathAnswer::destination);
    EXPECT_EQ(judged(502, what + hop(1)).fault.kind, Fault::hop);
    EXPECT_EQ(judged(502, what + hop(1)).fault.key, path_->hops[1].ed25519);
    EXPECT_EQ(judged(502, what + hop(0)).fault.kind, Fault::path) << "nobody is before the guard";
    EXPECT_EQ(judged(502, what + to_hex(Fixed<32>{9, 9})).fault.kind, Fault::path) << "it is not in the path";
    EXPECT_EQ(judged(502, what + std::string("zz")).fault.kind, Fault::path);
  }
  EXPECT_EQ(judged(503, "Snode not ready: " + hop(2)).fault.kind, Fault::hop);
  EXPECT_EQ(judged(503, "Snode not ready: " + hop(0)).fault.kind, Fault::guard);
  EXPECT_EQ(judged(503, "Snode not ready: " + to_hex(node(1).ed25519)).who, PathAnswer::destination);
  EXPECT_EQ(judged(503, "Service node is not ready: syncing\n").fault.kind, Fault::guard);
  EXPECT_EQ(judged(503, "Server busy, try again later").fault.kind, Fault::guard);
  EXPECT_EQ(judged(504, "Request time out").fault.kind, Fault::unclear);
  for (unsigned status : {204u, 301u, 400u, 404u, 500u, 502u, 503u, 504u})
    EXPECT_EQ(judged(status, "something").fault.kind, Fault::path) << status;
}

TEST_F(Answer, OfAServerThatCannotBeReachedIsNotThePathsFault) {
  EXPECT_EQ(judged(502, "connection refused", true).who, PathAnswer::server);
  EXPECT_EQ(judged(504, "timeout", true).who, PathAnswer::server);
  EXPECT_EQ(judged(504, "Request time out", true).who, PathAnswer::path);
  EXPECT_EQ(judged(502, "Next node not found: " + hop(1), true).fault.kind, Fault::hop);
}

}  // namespace
}  // namespace argot::swarm
