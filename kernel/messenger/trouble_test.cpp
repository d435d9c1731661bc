// The store refuses to commit, and the account is locked, at every single moment of an exchange: nothing is lost and
// nothing comes twice.
#include <kernel/host/library.h>
#include <kernel/messenger/messenger_test.h>

namespace argot::kernel {
namespace {

using namespace std::chrono_literals;

/// What a test does to the disk under a store.
struct Disk {
  std::size_t commits = 0;        ///< asked for so far
  std::set<std::size_t> refused;  ///< which of them find the disk full, counted from 1
  bool full = false;              ///< all of them do

  void commit() {
    if (refused.contains(++commits) || full)
      throw Error(Code::resource_exhausted, "The disk is full.", "Free some space and try again.");
  }
};

class LimitedTransaction final : public Transaction {
 public:
  LimitedTransaction(std::unique_ptr<Transaction> inner, Disk& disk) : tx_(std::move(inner)), disk_(disk) {}
  std::optional<MessageId> insert(const StoredMessage& m) override { return tx_->insert(m); }
  void update(const StoredMessage& m) override { tx_->update(m); }
  std::optional<StoredMessage> message(MessageId id) override { return tx_->message(id); }
  std::optional<StoredMessage> message(std::string_view author, std::int64_t at) override {
    return tx_->message(author, at);
  }
  std::vector<MessageId> expired(std::int64_t now, std::size_t limit) override { return tx_->expired(now, limit); }
  std::optional<std::int64_t> next_expiry_ms() override { return tx_->next_expiry_ms(); }
  std::vector<StoredMessage> messages(const MessageQuery& q) override { return tx_->messages(q); }
  void erase_message(MessageId id) override { tx_->erase_message(id); }
  void put(const StoredConversation& c) override { tx_->put(c); }
  std::optional<StoredConversation> conversation(std::string_view id) override { return tx_->conversation(id); }
  std::vector<StoredConversation> conversations() override { return tx_->conversations(); }
  void put(const OutboxEntry& entry) override { tx_->put(entry); }
  void erase_outbox(MessageId id) override { tx_->erase_outbox(id); }
  std::vector<OutboxEntry> due(std::int64_t now, std::size_t limit) override { return tx_->due(now, limit); }
  std::optional<std::int64_t> next_due_ms() override { return tx_->next_due_ms(); }
  bool see(std::string_view hash, std::int64_t expires) override { return tx_->see(hash, expires); }
  void forget_seen(std::int64_t before) override { tx_->forget_seen(before); }
  std::optional<Bytes> get(std::string_view owner, std::string_view key) override { return tx_->get(owner, key); }
  void put(std::string_view owner, std::string_view key, ByteView value) override { tx_->put(owner, key, value); }
  void erase(std::string_view owner, std::string_view key) override { tx_->erase(owner, key); }
  std::vector<std::pair<std::string, Bytes>> scan(std::string_view owner, std::string_view prefix) override {
    return tx_->scan(owner, prefix);
  }
  void clear() override { tx_->clear(); }
  void commit() override {
    disk_.commit();
    tx_->commit();
  }

 private:
  std::unique_ptr<Transaction> tx_;
  Disk& disk_;
};

class LimitedStore final : public Store {
 public:
  LimitedStore(std::unique_ptr<Store> inner, Disk& disk) : store_(std::move(inner)), disk_(disk) {}
  std::unique_ptr<Transaction> begin() override { return std::make_unique<LimitedTransaction>(store_->begin(), disk_); }
  std::vector<std::string> owners() override { return store_->owners(); }
  std::vector<OutboxEntry> outbox() override { return store_->outbox(); }
  std::vector<std::pair<std::string, std::int64_t>> seen() override { return store_->seen(); }

 private:
  std::unique_ptr<Store> store_;
  Disk& disk_;
};

/// storage/memory on a disk of the test's.
class LimitedStorage final : public PluginOf<Storage> {
 public:
  explicit LimitedStorage(Disk& disk) : disk_(disk) {
    const CatalogEntry& entry = built_plugins()->find("storage", "memory");
    plugin_ = Library::load(entry.file, entry.info)->create();
    inner_ = static_cast<Storage*>(plugin_->interface(Storage::interface_id));
  }
  Task<> start(Context& ctx) override { return plugin_->start(ctx); }
  Task<> stop() override { return plugin_->stop(); }
  Task<std::unique_ptr<Store>> open(OpenStore request) override {
    std::unique_ptr<Store> store = co_await inner_->open(std::move(request));
    std::unique_ptr<Store> limited = std::make_unique<LimitedStore>(std::move(store), disk_);
    co_return limited;
  }
  bool exists(const std::filesystem::path& path) override { return inner_->exists(path); }

 private:
  Disk& disk_;
  PluginPtr plugin_;
  Storage* inner_ = nullptr;
};

/// Two people, of whom `victim` keeps everything on a disk that a test can fill.
struct Exchange : TwoPeople {
  explicit Exchange(const std::string& victim_name) : victim(victim_name == "alice" ? alice : bob) {
    victim = Person(sim, victim_name, "limited");
    victim.prepare = [this](Kernel& kernel) {
      kernel.host().add_builtin(Descriptor{.name = "limited",
                                           .version = "1.0.0",
                                           .summary = "Runs full",
                                           .kind = "storage",
                                           .provides = "storage/1"},
                                [this](Host&) { return std::make_unique<LimitedStorage>(disk); });
    };
    bring_up();
    sim.step_for(1s);
    disk.commits = 0;
  }
  /// Six messages; one that could not be accepted is tried again, as a person would. `between` runs before every turn.
  void run(const std::function<void()>& between = [] {}) {
    std::size_t accepted = 0;
    const Duration begin = sim.uptime(), end = begin + 10min;
    auto delivered = [&] {
      return accepted == wanted.size() && bob.texts().size() >= wanted.size() &&
             alice.states() == std::vector<MessageState>(wanted.size(), MessageState::sent);
    };
    while (sim.uptime() < end) {
      between();
      try {
        if (accepted < wanted.size() && sim.uptime() >= begin + accepted / 2 * 5ms) {
          alice.send(bob.id(), wanted[accepted]);
          ++accepted;
        }
        if (delivered()) break;
      } catch (const Error& error) {
        // The disk is full, or the account is locked: said, and nothing done.
        EXPECT_TRUE(error.code() == Code::resource_exhausted || error.code() == Code::not_found) << error.sentence();
      }
      if (!sim.step_one()) sim.step_for(1ms);
    }
  }
  void check(const std::string& when) {
    sim.step_for(1min);  // nothing may come twice later either
    EXPECT_EQ(bob.texts(), wanted) << when;
    EXPECT_EQ(alice.states(), std::vector<MessageState>(wanted.size(), MessageState::sent)) << when;
  }

  const std::vector<std::string> wanted = {"one", "two", "three", "four", "five", "six"};
  Disk disk;
  Person& victim;
};

void full_at_every_commit(const std::string& victim) {
  std::size_t commits = 0;
  {
    Exchange whole(victim);
    whole.run();
    whole.check("with room");
    commits = whole.disk.commits;
  }
  ASSERT_GE(commits, 2u);
  for (std::size_t k = 1; k <= commits && !testing::Test::HasFailure(); ++k) {
    Exchange exchange(victim);
    exchange.disk.refused = {k, k + 1};
    exchange.run();
    exchange.check("disk of " + victim + " full at commit " + std::to_string(k));
  }
}

TEST(Trouble, ADiskThatIsFullAtAnyCommitOfTheSenderLosesNothing) { full_at_every_commit("alice"); }
TEST(Trouble, ADiskThatIsFullAtAnyCommitOfTheReceiverShowsNothingTwice) { full_at_every_commit("bob"); }

TEST(Trouble, WhatAFullDiskRefusedIsNotCountedAsWaiting) {
  Exchange e("alice");
  e.disk.full = true;
  for (int i = 0; i < 3; ++i) EXPECT_NE(e.alice.refusal(e.bob.id(), "no room"), "accepted");
  EXPECT_THROW(e.alice.messenger()->set_disappearing(e.alice.id(), e.bob.id(), {}), Error);
  EXPECT_EQ(e.alice.messenger()->waiting(e.alice.id()), 0u);
  e.disk.full = false;
  e.run();
  e.check("after a full disk");
  EXPECT_EQ(e.alice.messenger()->waiting(e.alice.id()), 0u);
}

TEST(Trouble, ADiskThatIsFullForAnHourOnlyDelays) {
  for (const char* victim : {"alice", "bob"}) {
    Exchange exchange(victim);
    exchange.alice.send(exchange.bob.id(), "one");
    exchange.disk.full = true;
    exchange.sim.step_for(1h);
    EXPECT_LE(exchange.disk.commits, 2000u) << "it tries again, but not without pause";
    exchange.disk.full = false;
    EXPECT_TRUE(exchange.until([&] { return exchange.bob.texts() == std::vector<std::string>{"one"}; }, 30min))
        << victim;
    EXPECT_TRUE(exchange.until([&] { return exchange.alice.states().back() == MessageState::sent; }, 30min)) << victim;
    exchange.sim.step_for(10min);
    EXPECT_EQ(exchange.bob.texts(), std::vector<std::string>{"one"});
  }
}

/// Locks the victim's account before turn `k` of the world, and unlocks it a moment later.
void locked_at_every_turn(const std::string& victim) {
  std::size_t turns = 0;
  {
    Exchange whole(victim);
    whole.run([&] { ++turns; });
    whole.check("never locked");
  }
  for (std::size_t k = 1; k <= turns && !testing::Test::HasFailure(); ++k) {
    Exchange exchange(victim);
    std::size_t turn = 0;
    exchange.run([&] {
      if (++turn != k) return;
      Person& p = exchange.victim;
      auto messenger = p.messenger();
      exchange.sim.run(p.host(), messenger->lock(p.id()));
      EXPECT_THROW(p.messages(), Error);
      exchange.sim.step_for(3s);
      exchange.sim.run(p.host(), messenger->unlock(p.id(), {}));
    });
    exchange.check(victim + " locked before turn " + std::to_string(k));
  }
}

TEST(Trouble, LockingTheSendersAccountAtAnyTurnLosesNothing) { locked_at_every_turn("alice"); }
TEST(Trouble, LockingTheReceiversAccountAtAnyTurnShowsNothingTwice) { locked_at_every_turn("bob"); }

TEST(Trouble, AnAccountIsLockedAndUnlockedAtOnceManyTimes) {
  Exchange exchange("bob");
  Person& bob = exchange.bob;
  auto messenger = bob.messenger();
  for (int i = 0; i < 50; ++i) {
    exchange.sim.run(bob.host(), messenger->lock(bob.id()));
    exchange.sim.run(bob.host(), messenger->unlock(bob.id(), {}));
  }
  exchange.run();
  exchange.check("after it was locked often");
}

}  // namespace
}  // namespace argot::kernel
