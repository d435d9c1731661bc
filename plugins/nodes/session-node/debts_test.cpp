// What a node owes others, told in whatever order it is noticed, and paid while more comes or the swarms change.
#include "debts.h"

#include "forward.h"
#include "node_world.h"

namespace argot::node {
namespace {

using std::chrono::seconds;
using test::NodeWorld;
using test::Someone;

const Someone alice(1);

/// Node a is only its debts here, with a database of its own; what it owes, it owes to the real node b.
class DebtsTest : public NodeWorld {
 protected:
  DebtsTest() {
    start_together({"a", "b"});
    stop("a");
    lines = line_of_node("a") + line_of_node("b");
    b = *NodeList::parse(lines, "test").find(*from_hex(key_of("b")));
    load();
  }
  ~DebtsTest() override { unload(); }

  /// What of a runs.
  struct Owing {
    Owing(DebtsTest& test, const std::filesystem::path& file)
        : service(std::make_shared<const NodeKeys>(test.keys_of("a")), Facts{}),
          db(std::make_shared<Database>(file, 1 << 26)),
          queue(test.world, db),
          links(test.world, test.handle, service.shared_keys()),
          debts(test.world, service, queue, links, waiters) {
      service.set_network(NodeList::parse(test.lines, "test"));
    }
    Service service;
    std::shared_ptr<Database> db;
    CommitQueue queue;
    Links links;
    Waiters waiters;
    Debts debts;
  };
  void load() {
    a = std::make_unique<Owing>(*this, directory.path() / "owing.db");
    world.run(a->debts.load());
    world.run(a->debts.network_changed());
    world.spawn("handing over", a->debts.run());
  }
  void unload() {
    if (!a) return;
    a->db.reset();
    world.run(a->links.close());
    world.run(a->debts.stop());
    world.run(a->queue.close());
    a.reset();
  }
  void list(const std::string& now) {
    lines = now;
    a->service.set_network(NodeList::parse(lines, "test"));
    world.run(a->debts.network_changed());
  }
  /// Stores something at a alone, in the next row.
  std::shared_ptr<const Call> stored(const std::string& text, const Someone& who = alice) {
    auto call = std::make_shared<const Call>(parse_call("store", who.store(text, now())));
    const auto& store = std::get<Store>(call->params);
    const std::string hash = keys::message_hash(who.account(), 0, store.data);
    a->db->store(who.account(), 0, hash, now(), now() + 86'400'000, store.data);
    return call;
  }
  void missed(std::shared_ptr<const Call> call) { world.spawn("missed", a->debts.missed(b, std::move(call))); }
  std::size_t at(const std::string& node, const Someone& who = alice) {
    return result(node, "retrieve", who.retrieve(now())).at("messages").as_array().size();
  }

  std::string lines;
  ServiceNode b;
  std::unique_ptr<Owing> a;
};

TEST_F(DebtsTest, WhoMissedALaterMessageFirstGetsTheEarlierToo) {
  const auto earlier = stored("earlier"), later = stored("later");
  world.run(a->debts.missed(b, later));
  world.run(a->debts.missed(b, earlier));
  EXPECT_EQ(a->db->debts().at(b.ed25519), 1) << "as a crash would find it";
  world.pass(seconds(10));
  EXPECT_EQ(at("b"), 2u);
}

TEST_F(DebtsTest, WhatIsMissedInOneMomentIsAllOwed) {
  const auto first = stored("first"), second = stored("second"), third = stored("third");
  for (const auto& call : {third, first, second}) missed(call);
  world.pass(seconds(1));
  EXPECT_EQ(a->db->debts().at(b.ed25519), 1);
  world.pass(seconds(10));
  EXPECT_EQ(at("b"), 3u);
}

TEST_F(DebtsTest, WhatIsFoundMissingWhileADebtIsPaidIsPaidToo) {
  const auto early = stored("early"), late = stored("late");
  world.run(a->debts.missed(b, late));
  network.hang.insert("b:22021");
  world.pass(seconds(4));  // the payment is on its way
  world.run(a->debts.missed(b, early));
  network.hang.clear();
  world.pass(seconds(90));
  EXPECT_EQ(at("b"), 2u);
  EXPECT_FALSE(a->debts.owes(b.ed25519));
  EXPECT_TRUE(a->db->debts().empty());
}

TEST_F(DebtsTest, WhatWasMissedLateIsStillOwedAfterACrash) {
  const auto early = stored("early"), late = stored("late");
  stop("b");
  world.run(a->debts.missed(b, late));
  world.pass(seconds(10));
  world.run(a->debts.missed(b, early));
  unload();
  load();
  start("b");
  world.pass(seconds(90));
  EXPECT_EQ(at("b"), 2u);
}

}  // namespace
}  // namespace argot::node
