// Against seed servers in this process, over real HTTP and TLS.
#include "seed_directory.h"

#include <sdk/src/http/test_script.h>

#include <argot/identity.h>

#include <gmock/gmock.h>

#include <unistd.h>

#include <fstream>

namespace argot::seed_directory {
namespace {

namespace json = boost::json;
using http::test::error_of;
using http::test::PipeNetwork;
using http::test::TestContext;
using testing::Contains;
using testing::HasSubstr;

json::object entry(int n) {
  const auto keys = make_identity(Secret(Bytes(32, static_cast<Byte>(n))));
  return {{"public_ip", "10.0." + std::to_string(n) + ".1"},
          {"storage_port", 22021},
          {"pubkey_ed25519", to_hex(keys->ed25519_public())},
          {"pubkey_x25519", to_hex(keys->x25519_public())},
          {"requested_unlock_height", 0}};
}

std::string list_of(int count) {
  json::array states;
  for (int n = 1; n <= count; ++n) states.push_back(entry(n));
  return json::serialize(json::object{
      {"jsonrpc", "2.0"}, {"result", {{"status", "OK"}, {"height", 7}, {"service_node_states", std::move(states)}}}});
}

class Seeds : public testing::Test {
 public:
  Seeds() {
    std::string name = (std::filesystem::temp_directory_path() / "argot-seeds-XXXXXX").string();
    ctx_.folder = ::mkdtemp(name.data());
    ctx_.provide<Network>(network_);
    ctx_.options().set("timeout", Duration(std::chrono::seconds(5)));
    ctx_.options().set("refresh", Duration(std::chrono::hours(2)));
    ctx_.options().set("least_nodes", std::int64_t(1));
  }
  ~Seeds() override {
    stop();
    std::filesystem::remove_all(ctx_.folder);
  }
  /// A seed at `address`; without a certificate it is plain HTTP.
  void serve(const std::string& address, std::optional<http::Certificate> certificate = {}) {
    auto handler = [this, address](http::Request request) -> Task<http::Response> {
      EXPECT_EQ(request.method + " " + request.target, "POST /json_rpc");
      EXPECT_EQ(json::parse(request.body).at("method"), "get_n_service_nodes");
      ++asked[address];
      http::Response response;
      response.status = status;
      response.body = body;
      co_return response;
    };
    handlers_.push_back(handler);
    servers_.push_back(std::make_unique<http::Server>(ctx_, handlers_.back(), certificate));
    ctx_.spawn("seed", listen(network_, *servers_.back(), address));
    ctx_.pass(Duration(1));
  }
  static Task<> listen(PipeNetwork& network, http::Server& server, std::string address) {
    auto listener = co_await network.listen(std::move(address));
    co_await server.serve(std::move(listener));
  }
  void start(std::vector<std::string> seeds) {
    ctx_.options().set("seeds", std::move(seeds));
    directory_ = std::make_unique<SeedDirectory>();
    ctx_.run(directory_->start(ctx_));
    ctx_.pass(std::chrono::seconds(1));
  }
  void stop() {
    if (!directory_) return;
    const std::size_t before = ctx_.running();
    ctx_.run(directory_->stop());
    EXPECT_LT(ctx_.running(), before) << "its tasks have ended";
    directory_.reset();
  }

  TestContext ctx_;
  PipeNetwork network_{ctx_};
  std::string body = list_of(9);
  unsigned status = 200;
  std::map<std::string, int> asked;
  std::unique_ptr<SeedDirectory> directory_;

 private:
  std::deque<http::HandlerFunction> handlers_;
  std::vector<std::unique_ptr<http::Server>> servers_;
};

TEST_F(Seeds, GiveTheListOfNodes) {
  serve("seed:1");
  start({"http://seed:1"});
  EXPECT_EQ(directory_->nodes().size(), 9u);
  EXPECT_EQ(directory_->generation(), 1u);
  ctx_.run(directory_->refresh());
  EXPECT_EQ(directory_->generation(), 1u);  // nothing new
  body = list_of(10);
  ctx_.run(directory_->refresh());
  EXPECT_EQ(directory_->nodes().size(), 10u);
  EXPECT_EQ(directory_->generation(), 2u);
}

TEST_F(Seeds, AreAskedAgainAfterAWhile) {
  serve("seed:1");
  start({"http://seed:1"});
  body = list_of(12);
  ctx_.pass(std::chrono::hours(2));
  EXPECT_EQ(directory_->nodes().size(), 12u);
}

TEST_F(Seeds, AreKnownByTheirPins) {
  const http::Certificate right = http::make_certificate(ctx_, "seed"), wrong = http::make_certificate(ctx_, "seed");
  serve("right:1", right);
  serve("wrong:1", wrong);
  const std::string pin = " key=" + to_base64(http::fingerprints_of(right).key_sha256);
  start({"https://wrong:1" + pin});
  EXPECT_TRUE(directory_->nodes().empty());
  EXPECT_EQ(asked["wrong:1"], 0) << "it is not even asked";
  EXPECT_THAT(ctx_.lines(), Contains(HasSubstr("is not the expected one")));
  stop();
  start({"https://wrong:1" + pin, "https://right:1" + pin});
  EXPECT_EQ(directory_->nodes().size(), 9u);
  stop();
  std::filesystem::remove(ctx_.folder / "nodes.json");
  start({"https://right:1 certificate=" + to_hex(http::fingerprints_of(right).sha256)});
  EXPECT_EQ(directory_->nodes().size(), 9u);
}

TEST_F(Seeds, NeedNotAllAnswer) {
  serve("seed:1");
  network_.hang.insert("silent:1");
  start({"http://gone:1", "http://silent:1", "http://seed:1"});
  ctx_.pass(std::chrono::seconds(15));
  EXPECT_EQ(directory_->nodes().size(), 9u);
}

TEST_F(Seeds, AreAskedOneAfterTheOtherWithoutWaitingForOneThatIsSilent) {
  serve("seed:1");
  for (const char* silent : {"silent:1", "silent:2"}) network_.hang.insert(silent);
  start({"http://silent:1", "http://silent:2", "http://seed:1"});
  ctx_.pass(std::chrono::seconds(2));
  EXPECT_EQ(directory_->nodes().size(), 9u);
  EXPECT_EQ(asked["seed:1"], 1);
}

TEST_F(Seeds, AreNotAllAskedWhenTheFirstAnswers) {
  for (const char* seed : {"seed:1", "seed:2", "seed:3"}) serve(seed);
  start({"http://seed:1", "http://seed:2", "http://seed:3"});
  ctx_.pass(std::chrono::seconds(5));
  EXPECT_EQ(asked["seed:1"] + asked["seed:2"] + asked["seed:3"], 1);
}

TEST_F(Seeds, ThatNameNoNodeYetAreAskedAgainSoonAndNotBelieved) {
  serve("seed:1");
  start({"http://seed:1"});
  stop();
  body = list_of(0);  // as of a network that is just starting
  start({"http://seed:1"});
  EXPECT_EQ(directory_->nodes().size(), 9u) << "the list of last time";
  body = list_of(10);
  ctx_.pass(std::chrono::seconds(3));
  EXPECT_EQ(directory_->nodes().size(), 10u);
}

TEST_F(Seeds, AreLeftInPeaceWhenTheyHaveNothingForLong) {
  serve("seed:1");
  body = list_of(0);
  start({"http://seed:1"});
  ctx_.pass(std::chrono::hours(1));
  EXPECT_LE(asked["seed:1"], 70) << "once a minute in the end";
  EXPECT_GE(asked["seed:1"], 50);
}

TEST_F(Seeds, AreReplacedByTheListOfLastTimeWithAWarning) {
  serve("seed:1");
  start({"http://seed:1"});
  stop();
  ctx_.pass(std::chrono::hours(72));
  start({"http://gone:1"});
  EXPECT_EQ(directory_->nodes().size(), 9u);
  EXPECT_THAT(ctx_.lines(), Contains(testing::AllOf(HasSubstr("No seed answers"), HasSubstr("from 3 days ago is used"),
                                                    HasSubstr("connection refused"))));
  const Error error = error_of(ctx_, directory_->refresh());
  EXPECT_EQ(error.code(), Code::unavailable);
  EXPECT_EQ(directory_->nodes().size(), 9u);
}

TEST_F(Seeds, WhoseKeptListIsDamagedAreNotBelieved) {
  std::ofstream(ctx_.folder / "nodes.json") << "{\"fetched_ms\":";
  start({"http://gone:1"});
  EXPECT_TRUE(directory_->nodes().empty());
  EXPECT_THAT(ctx_.lines(), Contains(HasSubstr("nodes.json is not JSON")));
}

TEST_F(Seeds, ThatSayNonsenseAreNamedWithIt) {
  serve("seed:1");
  start({"http://seed:1"});
  const std::map<std::string, std::string> cases = {
      {"rubbish", "is not JSON"}, {"{}", "no \"result\""}, {list_of(0), "no usable node"}};
  for (const auto& [text, problem] : cases) {
    body = text;
    const Error error = error_of(ctx_, directory_->refresh());
    EXPECT_EQ(error.code(), Code::unavailable);
    EXPECT_THAT(error.what(), HasSubstr("seed:1"));
    EXPECT_THAT(error.what(), HasSubstr(problem));
    EXPECT_FALSE(error.remedy().empty());
  }
  status = 503;
  EXPECT_THAT(error_of(ctx_, directory_->refresh()).what(), HasSubstr("status 503"));
  EXPECT_EQ(directory_->nodes().size(), 9u) << "the old list stays";
}

TEST_F(Seeds, ThatNameTooFewNodesAreNotBelieved) {
  ctx_.options().set("least_nodes", std::int64_t(12));
  serve("seed:1");
  start({"http://seed:1"});
  EXPECT_TRUE(directory_->nodes().empty());
  EXPECT_THAT(error_of(ctx_, directory_->refresh()).what(), HasSubstr("fewer than 12"));
}

TEST_F(Seeds, AreAskedOnceForAllWhoWait) {
  serve("seed:1");
  start({"http://seed:1"});
  const int before = asked["seed:1"];
  auto one = [](SeedDirectory& directory) -> Task<> { co_await directory.refresh(); };
  for (int i = 0; i < 5; ++i) ctx_.spawn("refresh", one(*directory_));
  ctx_.pass(std::chrono::seconds(1));
  EXPECT_EQ(asked["seed:1"], before + 1);
}

TEST_F(Seeds, MayBeSilentWhenTheDirectoryStops) {
  network_.hang.insert("silent:1");
  start({"http://silent:1"});
  stop();
}

TEST_F(Seeds, AreAskedLaterWhenNodesAgreeOnAList) {
  body = list_of(3);
  serve("seed:1");
  start({"http://seed:1"});
  ASSERT_EQ(asked["seed:1"], 1);
  std::vector<ServiceNode> fewer = directory_->nodes();
  fewer.pop_back();
  ctx_.pass(std::chrono::minutes(90));
  directory_->offer(fewer);
  EXPECT_EQ(directory_->nodes(), fewer);
  directory_->offer({});  // shorter than least_nodes
  EXPECT_EQ(directory_->nodes(), fewer);
  ctx_.pass(std::chrono::minutes(110));
  EXPECT_EQ(asked["seed:1"], 1);
  ctx_.pass(std::chrono::minutes(15));
  EXPECT_EQ(asked["seed:1"], 2);
  EXPECT_EQ(directory_->nodes().size(), 3u);
}

TEST_F(Seeds, MustBeNamed) {
  ctx_.options().set("seeds", std::vector<std::string>());
  SeedDirectory directory;
  EXPECT_THAT(error_of(ctx_, directory.start(ctx_)).what(), HasSubstr("names no seeds"));
}

}  // namespace
}  // namespace argot::seed_directory
