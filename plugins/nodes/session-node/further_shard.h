#pragma once
// A shard that is not the first: a node without a database (shard.h).
#include <argot/http.h>

#include "doorman.h"
#include "front.h"
#include "link.h"
#include "shard_desk.h"

namespace argot::node {

class FurtherShard {
 public:
  FurtherShard(Context& ctx, ShardPlace place, NodeKeys keys, Front::Options options);
  /// Waits for the first shard (10 s), then listens where that says.
  Task<> start();
  Task<> stop();
  std::size_t connections() const { return server_ ? server_->connections() : 0; }

 private:
  Task<> begin();
  Task<LinkAnswer> answer_node(Endpoint endpoint, std::string body);
  Task<ShardNews> ask_news(std::string known);
  Task<ShardNews> first_news();
  Task<> follow_news(ShardNews news);
  Task<> tell_tested();
  Task<> keep_house();
  void take(const ShardNews& news);

  Context& ctx_;
  ShardPlace place_;
  Service service_;
  Links links_, to_first_;
  ShardDesk desk_;
  std::optional<OnionDesk> onions_;
  std::optional<Front> front_;
  Front::Options front_options_;
  LinkServer link_server_;
  Doorman doorman_;
  std::optional<http::Server> server_;
  Gather background_;
  Doorbell tick_, house_;
  Duration told_tested_{-std::chrono::hours(1)};
  bool stopping_ = false;
};

}  // namespace argot::node
