// The power goes off at every turn of the sender and of the receiver, over both storages: nothing is lost and nothing
// is shown twice.
#include <kernel/messenger/messenger_test.h>

#include <unistd.h>

namespace argot::kernel {
namespace {

using namespace std::chrono_literals;

/// A folder of the test's own, gone afterwards.
class ScratchDir {
 public:
  ScratchDir() {
    std::string name = (std::filesystem::temp_directory_path() / "argot-crash-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  ~ScratchDir() { std::filesystem::remove_all(path_); }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

struct Outcome {
  std::uint64_t turns = 0;  ///< of the victim, while the messages went through
  bool died = false;
};

/// Sends messages in pairs; the victim dies before its turn number `k` counted from the first send (0: never).
Outcome exchange(const std::string& storage, const std::string& victim_name, std::uint64_t k) {
  ScratchDir dir;
  SimWorld sim(7);
  if (std::getenv("ARGOT_TEST_LOG"))
    sim.on_log([](const SimLogLine& l) {
      std::fprintf(stderr, "%8.3f %.*s %.*s: %.*s\n", double(l.at.count()) / 1e6, int(l.host.size()), l.host.data(),
                   int(l.who.size()), l.who.data(), int(l.text.size()), l.text.data());
    });
  Person alice(sim, "alice", storage, storage == "memory" ? "" : dir.path() / "alice");
  Person bob(sim, "bob", storage, storage == "memory" ? "" : dir.path() / "bob");
  for (Person* p : {&alice, &bob}) {
    p->start();
    p->create();
  }
  sim.step_for(1s);
  Person& victim = victim_name == "alice" ? alice : bob;
  const std::uint64_t before = victim.host().turns();
  if (k) victim.host().kill_at_turn(before + k);

  const std::vector<std::string> wanted = {"one", "two", "three", "four", "five", "six"};
  const Duration begin = sim.uptime();
  std::size_t accepted = 0;
  auto send_next = [&] {
    // What send() has returned for is promised; what a dead host was asked is not.
    if (accepted < wanted.size() && alice.host().alive() && sim.uptime() >= begin + accepted / 2 * 5ms) {
      alice.send(bob.id(), wanted[accepted]);
      ++accepted;
    }
  };
  Outcome outcome;
  const std::vector<MessageState> all_sent(wanted.size(), MessageState::sent);
  auto delivered = [&] {
    return accepted == wanted.size() && alice.host().alive() && bob.host().alive() &&
           bob.texts().size() >= wanted.size() && alice.states() == all_sent;
  };
  const Duration end = sim.uptime() + 10min;
  while (sim.uptime() < end) {
    if (!victim.host().alive()) {
      outcome.died = true;
      const AccountId id = victim.id();
      victim.kill();
      victim.start();
      victim.set_id(id);
    }
    if (alice.up() && bob.up() && delivered()) break;
    send_next();
    if (!sim.step_one()) sim.step_for(1ms);
  }
  outcome.turns = victim.host().turns() - before;
  sim.step_for(1min);  // nothing may come twice later either
  EXPECT_EQ(bob.texts(), wanted) << storage << ", " << victim_name << " died before turn " << k;
  EXPECT_EQ(alice.states(), all_sent) << storage << ", " << victim_name << " died before turn " << k;
  return outcome;
}

/// What is done to messages: each call that returns is a promise, too. Alice reacts, edits, takes back and reads.
Outcome deeds(const std::string& storage, const std::string& victim_name, std::uint64_t k) {
  ScratchDir dir;
  SimWorld sim(11);
  Person alice(sim, "alice", storage, storage == "memory" ? "" : dir.path() / "alice");
  Person bob(sim, "bob", storage, storage == "memory" ? "" : dir.path() / "bob");
  for (Person* p : {&alice, &bob}) {
    p->start();
    p->create();
    Privacy open;
    open.read_receipts = true;
    p->messenger()->set_privacy(p->id(), open);
  }
  alice.send(bob.id(), "to be edited");
  alice.send(bob.id(), "to be taken back");
  bob.send(alice.id(), "to be liked and read");
  EXPECT_TRUE(sim.step_until([&] { return alice.messages().size() == 3 && bob.messages().size() == 3; }, 10min));
  sim.step_for(1s);
  auto at = [](Person& p, Message::Kind kind, std::string_view text) {
    for (const Message& m : p.messages())
      if (m.kind == kind && m.text == text) return m;
    return Message();
  };
  const MessageId edited = at(alice, Message::Kind::text, "to be edited").id,
                  gone = at(alice, Message::Kind::text, "to be taken back").id,
                  liked = at(alice, Message::Kind::text, "to be liked and read").id;
  const std::vector<std::function<void(Messenger&)>> all = {
      [&](Messenger& m) { m.react(alice.id(), liked, "🎉", true); },
      [&](Messenger& m) { m.mark_read(alice.id(), liked); },
      [&](Messenger& m) { m.edit(alice.id(), edited, "edited"); }, [&](Messenger& m) { m.unsend(alice.id(), gone); }};
  Person& victim = victim_name == "alice" ? alice : bob;
  const std::uint64_t before = victim.host().turns();
  if (k) victim.host().kill_at_turn(before + k);
  const Duration begin = sim.uptime(), end = begin + 10min;
  std::size_t done = 0;
  auto shown = [&](Person& p) {
    const Message like = at(p, Message::Kind::text, "to be liked and read");
    return p.messages().size() == 3 && at(p, Message::Kind::text, "edited").edited_at > Time{} &&
           at(p, Message::Kind::deleted, "").id != 0 && like.reactions.size() == 1 && like.state == MessageState::read;
  };
  auto arrived = [&] {
    return done == all.size() && alice.host().alive() && bob.host().alive() && shown(alice) && shown(bob) &&
           alice.messenger()->waiting(alice.id()) == 0;
  };
  Outcome outcome;
  while (sim.uptime() < end) {
    if (!victim.host().alive()) {
      outcome.died = true;
      victim.kill();
      victim.start();
    }
    if (arrived()) break;
    if (done < all.size() && alice.host().alive() && sim.uptime() >= begin + done / 2 * 5ms) {
      auto messenger = alice.messenger();
      all[done++](*messenger);
    }
    if (!sim.step_one()) sim.step_for(1ms);
  }
  outcome.turns = victim.host().turns() - before;
  sim.step_for(1min);
  EXPECT_TRUE(arrived()) << storage << ", " << victim_name << " died before turn " << k;
  return outcome;
}

using Scene = Outcome (*)(const std::string&, const std::string&, std::uint64_t);
void die_in(Scene scene, const std::string& storage, const std::string& victim) {
  const Outcome whole = scene(storage, victim, 0);
  ASSERT_GT(whole.turns, 5u);
  std::size_t deaths = 0;
  for (std::uint64_t k = 1; k <= whole.turns && !testing::Test::HasFailure(); ++k)
    deaths += scene(storage, victim, k).died;
  EXPECT_GT(deaths, whole.turns / 2);
}

TEST(Crash, OfTheSenderAtAnyTurnLosesNothingInMemory) { die_in(exchange, "memory", "alice"); }
TEST(Crash, OfTheReceiverAtAnyTurnShowsNothingTwiceInMemory) { die_in(exchange, "memory", "bob"); }
TEST(Crash, OfTheSenderAtAnyTurnLosesNothingInSqlite) { die_in(exchange, "sqlite", "alice"); }
TEST(Crash, OfTheReceiverAtAnyTurnShowsNothingTwiceInSqlite) { die_in(exchange, "sqlite", "bob"); }
TEST(Crash, OfWhoReactsEditsTakesBackAndReadsLosesNothingInMemory) { die_in(deeds, "memory", "alice"); }
TEST(Crash, OfWhoIsToldOfItLosesNothingInMemory) { die_in(deeds, "memory", "bob"); }
TEST(Crash, OfWhoReactsEditsTakesBackAndReadsLosesNothingInSqlite) { die_in(deeds, "sqlite", "alice"); }
TEST(Crash, OfWhoIsToldOfItLosesNothingInSqlite) { die_in(deeds, "sqlite", "bob"); }

}  // namespace
}  // namespace argot::kernel
