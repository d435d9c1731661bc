#pragma once
// A service node: the parts of this folder, put together in the order in which they need each other.
#include <argot/app.h>
#include <argot/http.h>
#include <argot/vectors.h>

#include "debts.h"
#include "doorman.h"
#include "first_shard.h"
#include "front.h"
#include "further_shard.h"
#include "gather.h"
#include "node_vectors.h"
#include "reachability.h"
#include "seed.h"

namespace argot::node {

/// The app. Options: plugin.cpp. Needs network/1.
class SessionNode final : public PluginOf<App>, public Vectors {
 public:
  Task<> start(Context& ctx) override;
  Task<> stop() override;
  void* interface(std::string_view id) noexcept override {
    return id == Vectors::interface_id ? static_cast<Vectors*>(this) : PluginOf<App>::interface(id);
  }
  std::optional<VectorResult> run(std::string_view category, const boost::json::object& inputs,
                                  const boost::json::object& expected) const override {
    return run_vector(category, inputs, expected);
  }

 private:
  /// Everything that runs; made by start(), gone after stop().
  struct Running {
    Running(Context& ctx, NodeKeys keys, std::shared_ptr<Database> db, Front::Options options,
            OnionDesk::Options onion_options);
    Service service;
    CommitQueue database;
    Links links;
    Relay relay;
    Dispatcher dispatcher;
    Debts debts;
    LocalDesk desk;
    OnionDesk onions;
    Front front;
    Reachability reachability;
    LinkServer link_server;
    std::optional<FirstShard> shards;  ///< when there are more than this one
    Doorman doorman;
    Seed seed;
    std::optional<http::Server> server;
    std::list<http::Server> seeds;
    Gather background;  ///< accepting and housekeeping
    Doorbell tick;
    bool stopping = false;

    Task<LinkAnswer> answer_node(Endpoint endpoint, std::string body);
  };

  ServiceNode own_record(const std::string& address) const;
  NodeList configured_network(const ServiceNode& self);
  void set_network(NodeList network);
  Task<> start_first(Context& ctx, ShardPlace place, NodeKeys keys, Front::Options options);
  Task<> open_seed(std::string address, std::optional<http::Certificate> certificate);
  Task<> keep_house();
  Task<> remove_expired();
  Task<> reread_nodes();

  Context* ctx_ = nullptr;
  std::unique_ptr<Running> running_;       ///< in the first shard
  std::unique_ptr<FurtherShard> further_;  ///< in the others
  std::string nodes_text_;                 ///< what the nodes file said last
  std::string nodes_complaint_;            ///< what was wrong with it, told once
};

}  // namespace argot::node
