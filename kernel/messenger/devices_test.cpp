// One phrase on two machines: what is done on one is seen on the other.
#include <kernel/messenger/disorder_test.h>

namespace argot::kernel {
namespace {

using namespace std::chrono_literals;

struct Devices : Talk {
  explicit Devices(std::uint64_t seed = 1) : Talk(seed) { restore(); }
  Devices(std::uint64_t seed, std::map<Person*, Held>& held)
      : Talk(seed, "disorder", [&held](Person& p, Kernel& kernel) { add_disorder(kernel, held[&p]); }) {
    laptop.transport = "disorder";
    laptop.prepare = [&held, this](Kernel& kernel) { add_disorder(kernel, held[&laptop]); };
    restore();
  }
  void restore() {
    laptop.start();
    laptop.restore(alice.messenger()->recovery_phrase(alice.id()));
  }
  std::size_t waiting() {
    std::size_t out = 0;
    for (Person* p : {&alice, &laptop, &bob}) out += p->messenger()->waiting(p->id());
    return out;
  }
  Conversation with_bob() {
    const auto all = laptop.messenger()->conversations(laptop.id());
    return all.empty() ? Conversation() : all.front();
  }

  Person laptop{sim, "laptop"};
};

TEST(Devices, SeeWhatTheOtherOneWrites) {
  Devices d;
  d.alice.send(d.bob.id(), "from the phone");
  ASSERT_TRUE(d.until([&] { return d.last(d.laptop).text == "from the phone"; }));
  const Message copy = d.last(d.laptop);
  EXPECT_EQ(copy.direction, Direction::outgoing);
  EXPECT_EQ(copy.state, MessageState::sent);
  EXPECT_EQ(copy.conversation, d.bob.id());
  EXPECT_EQ(copy.sent_at, d.last(d.alice).sent_at);
  EXPECT_TRUE(d.with_bob().approved);
  EXPECT_EQ(d.with_bob().unread, 0);
  d.sim.step_for(1min);
  EXPECT_EQ(d.alice.messages().size(), 1u);  // its own copy is nothing new to the phone
  EXPECT_EQ(d.waiting(), 0u);
}

TEST(Devices, EditReactAndTakeBackForEachOther) {
  Devices d;
  d.alice.send(d.bob.id(), "one");
  d.sim.step_for(10ms);
  d.alice.send(d.bob.id(), "two");
  d.sim.step_for(10ms);
  d.bob.send(d.alice.id(), "three");
  ASSERT_TRUE(d.until([&] { return d.laptop.messages().size() == 3 && d.waiting() == 0; }));
  const auto here = d.laptop.messages();
  auto m = d.laptop.messenger();
  for (const Message& message : here) {
    if (message.text == "one") m->edit(d.laptop.id(), message.id, "one, better");
    if (message.text == "two") m->unsend(d.laptop.id(), message.id);
    if (message.text == "three") m->react(d.laptop.id(), message.id, "👍");
    d.sim.step_for(10ms);
  }
  ASSERT_TRUE(d.until([&] { return d.waiting() == 0 && d.shown(d.alice) == d.shown(d.laptop) && d.alike().empty(); }));
  EXPECT_NE(d.shown(d.alice).find("one, better edited"), std::string::npos);
  EXPECT_EQ(d.shown(d.alice).find("two"), std::string::npos);
  EXPECT_NE(d.shown(d.alice).find("👍"), std::string::npos);
}

TEST(Devices, AgreeOnWhatIsTakenBackAtAnyMomentOfTheSending) {
  for (int turns = 0; turns < 40; ++turns) {
    Devices d;
    const MessageId id = d.alice.send(d.bob.id(), "taken back");
    for (int i = 0; i < turns; ++i) d.sim.step_one();
    d.alice.messenger()->unsend(d.alice.id(), id);
    // A device that had not fetched it when the node's copy was removed shows no mark either.
    EXPECT_TRUE(d.until(
        [&] {
          return d.waiting() == 0 && d.alike().empty() && d.shown(d.laptop).find("taken back") == std::string::npos;
        },
        1min))
        << "after " << turns << " turns\n"
        << d.shown(d.alice) << "laptop\n"
        << d.shown(d.laptop);
  }
}

TEST(Devices, AgreeOnWhatDisappears) {
  Devices d;
  d.alice.messenger()->set_disappearing(d.alice.id(), d.bob.id(), Talk::timer(Content::Expiry::after_send, 60));
  ASSERT_TRUE(d.until([&] { return d.with_bob().timer.seconds == 60; }));
  d.alice.send(d.bob.id(), "soon gone");
  ASSERT_TRUE(d.until([&] { return d.last(d.laptop).text == "soon gone"; }));
  d.sim.step_for(70s);
  EXPECT_EQ(d.laptop.messages().size(), 1u);
}

TEST(Devices, KeepWhatIsWrittenToOneself) {
  Devices d;
  d.alice.send(d.alice.id(), "milk");
  ASSERT_TRUE(d.until([&] { return d.last(d.laptop).text == "milk"; }));
  EXPECT_EQ(d.last(d.laptop).conversation, d.alice.id());
  d.sim.step_for(1min);
  EXPECT_EQ(d.laptop.messages().size(), 1u);
  EXPECT_EQ(d.alice.messages().size(), 1u);
}

TEST(Devices, ThatStartLaterFetchWhatWasWrittenBefore) {
  Talk t;
  t.alice.send(t.bob.id(), "before");
  t.bob.send(t.alice.id(), "an answer");
  t.sim.step_for(1min);
  Person tablet(t.sim, "tablet");
  tablet.start();
  tablet.restore(t.alice.messenger()->recovery_phrase(t.alice.id()));
  ASSERT_TRUE(t.until([&] { return t.shown(tablet) == t.shown(t.alice); }));
  EXPECT_EQ(tablet.messages().size(), 2u);
}

/// What a machine sees that has never seen anything.
std::vector<std::string> seen_by_a_new_device(Talk& t, Person& owner) {
  Person tablet(t.sim, "new-tablet");
  tablet.start();
  tablet.restore(owner.messenger()->recovery_phrase(owner.id()));
  t.sim.step_for(30s);
  std::vector<std::string> out;
  for (const Message& m : tablet.messages())
    if (m.kind == Message::Kind::text) out.push_back(m.text);
  return out;
}

TEST(Mailbox, KeepsNothingOfWhatWasTakenBack) {
  Talk t;
  t.bob_gets("stays");
  t.bob_gets("taken back");
  t.sim.step_for(10s);
  t.alice.messenger()->unsend(t.alice.id(), t.last(t.alice).id);
  ASSERT_TRUE(t.until([&] { return t.last(t.bob).kind == Message::Kind::deleted; }));
  t.sim.step_for(10s);
  EXPECT_EQ(seen_by_a_new_device(t, t.bob), std::vector<std::string>{"stays"});
}

TEST(Mailbox, OfTheAuthorForgetsItsCopyToo) {
  Talk t;
  t.bob_gets("stays");
  t.bob_gets("taken back");
  t.sim.step_for(10s);
  t.alice.messenger()->unsend(t.alice.id(), t.last(t.alice).id);
  t.sim.step_for(10s);
  EXPECT_EQ(seen_by_a_new_device(t, t.alice), std::vector<std::string>{"stays"});
}

TEST(Mailbox, LetsWhatWasReadDisappearForDevicesThatComeLater) {
  Talk t;
  t.alice.messenger()->set_disappearing(t.alice.id(), t.bob.id(), Talk::timer(Content::Expiry::after_read, 3600));
  t.bob_gets("read");
  t.sim.step_for(10s);
  t.bob.messenger()->mark_read(t.bob.id(), t.last(t.bob).id);
  t.bob_gets("unread");
  t.sim.step_for(10s);
  Person tablet(t.sim, "tablet");
  tablet.start();
  tablet.restore(t.bob.messenger()->recovery_phrase(t.bob.id()));
  ASSERT_TRUE(t.until([&] { return tablet.messages().size() == 3; }));
  t.sim.step_for(61min);
  EXPECT_EQ(tablet.texts(), (std::vector<std::string>{"", "unread"}));  // the change of the timer is a row without text
  EXPECT_EQ(seen_by_a_new_device(t, t.bob), std::vector<std::string>{"unread"});
}

void devices_converge(std::uint64_t seed) {
  std::map<Person*, Held> held;
  Devices d(seed, held);
  std::mt19937 random{static_cast<std::uint32_t>(seed)};
  for (Person* p : {&d.alice, &d.laptop, &d.bob}) held[p].random.seed(random());
  for (int i = 0; i < 60; ++i) {
    Person* const who[] = {&d.alice, &d.laptop, &d.bob};
    Person& self = *who[random() % 3];
    act(self, &self == &d.bob ? d.alice : d.bob, random);
    // Two devices of one account that write in the same millisecond make two messages of one name: envelope.md 10.
    d.sim.step_for(Duration(std::int64_t(random() % 3 ? 5'000 + random() % 50'000 : random() % 3'000'000 + 5'000)));
    if (random() % 25 == 0) who[random() % 3]->restart();
  }
  auto same = [&] { return d.shown(d.alice) == d.shown(d.laptop) && d.alike().empty(); };
  EXPECT_TRUE(d.until([&] {
    bool held_back = false;
    for (const auto& [person, what] : held) held_back = held_back || !what.deliveries.empty();
    return !held_back && d.waiting() == 0 && same();
  })) << "seed "
      << seed << ", " << d.waiting() << " wait\nphone\n"
      << d.shown(d.alice) << "laptop\n"
      << d.shown(d.laptop) << "bob\n"
      << d.shown(d.bob);
  d.sim.step_for(2min);
  EXPECT_TRUE(same()) << "seed " << seed;
}

TEST(Devices, OfOnePhraseConvergeWhateverTheOrderOfArrival) {
  for (std::uint64_t seed = 1; seed <= 60 && !testing::Test::HasFailure(); ++seed) devices_converge(seed);
}

}  // namespace
}  // namespace argot::kernel
