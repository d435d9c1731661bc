#include <gmock/gmock.h>

#include "calls.h"
#include "link.h"
#include "test_support.h"

#include <http/test_world.h>

namespace argot::node {
namespace {

using std::chrono::seconds;

/// One node that answers and one that asks.
class LinkTest : public testing::Test {
 protected:
  LinkTest()
      : network(world),
        handle(world.provide<Network>(network)),
        asker(std::make_shared<const NodeKeys>(Bytes(32, 1))),
        answerer(std::make_shared<const NodeKeys>(Bytes(32, 2))),
        links(world, handle, asker),
        server(
            world, answerer, [this](ByteView key) { return is_known(key) ? &known : nullptr; },
            [this](ServiceNode sender, Endpoint endpoint, std::string body) {
              return answer(std::move(sender), endpoint, std::move(body));
            }) {
    known.ed25519 = asker->ed25519();
    known.x25519 = asker->x25519();
    peer.host = "b";
    peer.https_port = 1;
    peer.ed25519 = answerer->ed25519();
    peer.x25519 = answerer->x25519();
    listener = world.run(network.listen("b:1"));
    world.spawn("listener", accept());
  }
  ~LinkTest() override {
    listener->close();
    world.run(links.close());
    world.run(server.close());
    world.pass(seconds(60));
    EXPECT_EQ(world.running(), 0u);
  }

  bool is_known(ByteView key) const {
    return knows && std::equal(key.begin(), key.end(), known.x25519.begin(), known.x25519.end());
  }
  Task<> accept() {
    try {
      for (;;) {
        Stream stream = co_await listener->accept();
        world.spawn("link", server.serve(std::move(stream)));
      }
    } catch (const Error&) {
    }
  }
  Task<LinkAnswer> answer(ServiceNode, Endpoint endpoint, std::string body) {
    if (body == "slow") co_await world.sleep(seconds(3));
    if (body == "never") co_await world.sleep(seconds(45));
    if (body == "bad") throw Refused(406, "no");
    LinkAnswer out;
    out.status = 200 + static_cast<unsigned>(endpoint);
    out.body = "answer to " + body;
    co_return out;
  }
  LinkAnswer ask(std::string body, Duration at_most = seconds(5)) {
    return world.run(links.ask(peer, Endpoint::ping, std::move(body), at_most));
  }
  std::string complaint(std::string body, Duration at_most = seconds(5)) {
    try {
      ask(std::move(body), at_most);
    } catch (const Error& error) {
      return error.what();
    }
    return "answered";
  }

  http::test::TestContext world;
  http::test::PipeNetwork network;
  Handle<Network> handle;
  std::shared_ptr<const NodeKeys> asker, answerer;
  Links links;
  LinkServer server;
  ServiceNode known, peer;
  bool knows = true;
  std::unique_ptr<Listener> listener;
};

TEST_F(LinkTest, ARequestIsAnsweredOverOneConnection) {
  for (int i = 0; i < 20; ++i) {
    const LinkAnswer found = ask("question " + std::to_string(i));
    EXPECT_EQ(found.body, "answer to question " + std::to_string(i));
    EXPECT_EQ(found.status, 204u);
  }
  EXPECT_EQ(network.connects, 1);
}

TEST_F(LinkTest, AFastRequestOvertakesASlowOne) {
  std::vector<std::string> order;
  const auto one = [](Links* links, ServiceNode peer, std::string body, std::vector<std::string>* order) -> Task<> {
    LinkAnswer answer = co_await links->ask(peer, Endpoint::ping, std::move(body), seconds(10));
    order->push_back(answer.body);
  };
  const auto both = [&]() -> Task<> {
    Gather all(world);
    all.spawn("slow", one(&links, peer, "slow", &order));
    all.spawn("fast", one(&links, peer, "fast", &order));
    co_await all.wait();
  };
  world.run(both());
  EXPECT_EQ(order, (std::vector<std::string>{"answer to fast", "answer to slow"}));
}

TEST_F(LinkTest, LargeBodiesArriveWhole) {
  const std::string body(5'000'000, 'x');
  EXPECT_EQ(ask(body).body, "answer to " + body);
  EXPECT_THAT(complaint(std::string(FrameStream::max_frame, 'x')), testing::HasSubstr("Too much waits"));
  EXPECT_EQ(ask("after that").body, "answer to after that");
}

TEST_F(LinkTest, ARefusalIsAStatusAndAText) {
  const LinkAnswer found = ask("bad");
  EXPECT_EQ(found.status, 406u);
  EXPECT_EQ(found.body, "no");
}

TEST_F(LinkTest, SilenceIsATimeoutAndTheNextRequestGetsANewConnection) {
  EXPECT_THAT(complaint("never", seconds(2)), testing::HasSubstr("did not answer in time"));
  EXPECT_EQ(ask("hello").body, "answer to hello");
  EXPECT_EQ(network.connects, 2);
}

TEST_F(LinkTest, EveryRequestEndsAtItsOwnTime) {
  std::vector<std::pair<std::string, Duration>> ends;
  const auto one = [this, &ends](std::string body, Duration after, Duration at_most) -> Task<> {
    co_await world.sleep(after);
    const Duration before = world.uptime();
    try {
      const LinkAnswer answer = co_await links.ask(peer, Endpoint::ping, body, at_most);
      ends.emplace_back(answer.body, Duration(0));
    } catch (const Error& error) {
      ends.emplace_back(name_of(error.code()), world.uptime() - before);
    }
  };
  const auto all = [&]() -> Task<> {
    Gather gather(world);
    gather.spawn("long", one("never", seconds(0), seconds(8)));
    gather.spawn("short", one("never", seconds(1), seconds(2)));  // the others' timer is too late for it
    gather.spawn("answered", one("hello", seconds(2), seconds(20)));
    gather.spawn("later", one("never", seconds(4), seconds(6)));
    co_await gather.wait();
  };
  world.run(all());
  EXPECT_EQ(ends, (std::vector<std::pair<std::string, Duration>>{{"answer to hello", Duration(0)},
                                                                 {"timeout", seconds(2)},
                                                                 {"timeout", seconds(8)},
                                                                 {"timeout", seconds(6)}}));
}

TEST_F(LinkTest, ANodeThatIsDownIsToldAtOnce) {
  listener->close();
  const Duration before = world.uptime();
  EXPECT_THAT(complaint("hello"), testing::HasSubstr("refused"));
  EXPECT_EQ(world.uptime(), before);
}

TEST_F(LinkTest, ABrokenConnectionEndsWhatWaitsAndIsMadeAgain) {
  ask("hello");
  network.last->close();
  EXPECT_EQ(ask("again").body, "answer to again");
  EXPECT_EQ(network.connects, 2);
}

TEST_F(LinkTest, AConnectionThatNobodyUsesIsClosedAndMadeAgain) {
  ask("hello");
  world.pass(seconds(59));
  links.close_idle();
  EXPECT_EQ(links.open(), 1u);
  world.pass(seconds(2));
  links.close_idle();
  EXPECT_EQ(links.open(), 0u);
  EXPECT_EQ(ask("again").body, "answer to again");
  EXPECT_EQ(network.connects, 2);
}

TEST_F(LinkTest, AStrangerIsNotServed) {
  knows = false;
  EXPECT_NE(complaint("hello"), "answered");
}

TEST_F(LinkTest, WhoLeavesTheNetworkIsNoLongerServed) {
  ask("hello");
  knows = false;
  EXPECT_NE(complaint("again"), "answered");
}

TEST_F(LinkTest, AnImpostorIsFoundOut) {
  const NodeKeys other(Bytes(32, 3));
  peer.x25519 = other.x25519();
  EXPECT_NE(complaint("hello"), "answered");
}

TEST_F(LinkTest, NothingOfARequestCanBeReadOnTheWay) {
  ask("a very secret question");
  EXPECT_EQ(network.record_up.find("secret"), std::string::npos);
  EXPECT_EQ(network.record_down.find("secret"), std::string::npos);
}

TEST_F(LinkTest, AFrameThatWasChangedOnTheWayEndsTheConnection) {
  Fixed<32> key{};
  NoiseKeys one{NoiseCipher(key), NoiseCipher(key)}, other = one;
  struct Quiet final : StreamBase {
    explicit Quiet(asio::any_io_executor e) : executor_(std::move(e)) {}
    void read_some(asio::mutable_buffer into, Done done) override {
      const std::size_t n = std::min(into.size(), bytes.size());
      std::copy_n(bytes.data(), n, static_cast<char*>(into.data()));
      bytes.erase(0, n);
      asio::post(executor_,
                 [n, d = std::move(done)]() mutable { std::move(d)(n ? error_code() : asio::error::eof, n); });
    }
    void write_some(asio::const_buffer from, Done done) override {
      bytes.append(static_cast<const char*>(from.data()), from.size());
      asio::post(executor_, [n = from.size(), d = std::move(done)]() mutable { std::move(d)(error_code(), n); });
    }
    void close() noexcept override {}
    asio::any_io_executor executor() override { return executor_; }
    std::string peer() const override { return "x:1"; }
    asio::any_io_executor executor_;
    std::string bytes;
  };
  for (std::size_t flipped = 0; flipped < 40; ++flipped) {
    auto out_base = std::make_unique<Quiet>(world.executor());
    auto in_base = std::make_unique<Quiet>(world.executor());
    Quiet *sent = out_base.get(), *got = in_base.get();
    const auto writer = std::make_shared<FrameStream>(world, Stream(std::move(out_base)), one),
               reader = std::make_shared<FrameStream>(world, Stream(std::move(in_base)), other);
    Frame frame;
    frame.body = "0123456789abc";
    ASSERT_TRUE(writer->push(frame));
    EXPECT_TRUE(sent->bytes.empty()) << "what else is pushed in this turn goes with it";
    world.pass(seconds(1));
    got->bytes = sent->bytes;
    ASSERT_EQ(got->bytes.size(), 4 + 7 + 13 + 16u);
    got->bytes[flipped] = static_cast<char>(got->bytes[flipped] ^ 0x40);
    std::optional<Frame> found;
    try {
      found = world.run(reader->read());
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Code::corrupt) << flipped;
    }
    EXPECT_FALSE(found) << flipped;
  }
}

TEST(Noise, BothSidesAgreeAndEveryFlippedBitIsNoticed) {
  const NodeKeys a(Bytes(32, 1)), b(Bytes(32, 2));
  const Bytes ea(32, 11), eb(32, 12);
  NoiseHandshake first("p", a.x25519_secret(), a.x25519(), b.x25519(), ea);
  NoiseHandshake second("p", b.x25519_secret(), b.x25519(), b.x25519(), eb);
  const Bytes one = first.write_first();
  ASSERT_EQ(one.size(), NoiseHandshake::first_size);
  EXPECT_EQ(second.read_first(one), a.x25519());
  const Bytes two = second.write_second();
  ASSERT_EQ(two.size(), NoiseHandshake::second_size);
  ASSERT_TRUE(first.read_second(two));
  NoiseKeys mine = first.finish(true), theirs = second.finish(false);
  Bytes sealed(5 + 16), plain(5);
  mine.send.seal(view("hello"), sealed.data());
  EXPECT_TRUE(theirs.receive.open(sealed, plain.data()));
  EXPECT_EQ(text_of(plain), "hello");
  EXPECT_FALSE(theirs.receive.open(sealed, plain.data())) << "not twice";

  for (std::size_t at = 0; at < one.size(); ++at) {
    Bytes changed = one;
    changed[at] ^= 1;
    NoiseHandshake third("p", b.x25519_secret(), b.x25519(), b.x25519(), eb);
    EXPECT_FALSE(third.read_first(changed)) << at;
  }
  NoiseHandshake other_prologue("q", b.x25519_secret(), b.x25519(), b.x25519(), eb);
  EXPECT_FALSE(other_prologue.read_first(one));
}

}  // namespace
}  // namespace argot::node
