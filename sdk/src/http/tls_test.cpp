// HTTPS: client and server together, what a stranger on the wire can do to them, and whether it repeats.
#include "test_script.h"

#include <argot/http.h>

#include <gmock/gmock.h>

#include <random>

namespace argot::http::test {
namespace {

using testing::HasSubstr;

/// A world with one HTTPS server that answers with the request's body.
struct Https {
  explicit Https(Certificate certificate, Limits limits = {}) {
    auto handler = [](Request request) -> Task<Response> {
      Response response;
      response.body = std::move(request.body);
      co_return response;
    };
    echo = handler;
    server = std::make_unique<Server>(ctx, echo, certificate, limits);
    ctx.spawn("server", serve(*this));
    ctx.pass(Duration(1));
    client = std::make_unique<Client>(ctx, handle, Security::tls_unverified);
  }
  static Task<> serve(Https& self) {
    auto listener = co_await self.network.listen("node:1");
    co_await self.server->serve(std::move(listener));
  }
  std::string post(std::string body) {
    Request request;
    request.method = "POST";
    request.body = std::move(body);
    return ctx.run(client->send("node:1", std::move(request))).body;
  }
  TestContext ctx;
  PipeNetwork network{ctx};
  Handle<Network> handle = ctx.provide<Network>(network);
  HandlerFunction echo;
  std::unique_ptr<Server> server;
  std::unique_ptr<Client> client;
};

/// What a simulation does: all of OpenSSL's randomness from one seed.
struct Seeded {
  explicit Seeded(std::uint64_t seed) {
    auto generator = std::make_shared<std::mt19937_64>(seed);
    use_random([generator](std::span<Byte> out) {
      for (Byte& b : out) b = static_cast<Byte>((*generator)());
    });
  }
  ~Seeded() { use_random({}); }
};

Certificate fixed_certificate() {
  TestContext ctx;
  Seeded seeded(99);
  return make_certificate(ctx, "node");
}

TEST(Https, CarriesBodiesOfEverySize) {
  Https world(fixed_certificate());
  for (std::size_t size : {0u, 1u, 1000u, 16'384u, 16'385u, 100'000u, 5'000'000u}) {
    std::string body(size, 'x');
    for (std::size_t i = 0; i < size; i += 97) body[i] = static_cast<char>(i);
    EXPECT_EQ(world.post(body), body) << size;
  }
  EXPECT_EQ(world.network.connects, 1);
  EXPECT_THAT(world.network.record_up, testing::Not(HasSubstr("xxxxxxxx")));  // nothing readable on the wire
}

TEST(Https, RepeatsByteForByteFromASeed) {
  const Certificate certificate = fixed_certificate();
  auto record = [&](std::uint64_t seed) {
    Seeded seeded(seed);
    Https world(certificate);
    for (int i = 0; i < 3; ++i) world.post("hello");
    world.client->close_idle();
    world.post("once more");
    return world.network.record_up + "|" + world.network.record_down;
  };
  const std::string first = record(1), again = record(1), other = record(2);
  EXPECT_GT(first.size(), 1000u);
  EXPECT_EQ(first, again);
  EXPECT_NE(first, other);
}

TEST(Https, MakesTheSameCertificateFromTheSameSeedAndClock) {
  const Certificate first = fixed_certificate(), second = fixed_certificate();
  EXPECT_EQ(first.certificate_pem, second.certificate_pem);
  EXPECT_EQ(first.key_pem, second.key_pem);
  TestContext ctx;
  EXPECT_NE(make_certificate(ctx, "node").key_pem, make_certificate(ctx, "node").key_pem);
}

TEST(Https, GivesOpenSslItsOwnRandomnessBack) {
  { Seeded seeded(1); }
  TestContext ctx;
  EXPECT_NE(make_certificate(ctx, "a").key_pem, make_certificate(ctx, "a").key_pem);
}

TEST(Https, SaysThatAServerSpeaksNoTls) {
  TestContext ctx;
  PipeNetwork network(ctx);
  auto handle = ctx.provide<Network>(network);
  Script script = [](Stream stream) -> Task<> {
    std::string text = "HTTP/1.1 400 Bad Request\r\n\r\n";
    co_await say(stream, std::move(text));
    std::string nothing;
    co_await hear(stream, std::move(nothing));
  };
  ctx.spawn("server", play(ctx, network, "node:1", script));
  Client client(ctx, handle, Security::tls_unverified);
  const Error error = error_of(ctx, client.send("node:1", Request()));
  EXPECT_EQ(error.code(), Code::corrupt);
  EXPECT_THAT(error.what(), HasSubstr("node:1 does not speak TLS"));
}

TEST(Https, GivesUpOnAHandshakeThatStalls) {
  TestContext ctx;
  PipeNetwork network(ctx);
  auto handle = ctx.provide<Network>(network);
  Script script = [](Stream stream) -> Task<> {
    std::string nothing;
    co_await hear(stream, std::move(nothing));
  };
  ctx.spawn("server", play(ctx, network, "node:1", script));
  Client client(ctx, handle, Security::tls_unverified);
  const Error error = error_of(ctx, client.send("node:1", Request()));
  EXPECT_EQ(error.code(), Code::timeout);
  EXPECT_THAT(error.what(), HasSubstr("node:1 did not finish the TLS handshake within 10 s"));
}

TEST(Https, SaysThatAServerLeftDuringTheHandshake) {
  TestContext ctx;
  PipeNetwork network(ctx);
  auto handle = ctx.provide<Network>(network);
  Script script = [](Stream stream) -> Task<> {
    std::string mark = "\x16";
    co_await hear(stream, std::move(mark));
  };
  ctx.spawn("server", play(ctx, network, "node:1", script));
  Client client(ctx, handle, Security::tls_unverified);
  const Error error = error_of(ctx, client.send("node:1", Request()));
  EXPECT_EQ(error.code(), Code::unavailable);
  EXPECT_THAT(error.what(), HasSubstr("during the TLS handshake"));
}

TEST(Https, ClosesAClientThatSpeaksNoTlsAndServesTheNext) {
  Https world(fixed_certificate());
  Stream stream = world.ctx.run(world.network.connect("node:1"));
  std::string plain = "GET / HTTP/1.1\r\n\r\n", nothing;
  world.ctx.run(say(stream, std::move(plain)));
  world.ctx.run(hear(stream, std::move(nothing)));
  world.ctx.pass(Duration(1));
  EXPECT_EQ(world.server->connections(), 0u);
  EXPECT_EQ(world.post("fine"), "fine");
}

TEST(Https, ClosesAClientThatStallsInTheHandshake) {
  Https world(fixed_certificate());
  Stream stream = world.ctx.run(world.network.connect("node:1"));
  world.ctx.pass(std::chrono::seconds(9));
  EXPECT_EQ(world.server->connections(), 1u);
  world.ctx.pass(std::chrono::seconds(2));
  EXPECT_EQ(world.server->connections(), 0u);
}

TEST(Https, TreatsACutConnectionAsAnErrorAndNotAsTheEndOfABody) {
  // A body without a length ends with the connection: somebody on the wire must not be able to shorten it.
  const Certificate certificate = fixed_certificate();
  Https world(certificate);
  world.post("warm");
  world.network.last->finish_writing();  // our side of the wire is cut: the server sees an end without close_notify
  world.ctx.pass(Duration(1));
  EXPECT_EQ(world.server->connections(), 0u);
  EXPECT_EQ(world.post("again"), "again");  // repeated on a fresh connection
  EXPECT_EQ(world.network.connects, 2);
}

TEST(Https, SpeaksOnlyToTheServerWhoseCertificateIsPinned) {
  const Certificate certificate = fixed_certificate();
  const PeerCertificate right = fingerprints_of(certificate);
  Https world(certificate);
  std::vector<std::string> asked;
  world.client->accept_only([&](const std::string& address, const PeerCertificate& shown) {
    asked.push_back(address);
    return shown.sha256 == right.sha256 && shown.key_sha256 == right.key_sha256;
  });
  EXPECT_EQ(world.post("hello"), "hello");
  EXPECT_EQ(asked, std::vector<std::string>{"node:1"});
  EXPECT_NE(to_hex(right.sha256), to_hex(right.key_sha256));

  Https stranger(certificate);
  stranger.client->accept_only([](const std::string&, const PeerCertificate&) { return false; });
  try {
    stranger.post("secret question");
    ADD_FAILURE() << "it was spoken to";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::unauthenticated);
    EXPECT_THAT(error.what(), HasSubstr(to_hex(right.sha256)));
    EXPECT_FALSE(error.remedy().empty());
  }
}

TEST(Https, RefusesACertificateThatIsNone) {
  TestContext ctx;
  HandlerFunction handler = [](Request) -> Task<Response> { co_return Response(); };
  Certificate bad;
  bad.certificate_pem = "hello";
  EXPECT_THROW(Server(ctx, handler, bad), Error);
  Certificate mixed = make_certificate(ctx, "a");
  mixed.key_pem = make_certificate(ctx, "b").key_pem;
  EXPECT_THROW(Server(ctx, handler, mixed), Error);
}

}  // namespace
}  // namespace argot::http::test
