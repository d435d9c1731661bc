// What happens in a conversation beside texts: calls, screenshots, saved files; who is named in a text; what a link
// pretends to lead to.
#include <kernel/messenger/requests.h>
#include <kernel/messenger/unclaimed.h>
#include <kernel/messenger/wire_test.h>

namespace argot::kernel {
namespace {

using namespace std::chrono_literals;

constexpr const char* first_id = "11111111-1111-4111-8111-111111111111";

Call ring(Call::Type type, std::string id = first_id) {
  Call call;
  call.type = type;
  call.id = std::move(id);
  return call;
}

/// Bob has accepted Alice.
struct Calls : Attack {
  Calls() {
    bob_gets("hello");
    bob.messenger()->accept(bob.id(), alice.id());
    bob_self = make_identity(phrase::to_seed(bob.messenger()->recovery_phrase(bob.id())));
  }
  /// As another device of Bob's would say it.
  void own(Call call) {
    Content content;
    content.sent_at_ms = now_ms();
    content.body = std::move(call);
    const std::uint64_t at = content.sent_at_ms;
    raw(bob_self, bob.id(), encode(std::move(content)), at);
  }
  std::vector<Message> calls() {
    std::vector<Message> out;
    for (Message& m : bob.messages())
      if (m.kind == Message::Kind::call) out.push_back(std::move(m));
    return out;
  }
  std::int64_t unread() { return bob.messenger()->conversations(bob.id()).front().unread; }
  std::shared_ptr<Identity> bob_self;
};

TEST(Calls, AreOneMissedCallEachWhateverComesOfThem) {
  Calls t;
  t.raw(ring(Call::Type::pre_offer));
  t.raw(ring(Call::Type::offer));
  t.raw(ring(Call::Type::candidates));
  t.raw(ring(Call::Type::end));
  t.raw(ring(Call::Type::offer, "22222222-2222-4222-8222-222222222222"));
  ASSERT_TRUE(t.settled());
  ASSERT_EQ(t.calls().size(), 2u);
  EXPECT_EQ(t.calls().front().call, Message::Call::missed);
  EXPECT_EQ(t.calls().front().state, MessageState::received);
  EXPECT_EQ(t.calls().front().direction, Direction::incoming);
  EXPECT_EQ(t.unread(), 4);  // hello, two calls, settled()
}

TEST(Calls, AnsweredOrDeclinedOnAnotherDeviceAreNotMissed) {
  for (bool before : {false, true}) {
    Calls t;
    if (before) t.own(ring(Call::Type::answer));
    if (before) t.own(ring(Call::Type::end));
    t.raw(ring(Call::Type::offer));
    if (!before) t.own(ring(Call::Type::end));
    if (!before) t.own(ring(Call::Type::answer));
    t.raw(ring(Call::Type::offer, "22222222-2222-4222-8222-222222222222"));
    t.own(ring(Call::Type::end, "22222222-2222-4222-8222-222222222222"));
    ASSERT_TRUE(t.settled());
    ASSERT_EQ(t.calls().size(), 2u);
    EXPECT_EQ(t.calls()[0].call, Message::Call::answered);
    EXPECT_EQ(t.calls()[1].call, Message::Call::declined);
    EXPECT_EQ(t.calls()[1].state, MessageState::read);
    EXPECT_EQ(t.unread(), 2);
  }
}

TEST(Calls, OfStrangersAndWithoutANumberAreNotShown) {
  Calls t;
  for (const char* id : {"", "1", "11111111-1111-4111-8111-11111111111/", "11111111x1111-4111-8111-111111111111"})
    t.raw(ring(Call::Type::offer, id));
  Content content;
  content.sent_at_ms = t.now_ms();
  content.body = ring(Call::Type::offer);
  t.raw(stranger(9), t.bob.id(), encode(content), content.sent_at_ms);
  ASSERT_TRUE(t.settled());
  EXPECT_TRUE(t.calls().empty());
  EXPECT_EQ(t.bob.messenger()->conversations(t.bob.id()).size(), 1u);
}

TEST(Calls, DisappearAfterTheyWereReadThoughTheirFirstMessageSaysNothingOfIt) {
  Calls t;
  t.raw(ring(Call::Type::pre_offer));
  Content offer;
  offer.sent_at_ms = t.now_ms();
  offer.expiry = Content::Expiry::after_read;
  offer.expiry_seconds = 60;
  offer.body = ring(Call::Type::offer);
  t.raw(t.alice_self, t.bob.id(), encode(offer), offer.sent_at_ms);
  ASSERT_TRUE(t.settled());
  t.sim.step_for(2min);
  ASSERT_EQ(t.calls().size(), 1u);
  t.bob.messenger()->mark_read(t.bob.id(), t.bob.messages().back().id);
  t.sim.step_for(2min);
  EXPECT_TRUE(t.calls().empty());
  t.raw(ring(Call::Type::offer));  // once more, long after
  ASSERT_TRUE(t.settled());
  EXPECT_TRUE(t.calls().empty());
}

TEST(Screenshots, AreToldToWhoWasAcceptedAndToNobodyElse) {
  Calls t;
  EXPECT_THROW(t.alice.messenger()->tell_screenshot(t.alice.id(), stranger(9)->id()), Error);
  EXPECT_THROW(t.alice.messenger()->tell_screenshot(t.alice.id(), t.alice.id()), Error);
  t.alice.messenger()->set_disappearing(t.alice.id(), t.bob.id(), Talk::timer(Content::Expiry::after_send, 3600));
  t.alice.messenger()->tell_screenshot(t.alice.id(), t.bob.id());
  ASSERT_TRUE(t.until([&] { return t.last(t.bob).kind == Message::Kind::screenshot; }));
  EXPECT_EQ(t.last(t.bob).author, t.alice.id());
  EXPECT_EQ(t.last(t.bob).timer, Talk::timer(Content::Expiry::after_read, 3600));
  t.sim.step_for(2h);
  EXPECT_NE(t.last(t.bob).kind, Message::Kind::screenshot);
  t.alice.messenger()->block(t.alice.id(), t.bob.id(), true);
  EXPECT_THROW(t.alice.messenger()->tell_screenshot(t.alice.id(), t.bob.id()), Error);
}

TEST(Mentions, AreNamedAndSayWhetherOneIsMeant) {
  Calls t;
  const std::string text = "see @" + t.bob.id().text() + " and @" + t.alice.id().text() + ", not @05ab";
  t.bob.messenger()->set_profile_name(t.bob.id(), "Bob");
  t.bob.messenger()->set_nickname(t.bob.id(), t.alice.id(), "Ann");
  std::vector<Mention> told;
  auto listening = t.bob.messenger()->subscribe([&](const Event& e) {
    if (e.kind == Event::Kind::message_added) told = e.message.mentions;
  });
  t.bob_gets(text);
  ASSERT_TRUE(t.until([&] { return !told.empty(); }));
  const Message m = t.last(t.bob);
  ASSERT_EQ(m.mentions.size(), 2u);
  EXPECT_EQ(m.mentions[0].offset, 4u);
  EXPECT_EQ(m.mentions[0].id, t.bob.id());
  EXPECT_EQ(m.mentions[0].name, "Bob");
  EXPECT_EQ(m.mentions[1].name, "Ann");
  EXPECT_EQ(told[1].name, "Ann");
  EXPECT_TRUE(m.mentions_me);
  EXPECT_TRUE(t.last(t.alice).mentions_me);
  t.bob_gets("@" + stranger(9)->id().text());
  EXPECT_FALSE(t.last(t.bob).mentions_me);
  EXPECT_EQ(t.last(t.bob).mentions.at(0).name, "");
}

TEST(Previews, OfALinkThatIsNotInTheTextAreNotShown) {
  Attack t;
  Text text;
  text.body = "look: https://example.org/a";
  text.previews = {{"https://example.org/a", "A page"}, {"https://bank.example/", "Your bank"}, {"", "Nothing"}};
  t.raw(std::move(text));
  ASSERT_TRUE(t.settled());
  const Message m = t.bob.messages().front();
  ASSERT_EQ(m.previews.size(), 1u);
  EXPECT_EQ(m.previews[0].title, "A page");
}

TEST(Previews, GoWithTheLinkWhenAnEditTakesItAway) {
  Attack t;
  Text text;
  text.body = "https://example.org/a";
  text.previews = {{"https://example.org/a", "A page"}};
  const std::uint64_t at = t.raw(std::move(text));
  Text edit;
  edit.body = "never mind";
  edit.edit_of_ms = at;
  t.raw(std::move(edit));
  ASSERT_TRUE(t.settled());
  EXPECT_EQ(t.bob.messages().front().text, "never mind");
  EXPECT_TRUE(t.bob.messages().front().previews.empty());
}

/// An empty store of its own.
struct Kept : TwoPeople {
  Kept() {
    alice.start();
    Secret key(32);
    OpenStore request("/kept", std::move(key));
    auto storage = alice.kernel().service<Storage>().lease();
    store = sim.run(alice.host(), storage->open(std::move(request)));
  }
  static std::string person(std::size_t n) {
    const std::string digits = std::to_string(n);
    return "05" + std::string(64 - digits.size(), '0') + digits;
  }
  static Delivery delivery(int number, std::size_t size) {
    Delivery out;
    out.hash = "hash " + std::to_string(number);
    out.envelope = Bytes(size, Byte(7));
    out.stored_at = from_ms(1000 + number);
    out.expires_at = from_ms(1'000'000 + number);
    return out;
  }
  std::unique_ptr<Store> store;
};

TEST(Requests, OfMoreStrangersThanOneCanAnswerAreDroppedUntilThereIsRoom) {
  Kept k;
  auto tx = k.store->begin();
  for (std::size_t i = 0; i < requests::most; ++i) {
    ASSERT_TRUE(requests::admit(*tx, 1000));
    StoredConversation row;
    row.id = Kept::person(i);
    tx->put(row);
  }
  EXPECT_FALSE(requests::admit(*tx, 1000));
  EXPECT_FALSE(requests::admit(*tx, 1001));
  EXPECT_EQ(requests::refused(*tx), 2);
  for (std::size_t i = 0; i < 10; ++i) {
    StoredConversation row;
    row.id = Kept::person(i);
    row.approved = true;
    tx->put(row);
  }
  EXPECT_FALSE(requests::admit(*tx, 1002));  // counting is dear
  const std::int64_t later = 1000 + requests::between_counts_ms;
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(requests::admit(*tx, later));
  EXPECT_FALSE(requests::admit(*tx, later));
}

TEST(Requests, ArriveWhileThereIsRoomAndFriendsAlwaysDo) {
  Attack t;
  t.bob.send(t.alice.id(), "a friend");
  for (std::size_t i = 0; i < requests::most + 5; ++i) {
    Bytes seed(32, 3);
    seed[0] = Byte(i);
    seed[1] = Byte(i >> 8);
    std::shared_ptr<Identity> somebody = make_identity(Secret{ByteView(seed)});
    Content content;
    content.sent_at_ms = t.now_ms();
    Text text;
    text.body = "buy this";
    content.body = std::move(text);
    t.raw(somebody, t.bob.id(), encode(content), content.sent_at_ms);
  }
  ASSERT_TRUE(t.settled());
  EXPECT_EQ(t.bob.messenger()->conversations(t.bob.id()).size(), requests::most + 1);
}

TEST(Requests, OfOneStrangerAreBoundedUntilTheyAreRead) {
  Attack t;
  for (int i = 0; i < int(requests::most_unread) + 20; ++i) {
    Text text;
    text.body = "buy this";
    t.raw(std::move(text));
  }
  t.sim.step_for(5min);
  EXPECT_EQ(t.bobs("buy this"), std::size_t(requests::most_unread));
  t.bob.messenger()->mark_read(t.bob.id(), t.bob.messages().back().id);
  EXPECT_TRUE(t.settled());
}

TEST(Unclaimed, EnvelopesAreBoundedAndTheOldestGiveWay) {
  Kept k;
  auto tx = k.store->begin();
  for (int i = 0; i < 1000; ++i) unclaimed::keep(*tx, Kept::delivery(i, 100));
  auto all = unclaimed::all(*tx);
  EXPECT_LE(all.size(), unclaimed::most);
  EXPECT_GE(all.size(), unclaimed::most / 2);
  EXPECT_EQ(all.back().hash, "hash 999");
  EXPECT_EQ(all.back().envelope.size(), 100u);
  for (const Delivery& d : all) unclaimed::erase(*tx, d);
  EXPECT_TRUE(unclaimed::all(*tx).empty());
  for (int i = 0; i < 200; ++i) unclaimed::keep(*tx, Kept::delivery(i, 76'000));
  std::size_t bytes = 0;
  for (const Delivery& d : unclaimed::all(*tx)) bytes += d.envelope.size();
  EXPECT_LE(bytes, unclaimed::most_bytes);
  EXPECT_GT(bytes, unclaimed::most_bytes / 3);
  unclaimed::clean(*tx, 2'000'000);
  EXPECT_TRUE(unclaimed::all(*tx).empty());
}

/// Seals nothing and opens what begins with "late ": its content follows. Whose it is it is told.
class LateSuite final : public PluginOf<Suite> {
 public:
  explicit LateSuite(AccountId sender) : sender_(sender) {}
  Task<> start(Context&) override { co_return; }
  SuiteTraits traits() const override { return {}; }
  bool claims(ByteView envelope) const override { return text_of(envelope).starts_with("late "); }
  Bytes seal(const Identity&, const AccountId&, ByteView, std::uint64_t, SuiteState&) override {
    throw Error(Code::invalid_argument, "This suite seals nothing.");
  }
  Opened open(const Identity&, ByteView envelope, SuiteState&) override {
    Opened out;
    out.sender = sender_;
    out.content.assign(envelope.begin() + 5, envelope.end());
    return out;
  }

 private:
  AccountId sender_;
};

Task<> put_bytes(Kernel& kernel, AccountId to, Bytes envelope) {
  Mailbox box{to, 0};
  StoreRequest request(box, envelope, std::chrono::hours(24));
  auto transport = kernel.service<Transport>().lease();
  co_await transport->store(std::move(request));
}

TEST(Unclaimed, EnvelopesAreOpenedByASuiteThatIsLoadedLater) {
  Attack t;
  const AccountId alice = t.alice.id();
  t.bob.prepare = [alice](Kernel& kernel) {
    kernel.host().add_builtin(
        Descriptor{
            .name = "late", .version = "1.0.0", .summary = "Comes late", .kind = "crypto", .provides = "suite/1"},
        [alice](Host&) { return std::make_unique<LateSuite>(alice); });
  };
  Content content;
  content.sent_at_ms = t.now_ms();
  Text text;
  text.body = "from the future";
  content.body = std::move(text);
  const std::string_view mark = "late ";
  Bytes envelope(mark.begin(), mark.end());
  const Bytes encoded = encode(std::move(content));
  envelope.insert(envelope.end(), encoded.begin(), encoded.end());
  t.sim.run(t.alice.host(), put_bytes(t.alice.kernel(), t.bob.id(), std::move(envelope)));
  ASSERT_TRUE(t.settled());
  EXPECT_EQ(t.bobs("from the future"), 0u);
  const AccountId bob = t.bob.id();
  t.bob.suites = "session, late";
  t.bob.restart();
  t.bob.set_id(bob);
  ASSERT_TRUE(t.until([&] { return t.bobs("from the future") == 1; }));
  t.sim.step_for(1min);
  EXPECT_EQ(t.bobs("from the future"), 1u);
}

}  // namespace
}  // namespace argot::kernel
