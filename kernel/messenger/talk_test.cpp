// What people do to messages and conversations, through two kernels over the loopback transport.
#include <kernel/messenger/talk_test.h>

namespace argot::kernel {
namespace {

using namespace std::chrono_literals;

TEST(Reply, ShowsWhatItAnswers) {
  Talk t;
  const MessageId question = t.bob_gets("Coffee?");
  t.bob.messenger()->send(t.bob.id(), t.alice.id(), Draft("Yes", question));
  ASSERT_TRUE(t.until([&] { return t.last(t.alice).text == "Yes"; }));
  const Message reply = t.last(t.alice);
  ASSERT_TRUE(reply.quote);
  EXPECT_EQ(reply.quote->text, "Coffee?");
  EXPECT_EQ(reply.quote->author, t.alice.id());
}

TEST(Reply, ToAMessageThatIsGoneStillShowsItsText) {
  Talk t;
  const MessageId question = t.bob_gets("Coffee?");
  t.alice.messenger()->erase(t.alice.id(), t.last(t.alice).id);
  t.bob.messenger()->send(t.bob.id(), t.alice.id(), Draft("Yes", question));
  ASSERT_TRUE(t.until([&] { return !t.alice.texts().empty(); }));
  EXPECT_EQ(t.last(t.alice).quote->text, "Coffee?");
}

TEST(Reaction, IsSeenByBothAndCanBeTakenAway) {
  Talk t;
  const MessageId id = t.bob_gets("Done!");
  t.bob.messenger()->react(t.bob.id(), id, "🎉", true);
  t.bob.messenger()->react(t.bob.id(), id, "👍", true);
  ASSERT_TRUE(t.until([&] { return t.last(t.alice).reactions.size() == 2; }));
  EXPECT_EQ(t.last(t.alice).reactions[0].emoji, "🎉");
  EXPECT_EQ(t.last(t.alice).reactions[0].author, t.bob.id());
  t.bob.messenger()->react(t.bob.id(), id, "🎉", false);
  ASSERT_TRUE(t.until([&] { return t.last(t.alice).reactions.size() == 1; }));
  EXPECT_EQ(t.alike(), "");
}

TEST(Edit, ReplacesTheTextOnBothSides) {
  Talk t;
  t.bob_gets("teh cat");
  t.alice.messenger()->edit(t.alice.id(), t.last(t.alice).id, "the cat");
  EXPECT_EQ(t.last(t.alice).text, "the cat");
  ASSERT_TRUE(t.until([&] { return t.last(t.bob).text == "the cat"; }));
  EXPECT_EQ(t.bob.messages().size(), 1u);
  EXPECT_GT(t.last(t.bob).edited_at, t.last(t.bob).sent_at);
}

TEST(Edit, OfSomebodyElsesMessageIsRefused) {
  Talk t;
  const MessageId id = t.bob_gets("mine");
  EXPECT_THROW(t.bob.messenger()->edit(t.bob.id(), id, "yours"), Error);
  EXPECT_THROW(t.bob.messenger()->unsend(t.bob.id(), id), Error);
  EXPECT_EQ(t.last(t.bob).text, "mine");
}

TEST(Unsend, LeavesAMarkOnBothSides) {
  Talk t;
  t.bob_gets("secret");
  t.alice.messenger()->unsend(t.alice.id(), t.last(t.alice).id);
  ASSERT_TRUE(t.until([&] { return t.last(t.bob).kind == Message::Kind::deleted; }));
  EXPECT_EQ(t.last(t.bob).text, "");
  EXPECT_EQ(t.bob.messenger()->conversations(t.bob.id()).front().unread, 0);
  HistoryQuery search;
  search.match = "secret";
  EXPECT_TRUE(t.bob.messenger()->history(t.bob.id(), search).empty());
}

TEST(Unsend, BeforeItWasSentSendsNothing) {
  Talk t;
  t.bob.stop();
  const MessageId id = t.alice.send(t.bob.id(), "never mind");
  t.alice.messenger()->unsend(t.alice.id(), id);
  t.bob.start();
  t.alice.send(t.bob.id(), "hello");
  ASSERT_TRUE(t.until([&] { return t.bob.texts() == std::vector<std::string>{"hello"}; }));
}

TEST(Unsend, OfAChangeOfTheTimerIsRefusedEvenBeforeItWasSent) {
  Talk t;
  auto m = t.alice.messenger();
  m->set_disappearing(t.alice.id(), t.bob.id(), Talk::timer(Content::Expiry::after_send, 60));
  EXPECT_THROW(m->unsend(t.alice.id(), Talk::last(t.alice).id), Error);
  EXPECT_TRUE(t.until([&] { return t.alike().empty() && t.alice.messenger()->waiting(t.alice.id()) == 0; }));
  EXPECT_EQ(t.bob.messenger()->conversations(t.bob.id()).at(0).timer.seconds, 60u);
}

TEST(Erase, IsForOneselfOnly) {
  Talk t;
  const MessageId id = t.bob_gets("keep or not");
  t.bob.messenger()->erase(t.bob.id(), id);
  t.sim.step_for(1min);
  EXPECT_TRUE(t.bob.messages().empty());
  EXPECT_EQ(t.last(t.alice).text, "keep or not");
}

TEST(Erase, AtAnyMomentOfTheSendingLeavesTheOthersCounted) {
  for (int turns = 0; turns < 40; ++turns) {
    Talk t;
    const MessageId first = t.alice.send(t.bob.id(), "deleted on the way");
    for (int i = 0; i < turns; ++i) t.sim.step_one();
    const MessageId second = t.alice.send(t.bob.id(), "and another one");
    t.alice.messenger()->erase(t.alice.id(), first);
    ASSERT_TRUE(t.until([&] {
      const bool waits = t.alice.messenger()->find(t.alice.id(), second)->state == MessageState::queued;
      if (waits) EXPECT_GT(t.alice.messenger()->waiting(t.alice.id()), 0u) << "after " << turns << " turns";
      return !waits;
    }));
    EXPECT_TRUE(t.until([&] { return t.alice.messenger()->waiting(t.alice.id()) == 0; }));
  }
}

TEST(Edit, IsKeptEvenIfTheClockWasSetBackSinceTheLastOne) {
  Talk t;
  t.alice.host().set_clock_skew(48h);
  t.bob_gets("one");
  const MessageId id = t.last(t.alice).id;
  t.alice.messenger()->edit(t.alice.id(), id, "two");
  t.sim.step_for(1min);
  t.alice.host().set_clock_skew(0s);
  t.alice.restart();
  t.alice.messenger()->edit(t.alice.id(), id, "three");
  EXPECT_EQ(t.last(t.alice).text, "three");
  ASSERT_TRUE(t.until([&] { return t.last(t.bob).text == "three"; }));
}

TEST(Receipt, IsSentWhenBothWantIt) {
  Talk t;
  for (Person* p : {&t.alice, &t.bob}) {
    Privacy open;
    open.read_receipts = true;
    p->messenger()->set_privacy(p->id(), open);
  }
  const MessageId id = t.bob_gets("read me");
  t.bob.messenger()->accept(t.bob.id(), t.alice.id());
  t.bob.messenger()->mark_read(t.bob.id(), id);
  ASSERT_TRUE(t.until([&] { return t.last(t.alice).state == MessageState::read; }));
}

TEST(Receipt, IsNotSentUnlessAskedFor) {
  Talk t;
  const MessageId id = t.bob_gets("read me");
  t.bob.messenger()->accept(t.bob.id(), t.alice.id());
  t.bob.messenger()->mark_read(t.bob.id(), id);
  t.sim.step_for(1min);
  EXPECT_EQ(t.last(t.alice).state, MessageState::sent);
}

TEST(Typing, IsToldAndLeavesNothingBehind) {
  Talk t;
  for (Person* p : {&t.alice, &t.bob}) {
    Privacy open;
    open.typing = true;
    p->messenger()->set_privacy(p->id(), open);
  }
  t.bob_gets("hi");
  t.bob.messenger()->accept(t.bob.id(), t.alice.id());
  Time until{};
  int told = 0;
  auto listening = t.bob.messenger()->subscribe([&](const Event& e) {
    if (e.kind != Event::Kind::typing) return;
    ++told;
    until = e.typing_until;
  });
  t.alice.messenger()->set_typing(t.alice.id(), t.bob.id(), true);
  ASSERT_TRUE(t.until([&] { return told == 1; }));
  EXPECT_GT(until, Time{});
  EXPECT_EQ(t.bob.messages().size(), 1u);
}

TEST(Disappearing, AfterSendingGoesOnBothSides) {
  Talk t;
  t.alice.messenger()->set_disappearing(t.alice.id(), t.bob.id(), Talk::timer(Content::Expiry::after_send, 60));
  t.alice.send(t.bob.id(), "soon gone");
  ASSERT_TRUE(t.until([&] { return t.bob.texts().size() == 2; }));  // the change is a row, too
  EXPECT_EQ(t.bob.messenger()->conversations(t.bob.id()).front().timer.seconds, 60u);
  t.sim.step_for(70s);
  for (Person* p : {&t.alice, &t.bob}) {
    ASSERT_EQ(p->messages().size(), 1u);
    EXPECT_EQ(p->messages()[0].kind, Message::Kind::timer_changed);
  }
}

TEST(Disappearing, AfterReadingStartsWhenItIsRead) {
  Talk t;
  t.alice.messenger()->set_disappearing(t.alice.id(), t.bob.id(), Talk::timer(Content::Expiry::after_read, 60));
  t.alice.send(t.bob.id(), "read, then gone");
  ASSERT_TRUE(t.until([&] { return t.last(t.bob).text == "read, then gone"; }));
  t.sim.step_for(10min);
  EXPECT_EQ(t.last(t.bob).text, "read, then gone");
  t.bob.messenger()->mark_read(t.bob.id(), t.last(t.bob).id);
  t.sim.step_for(30s);
  EXPECT_EQ(t.last(t.bob).text, "read, then gone");
  t.sim.step_for(31s);
  EXPECT_EQ(t.bob.messages().size(), 1u);
}

TEST(Disappearing, GoesWhileTheKernelIsAwayAndIsNotShownAgain) {
  Talk t;
  t.alice.messenger()->set_disappearing(t.alice.id(), t.bob.id(), Talk::timer(Content::Expiry::after_read, 60));
  t.alice.send(t.bob.id(), "gone");
  ASSERT_TRUE(t.until([&] { return t.last(t.bob).text == "gone"; }));
  t.bob.messenger()->mark_read(t.bob.id(), t.last(t.bob).id);
  t.bob.stop();
  t.sim.step_for(5min);
  t.bob.start();
  t.sim.step_for(1s);
  EXPECT_EQ(t.bob.messages().size(), 1u);
}

Conversation of(Person& p) {
  const auto all = p.messenger()->conversations(p.id());
  return all.empty() ? Conversation() : all.front();
}

TEST(ProfileName, GoesWithWhatOneWritesAndChanges) {
  Talk t;
  t.alice.messenger()->set_profile_name(t.alice.id(), "Alice");
  t.bob_gets("plain");
  EXPECT_EQ(of(t.bob).profile_name, "Alice");
  t.sim.step_for(2s);
  t.alice.messenger()->set_profile_name(t.alice.id(), "Alice B.");
  EXPECT_EQ(t.alice.messenger()->profile_name(t.alice.id()), "Alice B.");
  t.alice.messenger()->react(t.alice.id(), t.last(t.alice).id, "👍");
  ASSERT_TRUE(t.until([&] { return of(t.bob).profile_name == "Alice B."; }));
  t.bob.messenger()->set_profile_name(t.bob.id(), "Bob");
  t.bob.messenger()->accept(t.bob.id(), t.alice.id());
  ASSERT_TRUE(t.until([&] { return of(t.alice).profile_name == "Bob"; }));
  EXPECT_THROW(t.alice.messenger()->set_profile_name(t.alice.id(), "two\nlines"), Error);
  EXPECT_THROW(t.alice.messenger()->set_profile_name(t.alice.id(), std::string(101, 'x')), Error);
}

TEST(Keeping, LastsAndPinnedComesFirst) {
  Talk t;
  t.bob_gets("hello");
  Keeping keeping;
  keeping.pinned = keeping.muted = keeping.verified = true;
  t.bob.messenger()->set_keeping(t.bob.id(), t.alice.id(), keeping);
  t.bob.send(t.bob.id(), "a later note to myself");
  EXPECT_EQ(of(t.bob).peer, t.alice.id());
  t.bob.restart();
  EXPECT_EQ(of(t.bob).keeping, keeping);
  EXPECT_EQ(of(t.alice).keeping, Keeping());
}

TEST(Keeping, AnArchivedConversationReturnsWithSomethingNewUnlessItIsMuted) {
  Talk t;
  t.bob_gets("one");
  Keeping keeping;
  keeping.archived = true;
  t.bob.messenger()->set_keeping(t.bob.id(), t.alice.id(), keeping);
  t.bob_gets("two");
  EXPECT_FALSE(of(t.bob).keeping.archived);
  keeping.muted = true;
  t.bob.messenger()->set_keeping(t.bob.id(), t.alice.id(), keeping);
  t.bob_gets("three");
  EXPECT_TRUE(of(t.bob).keeping.archived);
}

TEST(Keeping, WhatIsMarkedUnreadIsReadWhenItIsRead) {
  Talk t;
  const MessageId id = t.bob_gets("one");
  t.bob.messenger()->mark_read(t.bob.id(), id);
  Keeping keeping;
  keeping.marked_unread = true;
  t.bob.messenger()->set_keeping(t.bob.id(), t.alice.id(), keeping);
  EXPECT_TRUE(of(t.bob).keeping.marked_unread);
  t.bob.messenger()->mark_read(t.bob.id(), id);
  EXPECT_FALSE(of(t.bob).keeping.marked_unread);
}

TEST(Verification, IsTheSameOnBothSidesAndOfNobodyElse) {
  Talk t;
  Person carol(t.sim, "carol");
  carol.start();
  carol.create();
  const std::string seen = t.alice.messenger()->verification(t.alice.id(), t.bob.id());
  EXPECT_EQ(seen, t.bob.messenger()->verification(t.bob.id(), t.alice.id()));
  EXPECT_NE(seen, carol.messenger()->verification(carol.id(), t.bob.id()));
  EXPECT_EQ(std::count(seen.begin(), seen.end(), ' '), 11);
}

TEST(Request, IsWhatAnUnknownPersonWritesUntilItIsAccepted) {
  Talk t;
  t.bob_gets("Hello, you don't know me");
  auto conversation = [&](Person& p) { return p.messenger()->conversations(p.id()).front(); };
  EXPECT_FALSE(conversation(t.bob).approved);
  EXPECT_TRUE(conversation(t.bob).approved_by_peer);
  EXPECT_FALSE(conversation(t.alice).approved_by_peer);
  t.bob.messenger()->accept(t.bob.id(), t.alice.id());
  EXPECT_TRUE(conversation(t.bob).approved);
  ASSERT_TRUE(t.until([&] { return conversation(t.alice).approved_by_peer; }));
}

TEST(Request, ThatIsDeclinedGoesUntilSomethingNewComes) {
  Talk t;
  t.bob_gets("Buy this");
  t.bob.messenger()->decline(t.bob.id(), t.alice.id());
  EXPECT_TRUE(t.bob.messages().empty());
  EXPECT_TRUE(t.bob.messenger()->conversations(t.bob.id()).front().declined);
  EXPECT_EQ(t.bob.messenger()->conversations(t.bob.id()).front().unread, 0);
  t.bob_gets("Buy that");
  EXPECT_FALSE(t.bob.messenger()->conversations(t.bob.id()).front().declined);
}

TEST(Request, IsAcceptedByAnAnswer) {
  Talk t;
  t.bob_gets("Hello");
  t.bob.send(t.alice.id(), "Hello yourself");
  EXPECT_TRUE(t.bob.messenger()->conversations(t.bob.id()).front().approved);
}

}  // namespace
}  // namespace argot::kernel
