#include "doorman.h"

#include <http/test_world.h>

#include <gmock/gmock.h>
#include <boost/asio/redirect_error.hpp>

namespace argot::node {
namespace {

using std::chrono::seconds;

class DoormanTest : public testing::Test {
 protected:
  DoormanTest()
      : network(world),
        doorman(world, '\xA6', [this](Stream stream) { return take_link(std::move(stream)); }),
        exit(doorman.others("door:1")) {
    world.spawn("doorman", doorman.run(world.run(network.listen("door:1"))));
    world.spawn("others", take_others());
  }
  ~DoormanTest() override {
    exit->close();
    world.run(doorman.stop());
    clients.clear();
    others.clear();
    world.pass(seconds(60));
    EXPECT_EQ(world.running(), 0u);
    EXPECT_EQ(world.timers(), 0u);
  }
  Task<> take_link(Stream stream) { links.push_back(co_await read(stream, 4)); }
  Task<> take_others() {
    try {
      for (;;) {
        Stream stream = co_await exit->accept();
        others.push_back(co_await read(stream, 4));
      }
    } catch (const Error&) {
    }
  }
  static Task<std::string> read(Stream& stream, std::size_t size) {
    std::string out;
    while (out.size() < size) {
      std::string some(size - out.size(), '\0');
      error_code failure;
      auto token = asio::redirect_error(asio::use_awaitable, failure);
      const asio::mutable_buffer into(some.data(), some.size());
      const std::size_t n = co_await stream.async_read_some(into, token);
      if (failure) break;
      out.append(some, 0, n);
    }
    co_return out;
  }
  /// Connects and says something, or nothing.
  Stream& visit(std::string says) {
    clients.push_back(std::make_unique<Stream>(world.run(network.connect("door:1"))));
    Stream& client = *clients.back();
    if (!says.empty()) {
      const auto say = [](Stream* to, std::string text) -> Task<> {
        const asio::const_buffer from(text.data(), text.size());
        co_await to->async_write_some(from, asio::use_awaitable);
      };
      world.run(say(&client, std::move(says)));
    }
    world.pass(Duration(0));
    return client;
  }

  http::test::TestContext world;
  http::test::PipeNetwork network;
  Doorman doorman;
  std::unique_ptr<Listener> exit;
  std::vector<std::unique_ptr<Stream>> clients;
  std::vector<std::string> links, others;
};

TEST_F(DoormanTest, TheFirstByteDecidesAndNothingOfItIsLost) {
  visit("\xA6lnk");
  visit("\x16tls");
  visit("GET ");
  EXPECT_THAT(links, testing::ElementsAre("\xA6lnk"));
  EXPECT_THAT(others, testing::ElementsAre("\x16tls", "GET "));
}

TEST_F(DoormanTest, WhoSaysNothingIsSentAwayAfterAWhile) {
  visit("");
  EXPECT_EQ(doorman.undecided(), 1u);
  world.pass(seconds(11));
  EXPECT_EQ(doorman.undecided(), 0u);
}

TEST_F(DoormanTest, ACrowdOfTheSilentKeepsNobodyOut) {
  for (std::size_t i = 0; i < Doorman::max_undecided + 10; ++i) visit("");
  EXPECT_LE(doorman.undecided(), Doorman::max_undecided);
  visit("GET ");
  EXPECT_THAT(others, testing::ElementsAre("GET "));
}

}  // namespace
}  // namespace argot::node
