// Envelopes in onions: who sees what, and what becomes of nodes that fail or lie.
#include "onion_world.h"
#include "swarm_transport.h"

#include <sdk/src/http/test_script.h>

#include <gmock/gmock.h>

#include <unistd.h>

#include <fstream>

namespace argot::swarm::test {
namespace {

using http::test::error_of;
using http::test::PipeNetwork;
using testing::HasSubstr;
using testing::StartsWith;

constexpr Duration hour = std::chrono::hours(1);

class Onions : public testing::Test {
 public:
  explicit Onions(int count = 9) : nodes_(ctx_, count) {
    std::string name = (std::filesystem::temp_directory_path() / "argot-guards-XXXXXX").string();
    ctx_.folder = ::mkdtemp(name.data());
    ctx_.options().set("poll_interval", Duration(std::chrono::seconds(5)));
    ctx_.options().set("timeout", Duration(std::chrono::seconds(10)));
    ctx_.options().set("route", std::string("onion"));
    ctx_.options().set("push", true);
    ctx_.options().set("rotate", Duration(std::chrono::minutes(10)));
    ctx_.provide<Network>(network_);
    ctx_.provide<Directory>(directory_);
    directory_.list = nodes_.contacts();
    nodes_.members = {0, 1, 2};
    world_ = std::make_unique<OnionWorld>(ctx_, network_, nodes_);
    ctx_.run(transport_->start(ctx_));
  }
  ~Onions() override {
    ctx_.run(transport_->stop());
    std::filesystem::remove_all(ctx_.folder);
  }
  void restart() {
    ctx_.run(transport_->stop());
    transport_ = std::make_unique<SwarmTransport>();
    ctx_.run(transport_->start(ctx_));
  }
  Task<StoreReceipt> storing(std::string_view text) {
    return transport_->store(StoreRequest(inbox_, view(text), hour));
  }
  StoreReceipt store(std::string_view text) { return ctx_.run(storing(text)); }
  /// As a messenger does: again, until it is stored; how often it was tried.
  int store_until_done(std::string_view text, int most = 10) {
    for (int attempt = 1; attempt <= most; ++attempt) try {
        store(text);
        return attempt;
      } catch (const Error&) {
        ctx_.pass(std::chrono::seconds(2));
      }
    ADD_FAILURE() << "it was never stored";
    return most;
  }
  Batch receive(std::string cursor = {}) {
    ReceiveRequest request(inbox_, bob_.get());
    request.cursor = std::move(cursor);
    return ctx_.run(transport_->receive(std::move(request)));
  }
  std::set<std::size_t> guards() const {
    std::set<std::size_t> out;
    for (const PathView& path : transport_->paths()) out.insert(*world_->number_of(path.hops[0].ed25519));
    return out;
  }
  std::string kept_guards() const {
    std::ifstream in(ctx_.folder / "guards");
    return {std::istreambuf_iterator<char>(in), {}};
  }
  std::size_t first_guard() const { return *world_->number_of(transport_->paths().at(0).hops[0].ed25519); }

  TestContext ctx_;
  PipeNetwork network_{ctx_};
  FakeNodes nodes_;
  FakeDirectory directory_;
  std::unique_ptr<OnionWorld> world_;
  std::unique_ptr<Identity> bob_ = make_identity(Secret(Bytes(32, 5)));
  Mailbox inbox_{bob_->id(), 0};
  std::unique_ptr<SwarmTransport> transport_ = std::make_unique<SwarmTransport>();
};

TEST_F(Onions, CarryEnvelopesBothWays) {
  const StoreReceipt receipt = store("hello");
  EXPECT_EQ(receipt.hash, keys::message_hash(bob_->id(), 0, view("hello")));
  const Batch batch = receive();
  ASSERT_EQ(batch.deliveries.size(), 1u);
  EXPECT_EQ(text_of(batch.deliveries[0].envelope), "hello");
  EXPECT_TRUE(transport_->traits().hides_sender_address);
}

TEST_F(Onions, NameTheHopsOfAMessage) {
  const Route route = store("hello").route;
  ASSERT_EQ(route.size(), 4u);
  EXPECT_THAT(route[0], StartsWith("guard node-"));
  EXPECT_THAT(route[1], StartsWith("hop node-"));
  EXPECT_THAT(route[2], StartsWith("exit node-"));
  EXPECT_THAT(route[3], StartsWith("node node-"));
  std::set<std::string> different;
  for (const std::string& hop : route) different.insert(hop.substr(hop.find("node-")));
  EXPECT_EQ(different.size(), 4u);
}

TEST_F(Onions, ShowNobodyBothWhoAsksAndWhat) {
  for (int i = 0; i < 20; ++i) {
    store("message " + std::to_string(i));
    receive();
  }
  const std::string account = bob_->id().text();
  bool somebody = false;
  for (const OnionWorld::Seen& each : world_->seen) {
    const bool sees_account = each.text.find(account) != std::string::npos;
    somebody |= sees_account;
    EXPECT_FALSE(sees_account && each.from == "client") << each.text;
  }
  EXPECT_TRUE(somebody);
  // Whom we speak to ourselves never gets the request itself while there are others.
  for (std::size_t guard : guards())
    for (const auto& call : nodes_.nodes[guard].calls) EXPECT_EQ(call.at("method"), "info");
}

TEST_F(Onions, TakeOtherHopsBehindTheSameGuardsFromTimeToTime) {
  store("first");
  ctx_.pass(std::chrono::seconds(30));
  receive();
  std::map<std::size_t, std::set<std::size_t>> before, after;  // hops by guard
  auto look = [this](auto& into) {
    for (const PathView& path : transport_->paths())
      for (std::size_t hop : {1, 2})
        into[*world_->number_of(path.hops[0].ed25519)].insert(*world_->number_of(path.hops[hop].ed25519));
  };
  look(before);
  ctx_.pass(std::chrono::minutes(14));
  look(after);
  ASSERT_EQ(before.size(), 2u);
  ASSERT_EQ(after.size(), 2u);
  for (const auto& [guard, hops] : before) {
    ASSERT_TRUE(after.contains(guard));
    EXPECT_NE(after[guard], hops);
  }
  store("second");
  EXPECT_EQ(receive().deliveries.size(), 2u);
}

TEST_F(Onions, KeepAPathWhenItsSuccessorDoesNotAnswer) {
  store("first");
  ctx_.pass(std::chrono::seconds(30));
  std::set<Fixed<32>> used;
  for (const PathView& path : transport_->paths())
    for (const ServiceNode& hop : path.hops) used.insert(hop.ed25519);
  for (std::size_t i = 0; i < nodes_.nodes.size(); ++i)
    if (!used.contains(nodes_.nodes[i].contact.ed25519)) world_->silent.insert(i);
  ctx_.pass(std::chrono::minutes(30));
  for (const PathView& path : transport_->paths())
    for (const ServiceNode& hop : path.hops) EXPECT_TRUE(used.contains(hop.ed25519));
}

TEST_F(Onions, KeepTheirGuardsAcrossStarts) {
  store("hello");
  ctx_.pass(std::chrono::seconds(30));  // the spare is tested
  const std::set<std::size_t> before = guards();
  ASSERT_EQ(before.size(), 2u);
  for (int i = 0; i < 5; ++i) {
    restart();
    store("again " + std::to_string(i));
    ctx_.pass(std::chrono::seconds(30));
    EXPECT_EQ(guards(), before);
  }
}

TEST_F(Onions, ChooseOtherGuardsWhenTheFileIsDamaged) {
  std::ofstream(ctx_.folder / "guards") << "nonsense\n";
  restart();
  EXPECT_FALSE(store("hello").hash.empty());
  EXPECT_THAT(ctx_.lines(), testing::Contains(HasSubstr("is damaged")));
}

TEST_F(Onions, HaveASpareWhenTheGuardGoes) {
  store("hello");
  ctx_.pass(std::chrono::seconds(30));
  const std::size_t gone = first_guard();
  world_->kill(gone);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(store_until_done("message " + std::to_string(i)), 1) << i;
  ctx_.pass(std::chrono::minutes(5));
  store_until_done("later");
  EXPECT_FALSE(guards().contains(gone));
  EXPECT_EQ(guards().size(), 2u) << "there is a spare again";
  EXPECT_EQ(kept_guards().find(to_hex(nodes_.nodes[gone].contact.ed25519)), std::string::npos);
}

TEST_F(Onions, DoNotChangeGuardsWhenOurOwnNetworkIsDown) {
  store("hello");
  ctx_.pass(std::chrono::seconds(30));
  const std::string before = kept_guards();
  for (std::size_t i = 0; i < nodes_.nodes.size(); ++i) world_->silent.insert(i);
  for (int i = 0; i < 6; ++i) error_of(ctx_, storing("lost"));
  ctx_.pass(std::chrono::minutes(20));
  world_->silent.clear();
  EXPECT_LE(store_until_done("back"), 3);
  EXPECT_EQ(kept_guards(), before);
}

TEST_F(Onions, GoAroundANodeThatTheHopBeforeItDoesNotKnow) {
  store("hello");
  const PathView path = transport_->paths().at(0);
  const std::size_t gone = *world_->number_of(path.hops[1].ed25519);
  world_->kill(gone);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(store_until_done("message " + std::to_string(i)), 1);
  for (const PathView& each : transport_->paths())
    for (const ServiceNode& hop : each.hops) EXPECT_NE(hop.ed25519, path.hops[1].ed25519);
}

TEST_F(Onions, AskAnotherMemberWhenTheDestinationIsGone) {
  store("hello");
  world_->kill(0);
  for (int i = 0; i < 10; ++i) store_until_done("message " + std::to_string(i), 2);
  for (int i = 0; i < 10; ++i) EXPECT_GE(receive().deliveries.size(), 1u);
}

TEST_F(Onions, SurviveANodeThatSwallowsRequests) {
  store("hello");
  const std::size_t swallows = *world_->number_of(transport_->paths().at(0).hops[1].ed25519);
  world_->silent.insert(swallows);
  int tries = 0;
  for (int i = 0; i < 10; ++i) {
    tries += store_until_done("message " + std::to_string(i));
    ctx_.pass(std::chrono::seconds(20));
  }
  EXPECT_LE(tries, 14);
  ctx_.pass(std::chrono::minutes(5));
  EXPECT_EQ(store_until_done("later"), 1);
  for (const PathView& path : transport_->paths()) EXPECT_EQ(path.failures, 0u);
}

TEST_F(Onions, NoticeRepliesThatWereChangedAndGoElsewhere) {
  store("hello");
  const std::size_t liar = first_guard();
  world_->tamper = [liar](std::size_t node, http::Response& response) {
    if (node == liar && !response.body.empty()) response.body[response.body.size() / 2] ^= 1;
  };
  for (int i = 0; i < 6; ++i) EXPECT_EQ(store_until_done("message " + std::to_string(i)), 1);
  ctx_.pass(std::chrono::minutes(5));
  store_until_done("later");
  EXPECT_FALSE(guards().contains(liar));
}

TEST_F(Onions, DoNotBelieveANodeThatBlamesSomebodyElse) {
  store("hello");
  const PathView path = transport_->paths().at(0);
  const std::size_t liar = first_guard();
  std::size_t innocent = 0;
  while (innocent == liar || std::ranges::any_of(path.hops, [&](const ServiceNode& hop) {
           return world_->number_of(hop.ed25519) == innocent;
         }))
    ++innocent;
  world_->trick = [&, liar](std::size_t node, const onion::ForNode&) -> std::optional<http::Response> {
    if (node != liar) return std::nullopt;
    http::Response out;
    out.status = 502;
    out.body = "Next node not found: " + to_hex(nodes_.nodes[innocent].contact.ed25519);
    return out;
  };
  for (int i = 0; i < 6; ++i) EXPECT_EQ(store_until_done("message " + std::to_string(i)), 1);
}

TEST_F(Onions, DropAGuardThatBlamesOneHopAfterTheOther) {
  store("hello");
  ctx_.pass(std::chrono::seconds(30));
  const std::size_t liar = first_guard();
  world_->trick = [&, liar](std::size_t node, const onion::ForNode& next) -> std::optional<http::Response> {
    if (node != liar) return std::nullopt;
    http::Response out;
    out.status = 502;
    out.body = "Next node not found: " + to_hex(next.destination);
    return out;
  };
  for (int i = 0; i < 10; ++i) {
    EXPECT_LE(store_until_done("message " + std::to_string(i)), 2);
    ctx_.pass(std::chrono::seconds(30));
  }
  EXPECT_FALSE(guards().contains(liar));
}

TEST_F(Onions, KeepWhatIsUnderWayWhenAPathIsGivenUp) {
  store("hello");
  const std::size_t guard = first_guard();
  bool slow = true;
  for (FakeNode& node : nodes_.nodes)
    node.script = [&](const std::string& method, const json::object&) -> std::optional<Reply> {
      if (method == "store" && std::exchange(slow, false)) directory_.bump();  // the list changes while it is answered
      return std::nullopt;
    };
  const ServiceNode leaving = nodes_.nodes[guard].contact;
  std::erase(directory_.list, leaving);
  EXPECT_FALSE(store("under way").hash.empty());
  EXPECT_FALSE(store("after").hash.empty());
  EXPECT_FALSE(guards().contains(guard));
}

TEST_F(Onions, GiveTheSameReceiptForTheSameEnvelope) {
  const StoreReceipt first = store("hello");
  world_->kill(first_guard());
  const StoreReceipt second = store("hello");
  EXPECT_EQ(first.hash, second.hash);
  EXPECT_TRUE(second.already);
}

TEST_F(Onions, SayWhenThereAreTooFewNodes) {
  directory_.list.resize(3);
  directory_.bump();
  const Error error = error_of(ctx_, storing("hello"));
  EXPECT_EQ(error.code(), Code::unavailable);
  EXPECT_THAT(error.what(), HasSubstr("three service nodes"));
  EXPECT_THAT(error.remedy(), HasSubstr("route"));
}

TEST_F(Onions, WorkWithFourNodes) {
  directory_.list.resize(4);
  nodes_.members = {0, 1, 2, 3};
  directory_.bump();
  for (int i = 0; i < 10; ++i) EXPECT_EQ(store_until_done("message " + std::to_string(i)), 1);
}

TEST_F(Onions, BuildAPathWhenAskedTo) {
  EXPECT_TRUE(transport_->paths().empty());
  ctx_.run(transport_->build_path());
  ASSERT_FALSE(transport_->paths().empty());
  EXPECT_EQ(transport_->paths()[0].answered, 1u);
  EXPECT_EQ(transport_->paths()[0].hops.size(), 3u);
  ctx_.pass(std::chrono::seconds(30));
  EXPECT_EQ(transport_->paths().size(), 2u);
  EXPECT_TRUE(transport_->paths()[1].spare);
}

TEST_F(Onions, EndWhenTheTransportStopsWhilePathsAreTested) {
  store("hello");
  world_->silent = {0, 1, 2, 3, 4, 5, 6, 7, 8};
  ctx_.spawn("a store that will not end well", [](Onions& self) -> Task<> {
    try {
      co_await self.storing("lost");
    } catch (const Error&) {
    }
  }(*this));
  ctx_.pass(std::chrono::seconds(15));
  ctx_.run(transport_->stop());
  transport_ = std::make_unique<SwarmTransport>();
  ctx_.run(transport_->start(ctx_));
}

}  // namespace
}  // namespace argot::swarm::test
