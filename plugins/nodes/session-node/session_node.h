#pragma once
// A service node: the parts of this folder, put together in the order in which they need each other.
#include <argot/app.h>
#include <argot/http.h>
#include <argot/vectors.h>

#include "front.h"
#include "gather.h"
#include "node_vectors.h"

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
    Running(Context& ctx, NodeKeys keys, std::shared_ptr<Database> db, Front::Options options)
        : service(std::make_shared<const NodeKeys>(std::move(keys)), Facts{}),
          database(ctx, std::move(db)),
          relay(ctx, ctx.service<Network>(), service.shared_keys()),
          dispatcher(ctx, service, database, relay),
          front(ctx, service, dispatcher, options),
          background(ctx),
          tick(ctx) {}
    Service service;
    CommitQueue database;
    Relay relay;
    Dispatcher dispatcher;
    Front front;
    std::optional<http::Server> server;
    Gather background;  ///< the server's accepting and the housekeeping
    Doorbell tick;
    bool stopping = false;
  };

  ServiceNode own_record(const std::string& address) const;
  void load_network(const ServiceNode& self);
  http::Certificate certificate();
  void open_server(const http::Certificate& certificate);
  Task<> keep_house();
  Task<> remove_expired();
  void reread_nodes();

  Context* ctx_ = nullptr;
  std::unique_ptr<Running> running_;
  std::string nodes_text_;       ///< what the nodes file said last
  std::string nodes_complaint_;  ///< what was wrong with it, told once
};

}  // namespace argot::node
