// Files: what is asked of a file server and what becomes of its answers; and the same through onions.
#include "file_client.h"

#include "kept_file.h"

#include "onion_world.h"
#include "swarm_transport.h"

#include <sdk/src/http/test_script.h>

#include <gmock/gmock.h>

#include <unistd.h>

namespace argot::swarm::test {
namespace {

using http::test::error_of;
using http::test::PipeNetwork;
using testing::HasSubstr;

const std::string key = "ff86dcd4b26d1bfec944c59859494248626d6428efc12168749d65a1b92f5e28";
const std::string key_x25519 = "fc097b06821c98a2db75ce02e521cef5fd9d3446e42e81d843c4c8c4e9260f48";

struct FakeServers final : ServerCaller {
  Task<onion::ServerReply> ask(ServerCall call) override {
    asked.push_back(call);
    if (call.on_sent && call.request.body)
      for (std::uint64_t at :
           {std::uint64_t(0), call.request.body->size() / 2, std::uint64_t(1), call.request.body->size()})
        call.on_sent(at);
    onion::ServerReply out = reply;
    co_return out;
  }
  bool hides_us() const override { return hides; }
  std::vector<ServerCall> asked;
  onion::ServerReply reply;
  bool hides = true;
};

struct Files : testing::Test {
  Files() {
    files.start(ctx, FileServer::read("http://files.example:8080", key));
    files.reach_servers_through(&servers);
    servers.reply.code = 200;
  }
  KeptFile upload(Bytes bytes, Duration ttl = {}, FileProgress progress = {}) {
    return ctx.run(files.upload(std::make_shared<const Bytes>(std::move(bytes)), ttl, std::move(progress)));
  }
  template <class T> Code code_of(Task<T> task) {
    try {
      ctx.run(std::move(task));
    } catch (const Error& error) {
      EXPECT_FALSE(std::string(error.what()).empty());
      return error.code();
    }
    ADD_FAILURE() << "no error came";
    return Code::internal;
  }
  TestContext ctx;
  FakeServers servers;
  FileClient files;
};

TEST_F(Files, AnUploadIsAPostWhoseAnswerNamesTheFile) {
  servers.reply.body = R"({"id":"abc_-","uploaded":1750000000.25,"expires":1751209600.5})";
  std::vector<std::uint64_t> told;
  const KeptFile kept = upload(Bytes(1000, 7), std::chrono::hours(2), [&](std::uint64_t done, std::uint64_t total) {
    EXPECT_EQ(total, 1000u);
    told.push_back(done);
  });
  ASSERT_EQ(servers.asked.size(), 1u);
  const ServerCall& call = servers.asked[0];
  EXPECT_EQ(call.request.method + " " + call.request.endpoint, "POST /file");
  EXPECT_EQ(call.request.body, std::string(1000, '\7'));
  EXPECT_THAT(call.request.headers, testing::Contains(std::pair<std::string, std::string>("X-FS-TTL", "7200")));
  EXPECT_EQ(call.server.host, "files.example");
  EXPECT_EQ(call.server.port, 8080);
  EXPECT_FALSE(call.server.tls);
  EXPECT_EQ(to_hex(call.server.x25519), key_x25519);
  EXPECT_EQ(to_ms(kept.expires_at), 1'751'209'600'500);
  EXPECT_EQ(kept.size, 1000u);
  EXPECT_EQ(told, (std::vector<std::uint64_t>{0, 500, 999, 1000})) << "never backwards, whole only at the end";
}

TEST_F(Files, AddressesOfOnesOwnServerNameItsKeyAndThoseOfTheOfficialOneDoNot) {
  files.reach_servers_through(nullptr);
  SwarmTransport transport;  // fills the key in
  EXPECT_NE(transport.interface(FileStore::interface_id), nullptr);
  const FileServer official =
      FileServer::read("http://" + std::string(FileClient::official_host), std::string(FileClient::official_key));
  EXPECT_EQ(to_hex(official.x25519), "09324794aa9c11948189762d198c618148e9136ac9582068180661208927ef34");
  KeptFile kept = parse_kept_file(R"({"id":12345,"uploaded":1,"expires":2})", official.address, true);
  EXPECT_EQ(kept.url, "http://filev2.getsession.org/file/12345");
  FileUrl own = FileServer::read("https://files.example", key).address;
  own.server_key = key;
  EXPECT_EQ(parse_kept_file(R"({"id":"x"})", own, true).url, "https://files.example/file/x#p=" + key);
}

TEST_F(Files, ADownloadGoesToTheServerThatItsAddressNames) {
  servers.reply.body = "encrypted";
  const Bytes got = ctx.run(files.download("http://other.example:81/file/zzz#p=" + key + "&d", 9, {}));
  EXPECT_EQ(text_of(got), "encrypted");
  EXPECT_EQ(servers.asked[0].request.method + " " + servers.asked[0].request.endpoint, "GET /file/zzz");
  EXPECT_EQ(servers.asked[0].server.host, "other.example");
  EXPECT_EQ(servers.asked[0].server.port, 81);
  ctx.run(files.download("http://files.example:8080/file/zzz", 9, {}));
  EXPECT_EQ(to_hex(servers.asked[1].server.x25519), key_x25519) << "our own server's key is known";
  ctx.run(files.download("http://filev2.getsession.org/files/123", 9, {}));
  EXPECT_EQ(servers.asked[2].request.endpoint, "/file/123");
}

TEST_F(Files, AddressesThatNameNoKnownServerAreRefusedAndNobodyIsAsked) {
  for (const std::string& url :
       {std::string("http://unknown.example/file/x"), std::string("http://files.example/file/x"), std::string("x"),
        std::string("http://a/file/x#p=12"), "http://a/file/x#p=" + std::string(64, '0') + "0",
        "http://a/file/x#p=02" + std::string(62, '0')})
    EXPECT_EQ(code_of(files.download(url, 9, {})), Code::invalid_argument) << url;
  EXPECT_TRUE(servers.asked.empty());
}

TEST_F(Files, StraightToAServerThatSomebodyElseChoseIsRefused) {
  servers.hides = false;
  EXPECT_EQ(code_of(files.download("http://evil.example/file/x#p=" + key, 9, {})), Code::permission_denied);
  EXPECT_TRUE(servers.asked.empty());
  EXPECT_FALSE(files.traits().hides_address);
  ctx.run(files.download("http://files.example:8080/file/x#p=" + key, 9, {}));
}

TEST_F(Files, StatusesBecomeErrorsThatSayWhetherToTryAgain) {
  const auto of = [&](unsigned status) {
    servers.reply.code = status;
    return code_of(files.download("http://files.example:8080/file/x", 9, {}));
  };
  EXPECT_EQ(of(404), Code::not_found);
  EXPECT_EQ(of(413), Code::resource_exhausted);
  EXPECT_EQ(of(400), Code::invalid_argument);
  EXPECT_EQ(of(405), Code::invalid_argument);
  EXPECT_EQ(of(429), Code::unavailable);
  EXPECT_EQ(of(500), Code::unavailable);
  EXPECT_EQ(of(507), Code::unavailable);
  EXPECT_EQ(of(302), Code::unavailable);
}

TEST_F(Files, AnswersThatMakeNoSenseAreRefused) {
  for (const char* body : {"", "[]", "{", "{}", R"({"id":""})", R"({"id":"a/b"})", R"({"id":".."})", R"({"id":1.5})",
                           R"({"id":"x y"})", R"({"id":"x#d"})", R"({"id":null})"}) {
    servers.reply.body = body;
    EXPECT_EQ(code_of(files.upload(std::make_shared<const Bytes>(Bytes(1)), {}, {})), Code::corrupt) << body;
  }
  servers.reply.body = R"({"id":"x","uploaded":"then","expires":1e300,"size":-5})";
  const KeptFile kept = upload(Bytes(3));
  EXPECT_EQ(kept.expires_at, Time());
  EXPECT_EQ(kept.uploaded_at, Time());
}

TEST_F(Files, SizesAreBoundedBothWays) {
  EXPECT_EQ(code_of(files.upload(std::make_shared<const Bytes>(), {}, {})), Code::resource_exhausted);
  EXPECT_EQ(code_of(files.upload(std::make_shared<const Bytes>(Bytes(FileClient::max_file + 1)), {}, {})),
            Code::resource_exhausted);
  EXPECT_TRUE(servers.asked.empty());
  servers.reply.body = std::string(10, 'x');
  EXPECT_EQ(code_of(files.download("http://files.example:8080/file/x", 9, {})), Code::resource_exhausted);
}

TEST_F(Files, InfoAndExtendAskWhatTheySay) {
  servers.reply.body = R"({"size":77,"uploaded":1750000000,"expires":1750000001})";
  EXPECT_EQ(ctx.run(files.info("http://files.example:8080/file/abc")).size, 77u);
  EXPECT_EQ(servers.asked.back().request.endpoint, "/file/abc/info");
  ctx.run(files.extend("http://files.example:8080/file/abc", std::chrono::hours(1)));
  EXPECT_EQ(servers.asked.back().request.method + " " + servers.asked.back().request.endpoint, "POST /file/abc/extend");
}

TEST_F(Files, WithoutAServerNothingIsUploadedAndTheSentenceSaysWhy) {
  files.start(ctx, std::nullopt);
  EXPECT_EQ(code_of(files.upload(std::make_shared<const Bytes>(Bytes(1)), {}, {})), Code::invalid_argument);
  EXPECT_THROW(FileServer::read("http://files.example", "12"), Error);
  EXPECT_THROW(FileServer::read("files.example", key), Error);
}

// --- through onions ---

/// A file server that keeps one file, and its keys.
class OnionFiles : public testing::Test {
 public:
  OnionFiles() {
    std::string name = (std::filesystem::temp_directory_path() / "argot-files-XXXXXX").string();
    ctx_.folder = ::mkdtemp(name.data());
    crypto_sign_seed_keypair(ed_.data(), ed_secret_.data(), Bytes(32, 9).data());
    crypto_sign_ed25519_sk_to_curve25519(x_secret_.data(), ed_secret_.data());
    crypto_scalarmult_base(x_.data(), x_secret_.data());
    ctx_.options().set("poll_interval", Duration(std::chrono::seconds(5)));
    ctx_.options().set("timeout", Duration(std::chrono::seconds(10)));
    ctx_.options().set("route", std::string("onion"));
    ctx_.options().set("push", true);
    ctx_.options().set("rotate", Duration(std::chrono::minutes(10)));
    ctx_.options().set("file_server", std::string("http://files.example"));
    ctx_.options().set("file_server_key", to_hex(ed_));
    ctx_.provide<Network>(network_);
    ctx_.provide<Directory>(directory_);
    directory_.list = nodes_.contacts();
    world_ = std::make_unique<OnionWorld>(ctx_, network_, nodes_);
    world_->server = [this](const onion::ForServer& step, ByteView plain) { return serve(step, plain); };
    ctx_.run(transport_.start(ctx_));
    files_ = static_cast<FileStore*>(transport_.interface(FileStore::interface_id));
  }
  ~OnionFiles() override {
    ctx_.run(transport_.stop());
    std::filesystem::remove_all(ctx_.folder);
  }
  http::Response serve(const onion::ForServer& step, ByteView plain) {
    http::Response out;
    hosts_.push_back(step.host + ":" + std::to_string(step.port) + " " + step.protocol + " " + step.target);
    const onion::Layer layer = onion::parse_request(plain);
    const auto channel = onion::Channel::of_node(layer.cipher, x_secret_, x_, layer.ephemeral_key);
    const auto inner = channel->open(layer.ciphertext);
    if (!inner) {
      out.status = 400;
      out.body = "Invalid ciphertext";
      return out;
    }
    const onion::ServerRequest request = onion::decode_server_request(*inner);
    onion::ServerReply reply;
    reply.code = 200;
    if (request.method == "POST") {
      file_ = *request.body;
      reply.body = R"({"id":"the-file","expires":1760000000})";
    } else if (request.endpoint == "/file/the-file") {
      reply.body = file_;
    } else {
      reply.code = 404;
    }
    out.body = text_of(channel->seal(view(onion::encode(reply))));
    return out;
  }
  template <class T> Error error_of(Task<T> task) {
    try {
      ctx_.run(std::move(task));
    } catch (const Error& error) {
      return error;
    }
    ADD_FAILURE() << "no error came";
    return Error(Code::internal, "");
  }

  TestContext ctx_;
  PipeNetwork network_{ctx_};
  FakeNodes nodes_{ctx_, 9};
  FakeDirectory directory_;
  std::unique_ptr<OnionWorld> world_;
  SwarmTransport transport_;
  FileStore* files_ = nullptr;
  Fixed<32> ed_{}, x_{}, x_secret_{};
  Fixed<64> ed_secret_{};
  std::string file_;
  std::vector<std::string> hosts_;
};

TEST_F(OnionFiles, AFileGoesThereAndBackAndNoNodeSeesIt) {
  const Bytes bytes(300'000, 'q');
  std::vector<std::uint64_t> told;
  const KeptFile kept = ctx_.run(files_->upload(std::make_shared<const Bytes>(bytes), {},
                                                [&](std::uint64_t done, std::uint64_t) { told.push_back(done); }));
  EXPECT_EQ(kept.url, "http://files.example/file/the-file#p=" + to_hex(ed_));
  EXPECT_EQ(hosts_, std::vector<std::string>{"files.example:80 http /oxen/v4/lsrpc"});
  EXPECT_GT(told.size(), 3u);
  EXPECT_TRUE(std::ranges::is_sorted(told));
  EXPECT_EQ(told.back(), bytes.size());
  told.clear();
  const Bytes got =
      ctx_.run(files_->download(kept.url, 400'000, [&](std::uint64_t done, std::uint64_t) { told.push_back(done); }));
  EXPECT_EQ(got, bytes);
  EXPECT_GT(told.size(), 3u);
  EXPECT_TRUE(files_->traits().hides_address);
  for (const OnionWorld::Seen& each : world_->seen) EXPECT_EQ(each.text.find(std::string(64, 'q')), std::string::npos);
}

TEST_F(OnionFiles, AServerThatIsAwayIsNotThePathsFault) {
  world_->server = nullptr;
  for (int i = 0; i < 5; ++i) {
    const Error error = error_of(files_->download("http://files.example/file/the-file", 10));
    EXPECT_EQ(error.code(), Code::unavailable) << error.sentence();
    EXPECT_THAT(error.sentence(), HasSubstr("files.example"));
  }
  for (const PathView& path : transport_.paths()) EXPECT_EQ(path.failures, 0u);
}

TEST_F(OnionFiles, AWrongKeyInAnAddressIsTheAddressesFault) {
  const Error error = error_of(files_->download("http://files.example/file/the-file#p=" + key, 10));
  EXPECT_EQ(error.code(), Code::invalid_argument) << error.sentence();
  EXPECT_THAT(error.sentence(), HasSubstr("key"));
  for (const PathView& path : transport_.paths()) EXPECT_EQ(path.failures, 0u);
}

TEST_F(OnionFiles, AnotherPathIsTakenWhenTheGuardIsGone) {
  ctx_.run(files_->upload(std::make_shared<const Bytes>(Bytes(10, 1))));
  world_->kill(*world_->number_of(transport_.paths().at(0).hops[0].ed25519));
  EXPECT_EQ(ctx_.run(files_->download("http://files.example/file/the-file", 10)), Bytes(10, 1));
}

}  // namespace
}  // namespace argot::swarm::test
