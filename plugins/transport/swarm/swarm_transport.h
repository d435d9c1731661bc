// Envelopes through the service nodes: store and retrieve at the nodes of an account's swarm.
#pragma once
#include <argot/directory.h>
#include <argot/plugin.h>
#include <argot/transport.h>
#include <argot/vectors.h>

#include "cursor.h"
#include "network_time.h"
#include "node_caller.h"
#include "node_choice.h"
#include "swarm_list.h"

namespace argot::swarm {

class SwarmTransport final : public PluginOf<Transport>, public Vectors {
 public:
  void* interface(std::string_view id) noexcept override;
  Task<> start(Context& ctx) override;
  Task<> stop() override;

  /// For tests: calls go through `caller` instead. After start().
  void reach_nodes_through(std::unique_ptr<NodeCaller> caller) { caller_ = std::move(caller); }

  TransportTraits traits() const override;
  /// One node, one attempt; only a node that says it is not in the swarm is followed by another.
  Task<StoreReceipt> store(StoreRequest request) override;
  /// Polls a random node of the swarm every poll_interval. Nothing lost: each node has its own place in the cursor.
  Task<Batch> receive(ReceiveRequest request) override;
  Task<> remove(const Identity& owner, Mailbox mailbox, std::vector<std::string> hashes) override;
  Task<> expire(const Identity& owner, Mailbox mailbox, std::vector<std::string> hashes, Time at) override;

  std::optional<VectorResult> run(std::string_view category, const boost::json::object& inputs,
                                  const boost::json::object& expected) const override;

 private:
  /// A call that was answered with 200, and by whom.
  struct Answer {
    ServiceNode node;
    std::string body;
  };
  using MakeParams = std::function<boost::json::object(const ServiceNode&)>;

  Task<std::vector<ServiceNode>> directory_nodes();
  Task<> refresh_directory();
  Task<std::vector<ServiceNode>> swarm_of(AccountId account);
  /// Takes a swarm that a node told us about; nodes that the directory knows keep the directory's address.
  void learn_swarm(const AccountId& account, SwarmReply reply);
  /// Asks up to `nodes` members of the account's swarm, one after the other, until one answers with 200.
  Task<Answer> ask_swarm(AccountId account, std::string method, MakeParams params, std::size_t nodes);
  Task<Reply> call_noting_failures(ServiceNode node, std::string method, boost::json::object params);
  /// What a status other than 200 and 421 means; the node gets its penalty.
  Error refusal(const ServiceNode& node, const std::string& method, const Reply& reply);
  Task<Batch> poll(ReceiveRequest& request, Cursor& cursor);
  void observe(const Common& common);
  Error bad_reply(const ServiceNode& node, const std::string& method, const Error& why);
  std::int64_t network_ms() const { return to_ms(time_.at(ctx_->now())); }

  Context* ctx_ = nullptr;
  Duration next_refresh_{};
  Handle<Directory> directory_;
  std::unique_ptr<NodeCaller> caller_;
  Duration poll_interval_{};
  NetworkTime time_;
  NodeChoice choice_;
  SwarmList swarms_;
  std::map<Mailbox, Duration> next_poll_;  // so that short waits do not poll more often
};

}  // namespace argot::swarm
