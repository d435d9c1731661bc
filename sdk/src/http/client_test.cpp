// The client against servers that behave and servers that do not.
#include "test_script.h"

#include <argot/http.h>

#include <gmock/gmock.h>

namespace argot::http::test {
namespace {

using testing::HasSubstr;

class HttpClient : public testing::Test {
 public:
  Task<Response> get(std::string target = "/") {
    Request request;
    request.target = std::move(target);
    return client_->send("node:1", std::move(request));
  }
  /// node:1 does this with each connection.
  void serve(Script script) {
    scripts_.push_back(std::move(script));
    ctx_.spawn("server", play(ctx_, network_, "node:1", scripts_.back()));
  }
  /// node:1 says this to each request, then waits.
  void serve_text(std::string answer) {
    serve([answer](Stream stream) -> Task<> {
      while ((co_await hear(stream, "\r\n\r\n")).size() > 4) {
        std::string text = answer;
        const bool said = co_await say(stream, std::move(text));
        if (!said) break;
      }
    });
  }
  void use(Limits limits) { client_ = std::make_unique<Client>(ctx_, handle_, Security::plain, limits); }

  TestContext ctx_;
  PipeNetwork network_{ctx_};
  Handle<Network> handle_ = ctx_.provide<Network>(network_);
  std::deque<Script> scripts_;
  std::unique_ptr<Client> client_ = std::make_unique<Client>(ctx_, handle_, Security::plain);
};

constexpr const char* fine = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nX-A: b\r\n\r\nfine";

TEST_F(HttpClient, GivesTheAnswer) {
  serve_text(fine);
  const Response response = ctx_.run(get("/where?it=is"));
  EXPECT_EQ(response.status, 200u);
  EXPECT_EQ(response.body, "fine");
  EXPECT_EQ(response.header("x-a"), "b");
  EXPECT_EQ(network_.record_up, "GET /where?it=is HTTP/1.1\r\nHost: node:1\r\n\r\n");
}

TEST_F(HttpClient, SendsABodyWithItsLength) {
  serve_text(fine);
  Request request;
  request.method = "POST";
  request.body = "{}";
  request.headers = {{"Content-Length", "999"}};  // framing is the library's business
  ctx_.run(client_->send("node:1", request));
  EXPECT_EQ(network_.record_up, "POST / HTTP/1.1\r\nHost: node:1\r\nContent-Length: 2\r\n\r\n{}");
}

TEST_F(HttpClient, KeepsAConnectionForTheNextRequest) {
  serve_text(fine);
  for (int i = 0; i < 5; ++i) ctx_.run(get());
  EXPECT_EQ(network_.connects, 1);
}

TEST_F(HttpClient, ClosesAKeptConnectionThatIsIdleForTooLong) {
  Limits limits;
  limits.idle = std::chrono::seconds(5);
  use(limits);
  serve_text(fine);
  ctx_.run(get());
  ctx_.pass(std::chrono::seconds(4));
  ctx_.run(get());
  EXPECT_EQ(network_.connects, 1);
  ctx_.pass(std::chrono::seconds(6));
  ctx_.run(get());
  EXPECT_EQ(network_.connects, 2);
}

TEST_F(HttpClient, DoesNotKeepAConnectionThatTheServerWillClose) {
  serve_text("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
  for (int i = 0; i < 3; ++i) ctx_.run(get());
  EXPECT_EQ(network_.connects, 3);
}

TEST_F(HttpClient, DoesNotKeepAConnectionThatSaysMoreThanItWasAsked) {
  serve_text(std::string(fine) + "HTTP/1.1 200 OK\r\n");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(ctx_.run(get()).body, "fine");
  EXPECT_EQ(network_.connects, 3);
}

TEST_F(HttpClient, RepeatsARequestOnAKeptConnectionThatDied) {
  int served = 0;
  serve([&served](Stream stream) -> Task<> {  // answers once on each connection, without saying that it will close
    co_await hear(stream, "\r\n\r\n");
    ++served;
    std::string text = fine;
    co_await say(stream, std::move(text));
  });
  EXPECT_EQ(ctx_.run(get()).body, "fine");
  EXPECT_EQ(ctx_.run(get()).body, "fine");
  EXPECT_EQ(network_.connects, 2);
  EXPECT_EQ(served, 2);
}

TEST_F(HttpClient, DoesNotRepeatWhatMustNotBeRepeated) {
  serve([](Stream stream) -> Task<> {
    co_await hear(stream, "\r\n\r\n");
    std::string text = fine;
    co_await say(stream, std::move(text));
  });
  ctx_.run(get());
  const Error error = error_of(ctx_, client_->send("node:1", Request(), false));
  EXPECT_EQ(error.code(), Code::unavailable);
}

TEST_F(HttpClient, DoesNotRepeatOnAFreshConnection) {
  serve([](Stream stream) -> Task<> { co_await hear(stream, "\r\n\r\n"); });
  const Error error = error_of(ctx_, get());
  EXPECT_EQ(error.code(), Code::unavailable);
  EXPECT_THAT(error.what(), HasSubstr("node:1 closed the connection without an answer"));
  EXPECT_EQ(network_.connects, 1);
}

TEST_F(HttpClient, SaysWhoRefused) {
  const Error error = error_of(ctx_, get());
  EXPECT_EQ(error.code(), Code::unavailable);
  EXPECT_THAT(error.what(), HasSubstr("node:1"));
  EXPECT_THAT(error.what(), HasSubstr("refused"));
}

TEST_F(HttpClient, GivesUpOnAHostThatDoesNotEvenRefuse) {
  network_.hang.insert("node:1");
  const Error error = error_of(ctx_, get());
  EXPECT_EQ(error.code(), Code::timeout);
  EXPECT_THAT(error.what(), HasSubstr("Connecting to node:1 took longer than 10 s"));
  EXPECT_EQ(ctx_.uptime(), std::chrono::seconds(10));
}

TEST_F(HttpClient, GivesUpOnSilence) {
  serve([&](Stream stream) -> Task<> {
    co_await hear(stream, "\r\n\r\n");
    co_await ctx_.sleep(std::chrono::hours(1));
  });
  const Error error = error_of(ctx_, get());
  EXPECT_EQ(error.code(), Code::timeout);
  EXPECT_STREQ(error.what(), "node:1 did not answer within 10 s.");
}

TEST_F(HttpClient, SaysHowFarAnAnswerThatStallsGot) {
  serve([&](Stream stream) -> Task<> {
    co_await hear(stream, "\r\n\r\n");
    std::string half = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf";
    co_await say(stream, std::move(half));
    co_await ctx_.sleep(std::chrono::hours(1));
  });
  const Error error = error_of(ctx_, get());
  EXPECT_EQ(error.code(), Code::timeout);
  EXPECT_THAT(error.what(), HasSubstr("node:1 stalled: after 44 bytes of its answer"));
}

TEST_F(HttpClient, IsNotHeldByAServerThatDripsOneByteASecond) {
  serve([&](Stream stream) -> Task<> {
    std::string text = "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n";
    bool there = co_await say(stream, std::move(text));
    while (there) {
      co_await ctx_.sleep(std::chrono::seconds(1));
      std::string drop = "x";
      there = co_await say(stream, std::move(drop));
    }
  });
  EXPECT_EQ(error_of(ctx_, get()).code(), Code::timeout);
  EXPECT_EQ(ctx_.uptime(), std::chrono::seconds(10));
}

TEST_F(HttpClient, SaysThatAnAnswerEndedEarly) {
  serve([](Stream stream) -> Task<> {
    co_await hear(stream, "\r\n\r\n");
    std::string half = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf";
    co_await say(stream, std::move(half));
  });
  const Error error = error_of(ctx_, get());
  EXPECT_EQ(error.code(), Code::unavailable);
  EXPECT_THAT(error.what(),
              HasSubstr("node:1 closed the connection after 44 bytes of its answer, before it was complete"));
}

TEST_F(HttpClient, StopsReadingRubbishAtOnce) {
  std::size_t sent = 0;
  serve([&](Stream stream) -> Task<> {
    co_await hear(stream, "\r\n\r\n");
    for (bool there = true; there && sent < 10'000'000;) {
      std::string rubbish(10'000, '\xa5');
      there = co_await say(stream, std::move(rubbish));
      if (there) sent += 10'000;
    }
  });
  const Error error = error_of(ctx_, get());
  EXPECT_EQ(error.code(), Code::corrupt);
  EXPECT_THAT(error.what(), HasSubstr("node:1 answered with something that is not HTTP/1.1"));
  EXPECT_LT(sent, 100'000u);
}

TEST_F(HttpClient, StopsReadingAHeaderWithoutEnd) {
  std::size_t sent = 0;
  serve([&](Stream stream) -> Task<> {
    std::string text = "HTTP/1.1 200 OK\r\nX: ";
    for (bool there = co_await say(stream, std::move(text)); there && sent < 10'000'000; sent += 10'000) {
      std::string more(10'000, 'x');
      there = co_await say(stream, std::move(more));
    }
  });
  const Error error = error_of(ctx_, get());
  EXPECT_EQ(error.code(), Code::resource_exhausted);
  EXPECT_THAT(error.what(), HasSubstr("header of node:1's answer is larger than 16384 bytes"));
  EXPECT_LT(sent, 200'000u);
}

TEST_F(HttpClient, RefusesABodyThatIsAnnouncedTooLarge) {
  serve_text("HTTP/1.1 200 OK\r\nContent-Length: 10485761\r\n\r\n");
  const Error error = error_of(ctx_, get());
  EXPECT_EQ(error.code(), Code::resource_exhausted);
  EXPECT_THAT(error.what(), HasSubstr("answer of node:1 is larger than 10485760 bytes"));
}

TEST_F(HttpClient, RefusesABodyThatGrowsTooLargeInChunks) {
  serve([&](Stream stream) -> Task<> {
    std::string text = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (bool there = co_await say(stream, std::move(text)); there;) {
      std::string chunk = "10000\r\n" + std::string(0x10000, 'x') + "\r\n";
      there = co_await say(stream, std::move(chunk));
    }
  });
  EXPECT_EQ(error_of(ctx_, get()).code(), Code::resource_exhausted);
}

TEST_F(HttpClient, SaysThatALengthMakesNoSense) {
  serve_text("HTTP/1.1 200 OK\r\nContent-Length: plenty\r\n\r\n");
  EXPECT_EQ(error_of(ctx_, get()).code(), Code::corrupt);
}

TEST_F(HttpClient, SkipsInterimAnswers) {
  serve_text(std::string("HTTP/1.1 100 Continue\r\n\r\n") + fine);
  EXPECT_EQ(ctx_.run(get()).body, "fine");
}

TEST_F(HttpClient, IsNotHeldByInterimAnswersWithoutEnd) {
  std::string many;
  for (int i = 0; i < 100; ++i) many += "HTTP/1.1 100 Continue\r\n\r\n";
  serve_text(many);
  EXPECT_EQ(error_of(ctx_, get()).code(), Code::corrupt);
}

TEST_F(HttpClient, RefusesToSendALineBreakInsideAHeader) {
  Request request;
  request.headers = {{"X", "a\r\nEvil: b"}};
  EXPECT_EQ(error_of(ctx_, client_->send("node:1", request)).code(), Code::unavailable);  // nobody listens
  serve_text(fine);
  EXPECT_EQ(error_of(ctx_, client_->send("node:1", request)).code(), Code::invalid_argument);
  request = {};
  request.target = "/ HTTP/1.1\r\nEvil: b";
  EXPECT_EQ(error_of(ctx_, client_->send("node:1", request)).code(), Code::invalid_argument);
}

TEST_F(HttpClient, LetsRequestsWaitForTheirTurn) {
  Limits limits;
  limits.max_connections_per_host = 2;
  use(limits);
  serve([&](Stream stream) -> Task<> {
    while ((co_await hear(stream, "\r\n\r\n")).size() > 4) {
      co_await ctx_.sleep(std::chrono::seconds(1));
      std::string text = fine;
      co_await say(stream, std::move(text));
    }
  });
  int done = 0;
  for (int i = 0; i < 10; ++i) {
    auto one = [](HttpClient& self, int& count) -> Task<> {
      co_await self.get();
      ++count;
    };
    ctx_.spawn("request", one(*this, done));
  }
  ctx_.pass(std::chrono::milliseconds(2500));
  EXPECT_EQ(done, 4);
  ctx_.pass(std::chrono::seconds(3));
  EXPECT_EQ(done, 10);
  EXPECT_EQ(network_.connects, 2);
}

TEST_F(HttpClient, DoesNotLetMoreThanAThousandRequestsWait) {
  serve([&](Stream) -> Task<> { co_await ctx_.sleep(std::chrono::hours(1)); });
  Limits limits;
  limits.max_connections_per_host = 1;
  use(limits);
  int refused = 0, late = 0;
  auto one = [](HttpClient& self, int& refusals, int& timeouts) -> Task<> {
    try {
      co_await self.get();
    } catch (const Error& error) {
      (error.code() == Code::resource_exhausted ? refusals : timeouts) += 1;
    }
  };
  for (int i = 0; i < 1100; ++i) ctx_.spawn("request", one(*this, refused, late));
  ctx_.pass(std::chrono::seconds(11));
  EXPECT_EQ(refused, 99);
  EXPECT_EQ(late, 1001);
}

TEST_F(HttpClient, MayBeDestroyedWhileARequestIsUnderWay) {
  serve([&](Stream stream) -> Task<> {
    co_await hear(stream, "\r\n\r\n");
    co_await ctx_.sleep(std::chrono::seconds(1));
    std::string text = fine;
    co_await say(stream, std::move(text));
  });
  std::string body;
  auto one = [](HttpClient& self, std::string& out) -> Task<> { out = (co_await self.get()).body; };
  ctx_.spawn("request", one(*this, body));
  ctx_.pass(std::chrono::milliseconds(10));
  client_.reset();
  ctx_.pass(std::chrono::seconds(2));
  EXPECT_EQ(body, "fine");
}

TEST_F(HttpClient, LeavesNoTimerBehind) {
  serve_text(fine);
  ctx_.run(get());
  client_.reset();
  ctx_.pass(Duration(1));
  EXPECT_EQ(ctx_.timers(), 0u);
}

}  // namespace
}  // namespace argot::http::test
