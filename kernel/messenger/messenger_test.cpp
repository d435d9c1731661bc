// Two people in one simulated world, over the loopback transport and the memory storage.
#include <kernel/messenger/messenger_test.h>

namespace argot::kernel {
namespace {

using namespace std::chrono_literals;

TEST(Messenger, DeliversATextToTheOtherPerson) {
  TwoPeople world;
  world.bring_up();
  world.alice.send(world.bob.id(), "Hello, Bob");
  ASSERT_TRUE(world.until([&] { return world.bob.texts() == std::vector<std::string>{"Hello, Bob"}; }));
  ASSERT_TRUE(world.until([&] { return world.alice.states() == std::vector<MessageState>{MessageState::sent}; }));
}

TEST(Messenger, KeepsEveryByteOfWhatIsSent) {
  TwoPeople world;
  world.bring_up();
  std::string long_text;
  for (int i = 0; i < 2000; ++i) long_text += "ü";
  for (const std::string& text :
       {std::string("👩‍👩‍👧‍👦 ok"), std::string("שלום عالم"), long_text, std::string("a\nb\tc")}) {
    world.alice.send(world.bob.id(), text);
    ASSERT_TRUE(world.until([&] {
      auto t = world.bob.texts();
      return !t.empty() && t.back() == text;
    })) << text.substr(0, 20);
  }
}

TEST(Messenger, KeepsTheOrderOfAConversation) {
  TwoPeople world;
  world.bring_up();
  std::vector<std::string> sent;
  for (int i = 0; i < 200; ++i) {
    sent.push_back("number " + std::to_string(i));
    world.alice.send(world.bob.id(), sent.back());
  }
  ASSERT_TRUE(world.until([&] { return world.bob.texts().size() == sent.size(); }));
  EXPECT_EQ(world.bob.texts(), sent);
}

TEST(Messenger, RefusesTextsThatNoOtherClientWouldShow) {
  TwoPeople world;
  world.bring_up();
  EXPECT_EQ(world.alice.refusal(world.bob.id(), ""), "The text is empty. Write something.");
  EXPECT_EQ(world.alice.refusal(world.bob.id(), std::string(2001, 'x')),
            "The text has 2001 characters; at most 2000 go into one message. Send it in parts.");
  EXPECT_EQ(world.alice.refusal(world.bob.id(), "\xff\xfe"), "The text is not UTF-8. Send text, or a file.");
  AccountId group(AccountId::group, world.bob.id().key());
  EXPECT_NE(world.alice.refusal(group, "x").find("to people only"), std::string::npos);
  EXPECT_TRUE(world.alice.texts().empty());
}

TEST(Messenger, TwoMessagesNeverHaveTheSameTime) {
  TwoPeople world;
  world.bring_up();
  std::set<Time> times;
  for (int i = 0; i < 50; ++i) world.alice.send(world.bob.id(), "now");
  for (const Message& message : world.alice.messages()) times.insert(message.sent_at);
  EXPECT_EQ(times.size(), 50u);
}

TEST(Messenger, TellsWhereAMessageHasBeen) {
  TwoPeople world;
  world.bring_up();
  const MessageId id = world.alice.send(world.bob.id(), "traced");
  ASSERT_TRUE(world.until([&] { return world.bob.texts().size() == 1; }));
  ASSERT_TRUE(world.until([&] { return world.alice.states().back() == MessageState::sent; }));
  EXPECT_EQ(world.alice.stages(id), (std::vector<std::string>{"queued", "sealed", "stored"}));
  const auto fetched = world.bob.stages(world.bob.messages().front().id);
  EXPECT_EQ(std::set<std::string>(fetched.begin(), fetched.end()),
            (std::set<std::string>{"sent", "stored", "fetched", "shown"}));
}

TEST(Messenger, DropsWhatABlockedPersonSends) {
  TwoPeople world;
  world.bring_up();
  world.bob.messenger()->block(world.bob.id(), world.alice.id(), true);
  world.alice.send(world.bob.id(), "let me in");
  world.sim.step_for(1min);
  EXPECT_TRUE(world.bob.texts().empty());
  world.bob.messenger()->block(world.bob.id(), world.alice.id(), false);
  world.alice.send(world.bob.id(), "thanks");
  ASSERT_TRUE(world.until([&] { return world.bob.texts() == std::vector<std::string>{"thanks"}; }));
}

TEST(Messenger, CountsWhatIsUnreadAndForgetsItWhenRead) {
  TwoPeople world;
  world.bring_up();
  for (int i = 0; i < 5; ++i) world.alice.send(world.bob.id(), std::to_string(i));
  ASSERT_TRUE(world.until([&] { return world.bob.texts().size() == 5; }));
  EXPECT_EQ(world.bob.messenger()->conversations(world.bob.id()).front().unread, 5);
  const auto messages = world.bob.messages();
  world.bob.messenger()->mark_read(world.bob.id(), messages[2].id);
  EXPECT_EQ(world.bob.messenger()->conversations(world.bob.id()).front().unread, 2);
  world.bob.messenger()->mark_read(world.bob.id(), messages[4].id);
  EXPECT_EQ(world.bob.messenger()->conversations(world.bob.id()).front().unread, 0);
}

TEST(Messenger, TheSamePhraseIsTheSameAccount) {
  TwoPeople world;
  world.bring_up();
  const std::string phrase = world.alice.messenger()->recovery_phrase(world.alice.id());
  Person again(world.sim, "alice-elsewhere");
  again.start();
  EXPECT_EQ(again.restore(phrase), world.alice.id());
}

TEST(Messenger, AWrongPassphraseOpensNothing) {
  TwoPeople world;
  world.alice.start();
  const AccountId id = world.alice.create("correct horse");
  world.alice.restart();
  EXPECT_FALSE(world.alice.messenger()->accounts().front().unlocked);
  EXPECT_EQ(world.alice.unlock_failure(id, "wrong horse"), Code::unauthenticated);
  EXPECT_EQ(world.alice.unlock_failure(id, "correct horse"), std::nullopt);
}

TEST(Messenger, SentWhileTheOtherIsAwayArrivesWhenTheyReturn) {
  TwoPeople world;
  world.bring_up();
  world.bob.stop();
  world.alice.send(world.bob.id(), "are you there?");
  ASSERT_TRUE(world.until([&] { return world.alice.states().back() == MessageState::sent; }));
  world.bob.start();
  ASSERT_TRUE(world.until([&] { return world.bob.texts() == std::vector<std::string>{"are you there?"}; }));
}

TEST(Messenger, KeepsTheOrderOfItsMessagesWhenTheClockIsSetBackMeanwhile) {
  TwoPeople world;
  world.alice.host().set_clock_skew(1h);
  world.bring_up();
  world.alice.send(world.bob.id(), "one");
  ASSERT_TRUE(world.until([&] { return world.bob.texts().size() == 1; }));
  world.alice.stop();
  world.alice.host().set_clock_skew(0s);
  world.alice.start();
  world.alice.send(world.bob.id(), "two");
  ASSERT_TRUE(world.until([&] { return world.bob.texts().size() == 2; }));
  EXPECT_EQ(world.bob.texts(), (std::vector<std::string>{"one", "two"}));
  EXPECT_EQ(world.alice.messages().back().text, "two");
}

TEST(Events, SubscribersMayEndThemselvesAndOthersWhileTheyAreTold) {
  TwoPeople world;
  world.bring_up();
  int first = 0, second = 0, third = 0;
  Subscription one, two, three;
  one = world.alice.messenger()->subscribe([&](const Event&) {
    ++first;
    one = {};
    two = {};
  });
  two = world.alice.messenger()->subscribe([&](const Event&) { ++second; });
  three = world.alice.messenger()->subscribe([&](const Event&) { ++third; });
  world.alice.send(world.bob.id(), "hello");
  ASSERT_TRUE(world.until([&] { return !world.bob.texts().empty(); }));
  EXPECT_EQ(first, 1);
  EXPECT_EQ(second, 0);
  EXPECT_GT(third, 1);
}

TEST(Outbox, WaitsLongerAfterEachFailureUpToFiveMinutes) {
  EXPECT_EQ(Outbox::backoff(1, 0), 1s);
  EXPECT_EQ(Outbox::backoff(2, 0), 2s);
  EXPECT_EQ(Outbox::backoff(5, 0), 16s);
  for (int attempts = 6; attempts <= Outbox::patience; ++attempts) EXPECT_EQ(Outbox::backoff(attempts, 0), 30s);
  EXPECT_EQ(Outbox::backoff(Outbox::patience + 1, 0), 1min);
  EXPECT_EQ(Outbox::backoff(Outbox::patience + 2, 0), 2min);
  EXPECT_EQ(Outbox::backoff(100, 0), 5min);
  EXPECT_LE(Outbox::backoff(100, 0.999), 5min + 75s);
}

TEST(CodePoints, CountsCharactersAndRefusesWhatIsNotUtf8) {
  EXPECT_EQ(code_points(""), 0u);
  EXPECT_EQ(code_points("aü€😀"), 4u);
  for (const char* bad :
       {"\x80", "\xc0\x80", "\xe0\x80\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80", "\xe2\x82"})
    EXPECT_EQ(code_points(bad), std::nullopt);
}

TEST(Trace, SurvivesDamage) {
  Bytes trace;
  append_step(trace, "queued", from_ms(1000), "");
  append_step(trace, "stored", from_ms(3000), "node 1");
  append_step(trace, "sealed", from_ms(2000), std::string(1000, 'x'));
  auto steps = read_trace(trace);
  ASSERT_EQ(steps.size(), 3u);
  EXPECT_EQ(steps[1].stage, "sealed");
  EXPECT_EQ(steps[1].detail.size(), 300u);
  for (std::size_t cut = 0; cut < trace.size(); ++cut) EXPECT_LE(read_trace(ByteView(trace).first(cut)).size(), 3u);
  for (int i = 0; i < 1000; ++i) append_step(trace, "more", from_ms(4000), "detail");
  EXPECT_LE(trace.size(), 8 * 1024u);
}

}  // namespace
}  // namespace argot::kernel
