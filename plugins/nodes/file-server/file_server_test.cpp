// The whole server over streams in memory: through the onion's inner layer and straight.
#include "file_server.h"

#include <gmock/gmock.h>
#include <http/test_world.h>

#include <sodium.h>
#include <boost/json/parse.hpp>

#include <random>

namespace argot::files {
namespace {

namespace json = boost::json;

class FileServerTest : public testing::Test {
 protected:
  FileServerTest()
      : network(world), handle(world.provide<Network>(network)), client(world, handle, http::Security::plain) {
    std::random_device entropy;
    directory = std::filesystem::temp_directory_path() / ("argot-file-server-" + std::to_string(entropy()));
    key.emplace(Bytes(32, 9));
    store.emplace(directory, 0);
    RouteOptions options;
    options.max_file = 1'000'000;
    options.releases["desktop"] = Release{"v1.17.17", 1'750'000'000};
    routes.emplace(world, *store, options);
    gate.emplace(*key, *routes);
    http::HandlerFunction handler = [this](http::Request request) { return gate->handle(std::move(request)); };
    server.emplace(world, handler, std::nullopt);
    auto listener = world.run(network.listen("files:80"));
    world.spawn("server", server->serve(std::move(listener)));
  }
  ~FileServerTest() override {
    client.close_idle();
    world.run(server->finish());
    world.pass(std::chrono::minutes(2));
    EXPECT_EQ(world.running(), 0u);
    std::filesystem::remove_all(directory);
  }

  http::Response post(std::string target, std::string body) {
    http::Request request;
    request.method = "POST";
    request.target = std::move(target);
    request.body = std::move(body);
    return world.run(client.send("files:80", std::move(request)));
  }
  /// What the last hop of an onion would send, and the answer opened.
  onion::ServerReply through_onion(const onion::ServerRequest& request,
                                   onion::Cipher cipher = onion::Cipher::xchacha20) {
    Secret secret(32);
    world.random(secret.span());
    Fixed<32> ephemeral;
    crypto_scalarmult_base(ephemeral.data(), secret.data());
    const auto channel = onion::Channel::of_client(cipher, secret.view(), ephemeral, key->x25519());
    const Bytes sealed = channel->seal(view(onion::encode(request)));
    const std::string control = "{\"ephemeral_key\":\"" + to_hex(ephemeral) + "\",\"enc_type\":\"" +
                                std::string(onion::name_of(cipher)) +
                                "\",\"host\":\"files\",\"target\":\"/oxen/v4/lsrpc\"}";
    const auto response = post("/oxen/v4/lsrpc", std::string(text_of(onion::join(sealed, control))));
    EXPECT_EQ(response.status, 200u) << response.body;
    const auto plain = channel->open(view(response.body));
    EXPECT_TRUE(plain);
    return onion::decode_server_reply(*plain);
  }
  onion::ServerRequest request(std::string method, std::string endpoint, std::optional<std::string> body = {},
                               onion::Headers headers = {}) {
    onion::ServerRequest out;
    out.method = std::move(method);
    out.endpoint = std::move(endpoint);
    out.body = std::move(body);
    out.headers = std::move(headers);
    return out;
  }
  json::value upload(std::string bytes, onion::Headers headers = {}) {
    const auto reply = through_onion(request("POST", "/file", std::move(bytes), std::move(headers)));
    EXPECT_EQ(reply.code, 200u) << reply.body;
    return json::parse(reply.body);
  }
  double now_s() const { return static_cast<double>(to_ms(world.now())) / 1000; }

  http::test::TestContext world;
  http::test::PipeNetwork network;
  Handle<Network> handle;
  http::Client client;
  std::filesystem::path directory;
  std::optional<ServerKey> key;
  std::optional<FileStore> store;
  std::optional<Routes> routes;
  std::optional<Gate> gate;
  std::optional<http::Server> server;
};

TEST_F(FileServerTest, AFileGoesUpAndComesDownThroughTheOnion) {
  const std::string bytes = std::string("\0\xff", 2) + std::string(500'000, 'f');
  const json::value up = upload(bytes);
  EXPECT_EQ(up.at("size"), bytes.size());
  EXPECT_NEAR(up.at("uploaded").to_number<double>(), now_s(), 1);
  EXPECT_NEAR(up.at("expires").to_number<double>(), now_s() + 14 * 86'400, 1);
  for (const auto cipher : {onion::Cipher::aes_gcm, onion::Cipher::xchacha20, onion::Cipher::aes_cbc}) {
    const auto down = through_onion(request("GET", "/file/" + std::string(up.at("id").as_string())), cipher);
    EXPECT_EQ(down.code, 200u);
    EXPECT_EQ(down.body, bytes);
    EXPECT_EQ(down.header("content-type"), "application/octet-stream");
    EXPECT_EQ(down.header("content-length"), std::to_string(bytes.size()));
    EXPECT_THAT(std::string(down.header("expires")), testing::EndsWith(" GMT"));
  }
}

TEST_F(FileServerTest, InfoAndExtend) {
  const json::value up = upload("hello", {{"X-FS-TTL", "60"}});
  const std::string id(up.at("id").as_string());
  EXPECT_NEAR(up.at("expires").to_number<double>(), now_s() + 60, 1);
  auto reply = through_onion(request("GET", "/file/" + id + "/info"));
  EXPECT_EQ(json::parse(reply.body).at("size"), 5);
  reply = through_onion(request("POST", "/file/" + id + "/extend", {}, {{"x-fs-ttl", "3600"}}));
  EXPECT_EQ(reply.code, 200u);
  EXPECT_NEAR(json::parse(reply.body).at("expires").to_number<double>(), now_s() + 3600, 1);
  reply = through_onion(request("POST", "/file/" + id + "/extend", "", {{"X-FS-TTL", "99999999999"}}));
  EXPECT_NEAR(json::parse(reply.body).at("expires").to_number<double>(), now_s() + 14 * 86'400, 1) << "bounded";
}

TEST_F(FileServerTest, WhatHasExpiredIsNotFound) {
  const std::string id(upload("short", {{"X-FS-TTL", "60"}}).at("id").as_string());
  world.pass(std::chrono::seconds(61));
  EXPECT_EQ(through_onion(request("GET", "/file/" + id)).code, 404u);
  EXPECT_EQ(through_onion(request("GET", "/file/" + id + "/info")).code, 404u);
  EXPECT_EQ(through_onion(request("POST", "/file/" + id + "/extend")).code, 404u);
}

TEST_F(FileServerTest, SizesAtUnderAndOverTheLimit) {
  EXPECT_EQ(through_onion(request("POST", "/file")).code, 413u);
  EXPECT_EQ(through_onion(request("POST", "/file", "")).code, 413u);
  upload(std::string(1'000'000, 'x'));
  EXPECT_EQ(through_onion(request("POST", "/file", std::string(1'000'001, 'x'))).code, 413u);
}

TEST_F(FileServerTest, BadRequestsAreRefused) {
  for (const char* ttl : {"soon", "-1", "0", "1.5", "99999999999999999999"})
    EXPECT_EQ(through_onion(request("POST", "/file", "x", {{"X-FS-TTL", ttl}})).code, 400u) << ttl;
  EXPECT_EQ(through_onion(request("GET", "/file/../server.key")).code, 404u);
  EXPECT_EQ(through_onion(request("GET", "/file/" + std::string(44, 'A'))).code, 404u);
  EXPECT_EQ(through_onion(request("GET", "/")).code, 404u);
  EXPECT_EQ(through_onion(request("DELETE", "/file")).code, 405u);
  EXPECT_EQ(through_onion(request("POST", "/file/" + std::string(44, 'A'), "x")).code, 405u);
  EXPECT_EQ(post("/oxen/v4/lsrpc", "").status, 400u);
  EXPECT_EQ(post("/oxen/v4/lsrpc", std::string("\3\0\0\0abc{}", 9)).status, 400u);
  const std::string strange = "{\"ephemeral_key\":\"" + std::string(64, '0') + "\"}";
  EXPECT_EQ(post("/oxen/v4/lsrpc", std::string(text_of(onion::join(view("xx"), strange)))).status, 400u);
}

TEST_F(FileServerTest, AFullDiskIsAnAnswer) {
  FileStore full(directory / "full", 1ull << 62);
  Routes broken(world, full, RouteOptions{});
  const auto reply = world.run(broken.answer(request("POST", "/file", "x")));
  EXPECT_EQ(reply.code, 507u);
  ASSERT_FALSE(world.lines().empty());
}

TEST_F(FileServerTest, WorksWithoutAnOnionToo) {
  const auto up = post("/file", "straight");
  EXPECT_EQ(up.status, 200u);
  http::Request get;
  get.target = "/file/" + std::string(json::parse(up.body).at("id").as_string()) + "/";
  const auto down = world.run(client.send("files:80", std::move(get)));
  EXPECT_EQ(down.body, "straight");
  EXPECT_EQ(down.header("Content-Type"), "application/octet-stream");
}

TEST_F(FileServerTest, WithoutAnOnionAFileComesInPieces) {
  const std::string bytes(300'001, 's');
  const std::string id(upload(bytes).at("id").as_string());
  http::Request get;
  get.target = "/file/" + id;
  EXPECT_EQ(world.run(client.send("files:80", get)).body, bytes);
  const auto direct = world.run(gate->handle(get));
  ASSERT_TRUE(direct.pieces);
  EXPECT_EQ(direct.pieces->size, bytes.size());
  EXPECT_EQ(world.run(direct.pieces->next()).size(), Routes::piece);
  // Who has begun gets to the end, though its time is over.
  world.pass(std::chrono::hours(15 * 24));
  EXPECT_EQ(world.run(client.send("files:80", get)).status, 404u);
  for (std::size_t i = 0; i < FileStore::shards; ++i) store->sweep(i, to_ms(world.now()));
  std::size_t rest = Routes::piece;
  while (rest < bytes.size()) rest += world.run(direct.pieces->next()).size();
  EXPECT_EQ(rest, bytes.size());
}

TEST_F(FileServerTest, ManyReadersAtOnceAreBounded) {
  const std::string id(upload(std::string(1000, 's')).at("id").as_string());
  http::Request get;
  get.target = "/file/" + id;
  std::vector<http::Response> readers;
  for (std::size_t i = 0; i < Routes::max_streams; ++i) readers.push_back(world.run(gate->handle(get)));
  for (const auto& each : readers) EXPECT_TRUE(each.pieces);
  EXPECT_FALSE(world.run(gate->handle(get)).pieces) << "goes through memory, as one of 64";
  readers.clear();
  EXPECT_TRUE(world.run(gate->handle(get)).pieces);
}

TEST_F(FileServerTest, TellsTheNewestVersion) {
  const std::string endpoint = "/session_version?platform=desktop&release_channel=stable";
  const auto reply = through_onion(request("GET", endpoint));
  EXPECT_EQ(json::parse(reply.body).at("result"), "v1.17.17");
  EXPECT_EQ(json::parse(reply.body).at("status_code"), 200);
  EXPECT_EQ(through_onion(request("GET", "/session_version?platform=amiga")).code, 404u);
  EXPECT_EQ(through_onion(request("GET", "/session_version")).code, 404u);

  Fixed<32> pk;
  Fixed<64> sk, signature;
  crypto_sign_seed_keypair(pk.data(), sk.data(), Bytes(32, 4).data());
  const auto ask = [&](std::int64_t at, const std::string& signed_endpoint) {
    const std::string message = std::to_string(at) + "GET" + signed_endpoint;
    crypto_sign_detached(signature.data(), nullptr, view(message).data(), message.size(), sk.data());
    return through_onion(request("GET", endpoint, {},
                                 {{"X-FS-Pubkey", "07" + to_hex(pk)},
                                  {"X-FS-Timestamp", std::to_string(at)},
                                  {"X-FS-Signature", to_base64(signature)}}))
        .code;
  };
  const auto now = static_cast<std::int64_t>(now_s());
  EXPECT_EQ(ask(now, endpoint), 200u);
  EXPECT_EQ(ask(now - 86'401, endpoint), 425u);
  EXPECT_EQ(ask(now + 86'401, endpoint), 425u);
  EXPECT_EQ(ask(now, "/another"), 401u);
}

TEST(HttpDate, IsTheOneOfTheStandard) { EXPECT_EQ(http_date(784'111'777'000), "Sun, 06 Nov 1994 08:49:37 GMT"); }

}  // namespace
}  // namespace argot::files
