// The server against clients that behave and clients that do not.
#include "test_script.h"

#include <argot/http.h>

#include <gmock/gmock.h>

namespace argot::http::test {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class HttpServer : public testing::Test {
 public:
  void start(Limits limits = {}) {
    auto handler = [this](Request request) -> Task<Response> { return handle(std::move(request)); };
    server_ = std::make_unique<Server>(ctx_, handler, std::nullopt, limits);
    ctx_.spawn("server", serve());
    ctx_.pass(Duration(1));
  }
  Task<> serve() {
    auto listener = co_await network_.listen("node:1");
    co_await server_->serve(std::move(listener));
  }
  Task<Response> handle(Request request) {
    ++handled_;
    if (request.target == "/throw") throw Error(Code::internal, "the handler has a bad day");
    if (request.target == "/slow") co_await ctx_.sleep(std::chrono::seconds(30));
    Response response;
    response.headers.emplace_back("X-Peer", request.peer);
    if (request.target == "/evil") response.headers.emplace_back("X", "a\r\nb");
    response.body = request.method + " " + request.target + " " + std::to_string(request.body.size());
    if (request.target.starts_with("/pieces")) {
      Pieces pieces;
      pieces.size = 200'000;
      auto left = std::make_shared<int>(request.target == "/pieces/few" ? 3 : 1000);
      pieces.next = [left, fails = request.target == "/pieces/fail"] { return piece(left, fails); };
      response.pieces = std::move(pieces);
    }
    if (request.target == "/large") response.body.assign(3'000'000, 'l');
    co_return response;
  }
  static Task<std::string> piece(std::shared_ptr<int> left, bool fails) {
    if (fails && *left < 998) throw Error(Code::unavailable, "the source has dried up");
    if (--*left < 0) co_return std::string();
    co_return std::string(20'000, 'p');
  }
  Stream connect() { return ctx_.run(network_.connect("node:1")); }
  /// Says `text` on a fresh connection, finishes writing, gives everything that comes back.
  std::string talk(std::string text) {
    Stream stream = connect();
    PipeStream* ours = network_.last;
    auto work = [](Stream& s, PipeStream* raw, std::string say_this) -> Task<std::string> {
      co_await say(s, std::move(say_this));
      raw->finish_writing();
      std::string nothing;
      co_return co_await hear(s, std::move(nothing));
    };
    return ctx_.run(work(stream, ours, std::move(text)));
  }

  TestContext ctx_;
  PipeNetwork network_{ctx_};
  Handle<Network> handle_ = ctx_.provide<Network>(network_);
  int handled_ = 0;
  std::unique_ptr<Server> server_;
};

TEST_F(HttpServer, AnswersEvenWhenTheClientHasFinishedWriting) {
  start();
  EXPECT_EQ(talk("GET /a HTTP/1.1\r\n\r\n"),
            "HTTP/1.1 200 OK\r\nX-Peer: client:1\r\nContent-Length: 8\r\n\r\nGET /a 0");
}

TEST_F(HttpServer, AnswersPipelinedRequestsInOrder) {
  start();
  const std::string all =
      talk("GET /a HTTP/1.1\r\n\r\nPOST /b HTTP/1.1\r\nContent-Length: 3\r\n\r\nabcGET /c HTTP/1.1\r\n\r\n");
  EXPECT_LT(all.find("GET /a 0"), all.find("POST /b 3"));
  EXPECT_LT(all.find("POST /b 3"), all.find("GET /c 0"));
  EXPECT_EQ(network_.connects, 1);
}

TEST_F(HttpServer, ClosesWhenAskedTo) {
  start();
  const std::string all = talk("GET /a HTTP/1.1\r\nConnection: close\r\n\r\nGET /b HTTP/1.1\r\n\r\n");
  EXPECT_THAT(all, HasSubstr("Connection: close"));
  EXPECT_EQ(handled_, 1);
}

TEST_F(HttpServer, SendsNoBodyToHead) {
  start();
  EXPECT_THAT(talk("HEAD /a HTTP/1.1\r\n\r\n"), testing::EndsWith("Content-Length: 9\r\n\r\n"));
}

TEST_F(HttpServer, SendsALargeBodyWhole) {
  start();
  EXPECT_GT(talk("GET /large HTTP/1.1\r\n\r\n").size(), 3'000'000u);
}

TEST_F(HttpServer, SendsABodyThatComesInPieces) {
  start();
  const std::string all = talk("GET /pieces HTTP/1.1\r\n\r\nGET /a HTTP/1.1\r\n\r\n");
  EXPECT_THAT(all, HasSubstr("Content-Length: 200000\r\n"));
  EXPECT_THAT(all, HasSubstr("\r\n\r\n" + std::string(200'000, 'p') + "HTTP/1.1 200 OK"));
  EXPECT_THAT(all, HasSubstr("GET /a 0")) << "the connection goes on";
  const std::string head = talk("HEAD /pieces HTTP/1.1\r\n\r\n");
  EXPECT_THAT(head, testing::EndsWith("Content-Length: 200000\r\n\r\n"));
}

TEST_F(HttpServer, ABodyThatEndsTooEarlyEndsTheConnection) {
  start();
  for (const char* target : {"/pieces/few", "/pieces/fail"}) {
    const std::string all = talk(std::string("GET ") + target + " HTTP/1.1\r\n\r\nGET /a HTTP/1.1\r\n\r\n");
    EXPECT_THAT(all, testing::EndsWith("ppp")) << target;
    EXPECT_LT(all.size(), 100'000u);
  }
  EXPECT_THAT(ctx_.lines(), testing::Contains(HasSubstr("dried up")));
}

TEST_F(HttpServer, TurnsAThrowingHandlerIntoA500AndGoesOn) {
  start();
  const std::string all = talk("GET /throw HTTP/1.1\r\n\r\nGET /a HTTP/1.1\r\n\r\n");
  EXPECT_THAT(all, StartsWith("HTTP/1.1 500 "));
  EXPECT_THAT(all, testing::Not(HasSubstr("bad day")));  // the reason is for our log, not for strangers
  EXPECT_THAT(all, HasSubstr("GET /a 0"));
  EXPECT_THAT(ctx_.lines(), testing::Contains(HasSubstr("bad day")));
}

TEST_F(HttpServer, DoesNotLetTheHandlerBreakTheHeader) {
  start();
  EXPECT_EQ(talk("GET /evil HTTP/1.1\r\n\r\n"), "");
}

TEST_F(HttpServer, RefusesGarbageWithItsName) {
  start();
  server_->set_name("Some Node/1.0");
  EXPECT_EQ(talk("\x16\x03\x01 not http\r\n\r\n"),
            "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nServer: Some Node/1.0\r\nContent-Length: 12\r\n"
            "Connection: close\r\n\r\nBad Request\n");
  EXPECT_EQ(handled_, 0);
}

TEST_F(HttpServer, RefusesAHugeHeader) {
  start();
  EXPECT_THAT(talk("GET / HTTP/1.1\r\nX: " + std::string(100'000, 'x')), StartsWith("HTTP/1.1 431 "));
}

TEST_F(HttpServer, RefusesAHugeBodyBeforeItComes) {
  start();
  const std::string answer = talk("POST / HTTP/1.1\r\nContent-Length: 10485761\r\n\r\n");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 413 "));
  EXPECT_THAT(answer, HasSubstr("Request body too large"));
}

TEST_F(HttpServer, LetsTheClientReadA413ThoughItIsStillSending) {
  Limits limits;
  limits.max_body = 1000;
  start(limits);
  EXPECT_THAT(talk("POST / HTTP/1.1\r\nContent-Length: 1001\r\n\r\n" + std::string(1001, 'x')),
              StartsWith("HTTP/1.1 413 "));
}

TEST_F(HttpServer, RefusesALengthThatIsNone) {
  start();
  EXPECT_THAT(talk("POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n"), HasSubstr("invalid Content-Length"));
}

TEST_F(HttpServer, TellsAClientThatAsksToGoOn) {
  start();
  auto stream = connect();
  auto work = [](Stream& s) -> Task<std::string> {
    std::string head = "POST /a HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n";
    co_await say(s, std::move(head));
    std::string mark = "\r\n\r\n";
    std::string first = co_await hear(s, std::move(mark));
    std::string body = "abc", end = "POST /a 3";
    co_await say(s, std::move(body));
    co_return first + co_await hear(s, std::move(end));
  };
  EXPECT_THAT(ctx_.run(work(stream)), StartsWith("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n"));
}

TEST_F(HttpServer, ClosesAConnectionThatDripsItsHeader) {
  start();
  auto stream = connect();
  auto work = [](TestContext& ctx, Stream& s) -> Task<> {
    std::string part = "GET / HTTP/1.1\r\nX: ";
    for (bool there = co_await say(s, std::move(part)); there;) {
      co_await ctx.sleep(std::chrono::seconds(1));
      std::string drop = "x";
      there = co_await say(s, std::move(drop));
    }
  };
  ctx_.run(work(ctx_, stream));
  EXPECT_LE(ctx_.uptime(), std::chrono::seconds(12));
  EXPECT_EQ(server_->connections(), 0u);
}

TEST_F(HttpServer, ClosesAConnectionThatDoesNotReadItsAnswer) {
  start();
  auto stream = connect();
  std::string text = "GET /large HTTP/1.1\r\n\r\n";
  ctx_.run(say(stream, std::move(text)));
  ctx_.pass(std::chrono::seconds(9));
  EXPECT_EQ(server_->connections(), 1u);
  ctx_.pass(std::chrono::seconds(3));
  EXPECT_EQ(server_->connections(), 0u);
}

TEST_F(HttpServer, ClosesASilentConnection) {
  start();
  auto stream = connect();
  ctx_.pass(std::chrono::seconds(59));
  EXPECT_EQ(server_->connections(), 1u);
  ctx_.pass(std::chrono::seconds(2));
  EXPECT_EQ(server_->connections(), 0u);
}

TEST_F(HttpServer, GivesTheHandlerTheTimeItTakes) {
  start();
  EXPECT_THAT(talk("GET /slow HTTP/1.1\r\n\r\n"), HasSubstr("GET /slow 0"));
}

TEST_F(HttpServer, TakesNoMoreConnectionsThanItMay) {
  Limits limits;
  limits.max_connections = 2;
  start(limits);
  auto first = connect(), second = connect();
  for (Stream* each : {&first, &second}) {
    std::string text = "GET /slow HTTP/1.1\r\n\r\n";
    ctx_.run(say(*each, std::move(text)));
  }
  ctx_.pass(std::chrono::seconds(1));
  EXPECT_EQ(talk("GET /a HTTP/1.1\r\n\r\n"), "") << "who is being answered stays";
  std::string end = "GET /slow 0";
  EXPECT_THAT(ctx_.run(hear(first, std::move(end))), HasSubstr("GET /slow 0"));
  EXPECT_THAT(talk("GET /a HTTP/1.1\r\n\r\n"), HasSubstr("GET /a 0"));
}

TEST_F(HttpServer, WhenItIsFullTheOneItHasWaitedForLongestMakesRoom) {
  Limits limits;
  limits.max_connections = 3;
  start(limits);
  auto silent = connect();
  ctx_.pass(std::chrono::seconds(1));
  auto half = connect();
  std::string text = "GET /slow HT";
  ctx_.run(say(half, std::move(text)));
  ctx_.pass(std::chrono::seconds(1));
  auto busy = connect();
  text = "GET /slow HTTP/1.1\r\n\r\n";
  ctx_.run(say(busy, std::move(text)));
  ctx_.pass(std::chrono::seconds(1));
  std::string end;
  EXPECT_THAT(talk("GET /a HTTP/1.1\r\n\r\n"), HasSubstr("GET /a 0"));
  EXPECT_EQ(ctx_.run(hear(silent, std::move(end))), "") << "it was the first to go";
  EXPECT_EQ(server_->connections(), 2u);
  auto another = connect();
  ctx_.pass(Duration(1));
  auto third = connect();
  ctx_.pass(Duration(1));
  EXPECT_EQ(ctx_.run(hear(half, std::move(end))), "");
  end = "GET /slow 0";
  EXPECT_THAT(ctx_.run(hear(busy, std::move(end))), HasSubstr("GET /slow 0"));
}

TEST_F(HttpServer, ACrowdThatSaysNothingKeepsNobodyOut) {
  Limits limits;
  limits.max_connections = 100;
  start(limits);
  std::vector<Stream> crowd;
  for (int i = 0; i < 1000; ++i) {
    crowd.push_back(connect());
    if (i % 50 == 0) {
      EXPECT_THAT(talk("GET /a HTTP/1.1\r\n\r\n"), HasSubstr("GET /a 0"));
    }
  }
  ctx_.pass(Duration(1));
  EXPECT_LE(server_->connections(), 100u);
}

TEST_F(HttpServer, ClosesAConnectionThatDripsItsBody) {
  start();
  auto stream = connect();
  auto work = [](TestContext& ctx, Stream& s) -> Task<> {
    std::string part = "POST / HTTP/1.1\r\nContent-Length: 1000\r\n\r\n";
    for (bool there = co_await say(s, std::move(part)); there;) {
      co_await ctx.sleep(std::chrono::seconds(1));
      std::string drop = "x";
      there = co_await say(s, std::move(drop));
    }
  };
  ctx_.run(work(ctx_, stream));
  EXPECT_LE(ctx_.uptime(), std::chrono::seconds(12));
  EXPECT_EQ(handled_, 0);
}

TEST_F(HttpServer, FinishesWhatIsInsideWhenItStops) {
  start();
  auto idle = connect(), busy = connect();
  std::string text = "GET /slow HTTP/1.1\r\n\r\n";
  ctx_.run(say(busy, std::move(text)));
  ctx_.pass(std::chrono::seconds(1));
  ctx_.spawn("finish", server_->finish(std::chrono::minutes(1)));
  ctx_.pass(std::chrono::seconds(1));
  EXPECT_EQ(server_->connections(), 1u);  // the idle one is gone
  std::string end = "GET /slow 0";
  EXPECT_THAT(ctx_.run(hear(busy, std::move(end))), HasSubstr("Connection: close"));
  ctx_.pass(Duration(1));
  EXPECT_EQ(server_->connections(), 0u);
  EXPECT_EQ(ctx_.running(), 0u);
  EXPECT_EQ(error_of(ctx_, network_.connect("node:1")).code(), Code::unavailable);
}

TEST_F(HttpServer, CutsWhatDoesNotFinishInTime) {
  start();
  auto dripping = connect();
  std::string text = "GET /slow HT";
  ctx_.run(say(dripping, std::move(text)));
  ctx_.pass(std::chrono::seconds(1));
  ctx_.run(server_->finish(std::chrono::seconds(1)));
  ctx_.pass(Duration(1));
  EXPECT_EQ(server_->connections(), 0u);
  server_.reset();
  ctx_.pass(Duration(1));
  EXPECT_EQ(ctx_.timers(), 0u);
}

TEST_F(HttpServer, SurvivesRandomBytesAndCuts) {
  start();
  const std::string good = "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 20\r\n\r\n01234567890123456789";
  for (int i = 0; i < 300; ++i) {
    std::string bad = good.substr(0, ctx_.random_below(good.size() + 1));
    for (std::uint64_t n = ctx_.random_below(4); n > 0 && !bad.empty(); --n)
      bad[ctx_.random_below(bad.size())] = static_cast<char>(ctx_.random_number());
    talk(bad);
  }
  EXPECT_THAT(talk("GET /a HTTP/1.1\r\n\r\n"), HasSubstr("GET /a 0"));
  EXPECT_EQ(server_->connections(), 0u);
}

}  // namespace
}  // namespace argot::http::test
