#include "node_news.h"

#include "fake_nodes.h"

#include <gmock/gmock.h>

namespace argot::swarm {
namespace {

using test::FakeCaller;
using test::FakeDirectory;
using test::FakeNode;
using test::FakeNodes;
using test::TestContext;

class News : public testing::Test {
 public:
  News() : nodes_(ctx_, 30) {
    directory_.list = nodes_.contacts();
    directory_.list.resize(10);  // an old list
    ctx_.provide<Directory>(directory_);
    pool_ = NodePool(ctx_, ctx_.service<Directory>());
    client_ = std::make_unique<SwarmClient>(ctx_, pool_, std::make_unique<FakeCaller>(ctx_, nodes_));
    news_ = std::make_shared<NodeNews>(ctx_, pool_, *client_, std::chrono::hours(1));
  }
  bool ask() { return ctx_.run(news_->ask()); }
  /// The nodes that were asked tell something else from now on.
  void all_tell(std::function<std::vector<ServiceNode>(const FakeNode&)> tell) {
    for (FakeNode& node : nodes_.nodes)
      node.script = [this, &node, tell](const std::string& method, const boost::json::object&) -> std::optional<Reply> {
        if (method != "oxend_request") return std::nullopt;
        return nodes_.node_list(node, tell(node));
      };
  }
  TestContext ctx_;
  FakeNodes nodes_;
  FakeDirectory directory_;
  NodePool pool_;
  std::unique_ptr<SwarmClient> client_;
  std::shared_ptr<NodeNews> news_;
};

TEST_F(News, AreWhatThreeNodesAgreeOn) {
  EXPECT_TRUE(ask());
  EXPECT_EQ(directory_.list.size(), 30u);
  EXPECT_EQ(nodes_.calls("oxend_request"), 3u);
  EXPECT_EQ(directory_.refreshes, 0);
}

TEST_F(News, LeaveOutWhatOnlyOneNodeTells) {
  int told = 0;
  all_tell([&](const FakeNode&) {
    std::vector<ServiceNode> list = nodes_.contacts();
    if (told++ == 1) list[4].host = "evil";
    list.erase(list.begin() + told);  // each misses another one
    return list;
  });
  EXPECT_TRUE(ask());
  EXPECT_EQ(directory_.list.size(), 26u);
  for (const ServiceNode& node : directory_.list) EXPECT_NE(node.host, "evil");
}

TEST_F(News, AreNotTakenFromTooFew) {
  all_tell([&](const FakeNode&) {
    std::vector<ServiceNode> list = nodes_.contacts();
    list.resize(NodeNews::least_agreed - 1);
    return list;
  });
  EXPECT_FALSE(ask());
  EXPECT_EQ(directory_.list.size(), 10u);
}

TEST_F(News, GoOnWithAnotherNodeWhenOneDoesNotAnswer) {
  for (std::size_t i = 0; i < 3; ++i)
    nodes_.nodes[i].script = [](const std::string&, const boost::json::object&) -> std::optional<Reply> {
      return Reply{503, "busy"};
    };
  for (std::size_t i = 3; i < 6; ++i)
    nodes_.nodes[i].script = [](const std::string&, const boost::json::object&) -> std::optional<Reply> {
      return Reply{200, "{\"result\":[]}"};
    };
  directory_.list.resize(9);  // three of them are well
  for (int i = 0; i < 60 && directory_.list.size() == 9; ++i) ask();
  EXPECT_EQ(directory_.list.size(), 30u);
}

TEST_F(News, ComeByThemselvesUntilTheTransportStops) {
  news_->begin();
  ctx_.pass(std::chrono::minutes(67));
  EXPECT_EQ(directory_.list.size(), 30u);
  const std::size_t asked = nodes_.calls("oxend_request");
  ctx_.run(news_->close());
  ctx_.pass(std::chrono::hours(3));
  EXPECT_EQ(nodes_.calls("oxend_request"), asked);
}

TEST(Agreed, LeavesASwarmOpenThatIsDisputed) {
  ServiceNode a;
  a.host = "a";
  a.swarm = 7;
  ServiceNode b = a;
  b.swarm = 8;
  const auto out = agreed({{a}, {a}, {b}});
  ASSERT_EQ(out.size(), 1u);
  EXPECT_EQ(out[0].swarm, ServiceNode().swarm);
}

TEST(ServiceNodes, MayBeInTheDaemonsOwnResult) {
  EXPECT_THROW(parse_service_nodes("{}"), Error);
  EXPECT_THROW(parse_service_nodes(R"({"result":{"result":{"service_node_states":[]}}})"), Error);
  EXPECT_THROW(parse_service_nodes(R"({"result":{"result":7}})"), Error);
}

}  // namespace
}  // namespace argot::swarm
