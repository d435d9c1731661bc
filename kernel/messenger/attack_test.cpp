// What a peer could say whose client is made to do harm: contents that no client of ours sends.
#include <kernel/messenger/early.h>
#include <kernel/messenger/wire_test.h>

namespace argot::kernel {
namespace {

using namespace std::chrono_literals;

Text text_of_body(std::string body) {
  Text text;
  text.body = std::move(body);
  return text;
}

Text quoting(std::string body, const AccountId& author, Time at, std::string words) {
  Text text = text_of_body(std::move(body));
  text.quote.emplace();
  text.quote->author = author.text();
  text.quote->timestamp_ms = std::uint64_t(to_ms(at));
  text.quote->text = std::move(words);
  return text;
}

Reaction reacting(const std::string& author, std::uint64_t at_ms, std::string emoji) {
  Reaction reaction;
  reaction.author = author;
  reaction.timestamp_ms = at_ms;
  reaction.emoji = std::move(emoji);
  return reaction;
}

Unsend taking_back(const AccountId& author, std::uint64_t at_ms) {
  Unsend unsend;
  unsend.author = author.text();
  unsend.timestamp_ms = at_ms;
  return unsend;
}

std::optional<Quoted> quote_in(Person& p, const std::string& text) {
  for (const Message& m : p.messages())
    if (m.text == text) return m.quote;
  return std::nullopt;
}

TEST(Quote, CannotPutWordsIntoSomebodysMouth) {
  Attack t;
  t.bob.send(t.alice.id(), "I like cats");
  const Time at = t.last(t.bob).sent_at;
  std::optional<Quoted> told;
  auto listening = t.bob.messenger()->subscribe([&](const Event& e) {
    if (e.kind == Event::Kind::message_added && e.message.text == "really?") told = e.message.quote;
  });
  t.raw(quoting("really?", t.bob.id(), at, "I hate cats"));
  ASSERT_TRUE(t.until([&] { return told.has_value(); }));
  EXPECT_EQ(told->text, "I like cats");
  EXPECT_EQ(quote_in(t.bob, "really?")->text, "I like cats");
}

TEST(Quote, OfATakenBackMessageRepeatsNothingOfIt) {
  Attack t;
  const MessageId secret = t.bob_gets("the code is 1234");
  t.bob.messenger()->send(t.bob.id(), t.alice.id(), Draft("thanks", secret));
  ASSERT_TRUE(t.until([&] { return t.last(t.alice).text == "thanks"; }));
  t.alice.messenger()->unsend(t.alice.id(), t.alice.messages().front().id);
  ASSERT_TRUE(t.until([&] { return t.bob.messages().front().kind == Message::Kind::deleted; }));
  for (Person* p : {&t.alice, &t.bob}) EXPECT_EQ(quote_in(*p, "thanks")->text, "");
}

TEST(Quote, OfAMessageThatIsNotThereIsShownAsItCame) {
  Attack t;
  t.raw(quoting("a", t.bob.id(), from_ms(1000), "what nobody has"));
  t.raw(quoting("b", t.bob.id(), from_ms(1000), ""));
  Text strange = text_of_body("c");
  strange.quote.emplace();
  strange.quote->author = "not an account";
  strange.quote->timestamp_ms = std::numeric_limits<std::uint64_t>::max();
  t.raw(std::move(strange));
  ASSERT_TRUE(t.settled());
  EXPECT_EQ(quote_in(t.bob, "a")->text, "what nobody has");
  EXPECT_EQ(quote_in(t.bob, "b")->text, "");
  ASSERT_TRUE(quote_in(t.bob, "c"));
  EXPECT_EQ(quote_in(t.bob, "c")->author, AccountId());
}

TEST(Quote, OfAMessageOfAnotherConversationTellsNothingOfIt) {
  Attack t;
  auto carol = stranger(9);
  Content secret;
  secret.sent_at_ms = t.now_ms();
  secret.body = text_of_body("between Carol and Bob");
  const Time at = from_ms(std::int64_t(secret.sent_at_ms));
  t.raw(carol, t.bob.id(), encode(secret), secret.sent_at_ms);
  t.raw(quoting("what did she say?", carol->id(), at, ""));
  ASSERT_TRUE(t.settled());
  ASSERT_EQ(t.bobs("between Carol and Bob"), 1u);
  EXPECT_EQ(quote_in(t.bob, "what did she say?")->text, "");
}

TEST(Forgery, OfAnEditOrADeletionOfSomebodyElsesMessageChangesNothing) {
  Attack t;
  t.bob.send(t.alice.id(), "mine");
  ASSERT_TRUE(t.until([&] { return t.last(t.alice).text == "mine"; }));
  const auto at = std::uint64_t(to_ms(t.last(t.bob).sent_at));
  t.raw(taking_back(t.bob.id(), at));
  t.raw(taking_back(t.alice.id(), at));  // her own, but there is none
  Text edit = text_of_body("yours");
  edit.edit_of_ms = at;
  t.raw(std::move(edit));
  ASSERT_TRUE(t.settled());
  const Message kept = t.bob.messages().front();
  EXPECT_EQ(kept.text, "mine");
  EXPECT_EQ(kept.kind, Message::Kind::text);
  EXPECT_EQ(kept.edited_at, Time{});
}

TEST(Forgery, OfAReactionToAMessageOfAnotherConversationChangesNothing) {
  Attack t;
  const MessageId id = t.bob_gets("to Bob only");
  const auto at = std::uint64_t(to_ms(t.last(t.bob).sent_at));
  auto carol = stranger(9);
  Content content;
  content.sent_at_ms = t.now_ms();
  content.body = reacting(t.alice.id().text(), at, "👎");
  t.raw(carol, t.bob.id(), encode(content), content.sent_at_ms);
  ASSERT_TRUE(t.settled());
  EXPECT_TRUE(t.bob.messenger()->find(t.bob.id(), id)->reactions.empty());
}

TEST(Forgery, OfACopyFromOnesOtherDeviceIsDropped) {
  Attack t;
  Text copy = text_of_body("as if Bob had written it");
  copy.sync_target = t.alice.id().text();
  t.raw(std::move(copy));
  ASSERT_TRUE(t.settled());
  for (const Message& m : t.bob.messages()) EXPECT_NE(m.text, "as if Bob had written it");
}

TEST(Times, OfAnyKindAreKeptAndHarmNothingThatComesLater) {
  Attack t;
  for (std::uint64_t at : {std::uint64_t(1), std::uint64_t(1) << 42, std::uint64_t(253402300800'000)})
    t.raw(text_of_body("at " + std::to_string(at)), at);
  for (std::uint64_t at : {std::uint64_t(253402300800'001), std::numeric_limits<std::uint64_t>::max()})
    t.raw(text_of_body("beyond"), at);
  Content timeless;
  timeless.body = text_of_body("without a time");
  t.raw(t.alice_self, t.bob.id(), encode(timeless), 0);
  ASSERT_TRUE(t.settled());
  EXPECT_EQ(t.bobs("without a time"), 1u);
  EXPECT_EQ(t.bobs("at 1"), 1u);
  EXPECT_EQ(t.bobs("at 4398046511104"), 1u);
  EXPECT_EQ(t.bobs("at 253402300800000"), 1u);
  EXPECT_EQ(t.bobs("beyond"), 0u);
  // Bob's own clock is not moved by what others claim, and what is read is read.
  t.bob.send(t.alice.id(), "now");
  ASSERT_TRUE(t.until([&] { return !t.alice.texts().empty(); }));
  EXPECT_LT(t.last(t.alice).sent_at, t.alice.host().now() + 1min);
  t.bob.messenger()->mark_read(t.bob.id(), t.bob.messages().back().id);
  EXPECT_EQ(t.bob.messenger()->conversations(t.bob.id()).front().unread, 0);
  t.bob.restart();
  ASSERT_TRUE(t.settled());
}

TEST(Times, ThatAreTheSameAreOneMessageOfWhichTheFirstCounts) {
  Attack t;
  const std::uint64_t at = t.raw(text_of_body("first"));
  t.raw(text_of_body("second"), at);
  ASSERT_TRUE(t.settled());
  EXPECT_EQ(t.bobs("first"), 1u);
  EXPECT_EQ(t.bobs("second"), 0u);
}

TEST(Times, OfATimerThatLieInTheFutureDoNotHoldForEver) {
  Attack t;
  Content change;
  change.sent_at_ms = 253402300800'000;
  change.expiry = Content::Expiry::after_send;
  change.expiry_seconds = 3600;
  Text text;
  text.flags = Text::timer_update;
  change.body = text;
  t.raw(t.alice_self, t.bob.id(), encode(change), change.sent_at_ms);
  auto timer = [](Person& p) {
    const auto all = p.messenger()->conversations(p.id());
    return all.empty() ? Disappearing() : all.front().timer;
  };
  ASSERT_TRUE(t.until([&] { return timer(t.bob).seconds == 3600; }));
  t.sim.step_for(6min);
  t.bob.messenger()->set_disappearing(t.bob.id(), t.alice.id(), {});
  EXPECT_FALSE(timer(t.bob).on());
  ASSERT_TRUE(t.until([&] { return t.last(t.alice).kind == Message::Kind::timer_changed; }));
  EXPECT_LT(t.last(t.alice).sent_at, t.alice.host().now() + 1min);
}

TEST(Wire, WithUnknownValuesAndWrongTypesCostsNothingButItself) {
  Attack t;
  const MessageId id = t.bob_gets("target");
  const auto target = std::uint64_t(to_ms(t.last(t.bob).sent_at));
  auto stamped = [&](Proto p) {
    const std::uint64_t at = t.now_ms();
    t.raw(t.alice_self, t.bob.id(), Bytes(p.varint(15, at)), at);
  };
  const std::string self = t.alice.id().text();
  // A reaction with an action of the future, without one, and with an emoji that is a number.
  stamped(Proto().message(1, Proto().message(11, Proto().varint(1, target).bytes(2, self).bytes(3, "x").varint(4, 7))));
  stamped(Proto().message(1, Proto().message(11, Proto().varint(1, target).bytes(2, self).bytes(3, "x"))));
  stamped(Proto().message(1, Proto().message(11, Proto().varint(1, target).bytes(2, self).varint(3, 5).varint(4, 0))));
  stamped(Proto().varint(1, 5));                                        // a data message that is a number
  stamped(Proto().message(1, Proto().varint(1, 5)));                    // a body that is a number
  stamped(Proto().bytes(1, "\xff\xff\xff"));                            // a data message that is none
  stamped(Proto().message(5, Proto().varint(1, 9).varint(2, target)));  // a receipt of the future
  stamped(Proto().message(6, Proto().varint(1, t.time_ms).varint(2, 9)));
  stamped(Proto().message(8, Proto().varint(1, 9)));
  stamped(Proto().message(9, Proto().bytes(1, "soon").bytes(2, self)));  // a time that is a text
  stamped(Proto().message(10, Proto().bytes(1, "yes")));
  stamped(Proto().bytes(200, "a kind of the future"));
  // What can be shown is shown: a way to disappear that nobody knows is none.
  stamped(Proto().message(1, Proto().bytes(1, "stays")).varint(12, 9).varint(13, 5));
  ASSERT_TRUE(t.settled());
  EXPECT_EQ(t.bob.messages().size(), 3u);
  EXPECT_EQ(t.bobs("stays"), 1u);
  EXPECT_TRUE(t.bob.messenger()->find(t.bob.id(), id)->reactions.empty());
  t.sim.step_for(1min);
  EXPECT_EQ(t.bobs("stays"), 1u);
}

TEST(Names, OfOthersAndNicknamesHaveNoControlCharacters) {
  Attack t;
  Text hello = text_of_body("hello");
  hello.profile.name = "Ann\x1b[2J\n\u202egnirts";
  hello.profile.updated_s = std::numeric_limits<std::uint64_t>::max();  // a clock that no other can beat
  t.raw(std::move(hello));
  ASSERT_TRUE(t.settled());
  auto conversation = [&] { return t.bob.messenger()->conversations(t.bob.id()).front(); };
  EXPECT_FALSE(conversation().profile_name.empty());
  EXPECT_EQ(conversation().profile_name.find_first_of("\x1b\n"), std::string::npos);
  Text later = text_of_body("hello again");
  later.profile.name = "Anna";
  t.raw(std::move(later));
  ASSERT_TRUE(t.settled());
  EXPECT_EQ(conversation().profile_name, "Anna");
  t.bob.messenger()->set_nickname(t.bob.id(), t.alice.id(), "A\x1b[31mB\u202e");
  EXPECT_EQ(conversation().name, "A[31mB");
}

TEST(Reactions, ComeInAnyNumberAndStayBounded) {
  Attack t;
  const MessageId id = t.bob_gets("popular");
  const auto at = std::uint64_t(to_ms(t.last(t.bob).sent_at));
  for (int i = 0; i < 500; ++i) t.raw(reacting(t.alice.id().text(), at, "e" + std::to_string(i)));
  ASSERT_TRUE(t.settled());
  const auto reactions = t.bob.messenger()->find(t.bob.id(), id)->reactions;
  ASSERT_EQ(reactions.size(), Marks::most_of_one_person);
  EXPECT_EQ(reactions.back().emoji, "e499");
}

/// An empty store of its own.
struct Waiting : TwoPeople {
  Waiting() {
    alice.start();
    Secret key(32);
    OpenStore request("/waiting", std::move(key));
    auto storage = alice.kernel().service<Storage>().lease();
    store = sim.run(alice.host(), storage->open(std::move(request)));
  }
  static Effect effect(const std::string& by, int number, std::size_t bytes = 4) {
    Effect e;
    e.kind = Effect::Kind::edit;
    e.by = by;
    e.at_ms = 1000 + number;
    e.target_author = by;
    e.target_ms = number;
    e.text = std::string(bytes, 'x');
    return e;
  }
  static std::string person(int n) {
    std::string digits = std::to_string(n);
    return "05" + std::string(64 - digits.size(), '0') + digits;
  }
  std::size_t kept(Transaction& tx) { return tx.scan("early", "").size(); }
  std::size_t bytes(Transaction& tx) {
    std::size_t out = 0;
    for (const auto& [key, value] : tx.scan("early", "")) out += value.size();
    return out;
  }
  std::unique_ptr<Store> store;
};

TEST(Early, WaitsForAtMostSoMuchOfOnePersonAndOfAllStrangersTogether) {
  Waiting w;
  auto tx = w.store->begin();
  for (int i = 0; i < 1000; ++i) early::keep(*tx, Waiting::person(1), Waiting::effect(Waiting::person(1), i), false, 0);
  EXPECT_EQ(w.kept(*tx), early::most_of_one_person);
  for (int p = 2; p < 40; ++p)
    for (int i = 0; i < 300; ++i)
      early::keep(*tx, Waiting::person(p), Waiting::effect(Waiting::person(p), i), false, 0);
  EXPECT_EQ(w.kept(*tx), early::most / 2);
  // A friend's still waits: strangers cannot take all the room.
  early::keep(*tx, Waiting::person(99), Waiting::effect(Waiting::person(99), 5), true, 0);
  EXPECT_EQ(early::take(*tx, Waiting::person(99), Waiting::person(99), 5).size(), 1u);
  // What has found its message makes room, and so does what has waited too long.
  EXPECT_EQ(early::take(*tx, Waiting::person(1), Waiting::person(1), 7).size(), 1u);
  early::keep(*tx, Waiting::person(1), Waiting::effect(Waiting::person(1), 5000), false, 0);
  EXPECT_EQ(early::take(*tx, Waiting::person(1), Waiting::person(1), 5000).size(), 1u);
  early::clean(*tx, early::patience_ms + 1);
  EXPECT_EQ(w.kept(*tx), 0u);
  early::keep(*tx, Waiting::person(1), Waiting::effect(Waiting::person(1), 1), false, 0);
  EXPECT_EQ(w.kept(*tx), 1u);
}

TEST(Early, IsBoundedInBytesToo) {
  Waiting w;
  auto tx = w.store->begin();
  for (int p = 1; p < 40; ++p)
    for (int i = 0; i < 10; ++i)
      early::keep(*tx, Waiting::person(p), Waiting::effect(Waiting::person(p), i, 70'000), true, 0);
  EXPECT_LE(w.bytes(*tx), early::most_bytes);
  EXPECT_GT(w.bytes(*tx), early::most_bytes / 2);
}

TEST(Early, OfSomebodyElseDoesNotTouchTheMessageWhenItComes) {
  Waiting w;
  auto tx = w.store->begin();
  Effect e = Waiting::effect(Waiting::person(1), 5);
  e.by = Waiting::person(2);
  early::keep(*tx, Waiting::person(2), e, true, 0);
  EXPECT_TRUE(early::take(*tx, Waiting::person(1), Waiting::person(1), 5).empty());
  EXPECT_EQ(w.kept(*tx), 0u);
}

}  // namespace
}  // namespace argot::kernel
