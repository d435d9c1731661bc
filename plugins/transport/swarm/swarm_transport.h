// Envelopes through the service nodes: store and retrieve at the nodes of an account's swarm, straight or in onions;
// and files to a file server the same way.
#pragma once
#include <argot/directory.h>
#include <argot/plugin.h>
#include <argot/transport.h>
#include <argot/vectors.h>

#include <argot/paths.h>

#include "file_client.h"
#include "node_news.h"
#include "onion_caller.h"
#include "poller.h"
#include "swarm_client.h"

namespace argot::swarm {

class SwarmTransport final : public PluginOf<Transport>, public Vectors, public Paths {
 public:
  void* interface(std::string_view id) noexcept override;
  Task<> start(Context& ctx) override;
  Task<> stop() override;

  /// For tests: calls go through `caller` instead. After start().
  void reach_nodes_through(std::unique_ptr<NodeCaller> caller);
  /// For tests: asks nodes for the list of nodes now.
  Task<bool> ask_for_nodes();

  TransportTraits traits() const override;
  Duration clock_offset() const override;
  /// One node, one attempt; only a node that says it is not in the swarm is followed by another.
  Task<StoreReceipt> store(StoreRequest request) override;
  /// Nothing is lost: each node has its own place in the cursor.
  Task<Batch> receive(ReceiveRequest request) override;
  Task<> remove(const Identity& owner, Mailbox mailbox, std::vector<std::string> hashes) override;
  Task<> expire(const Identity& owner, Mailbox mailbox, std::vector<std::string> hashes, Time at) override;

  std::vector<PathView> paths() const override;
  Task<> build_path() override;

  std::optional<VectorResult> run(std::string_view category, const boost::json::object& inputs,
                                  const boost::json::object& expected) const override;

 private:
  /// `method` for all hashes, a thousand in each call, all calls in one request.
  /// `expiry_ms`: when it is "expire".
  Task<> change(AccountId account, std::string method, std::vector<std::string> hashes,
                std::optional<std::int64_t> expiry_ms,
                std::function<boost::json::object(const std::vector<std::string>&)> params);

  Context* ctx_ = nullptr;
  NodePool pool_;
  FileClient files_;
  std::unique_ptr<SwarmClient> client_;
  std::unique_ptr<Poller> poller_;
  std::shared_ptr<NodeNews> news_;  // only with onions: straight, each node asked would learn our address
  OnionCaller* onion_ = nullptr;    // client_'s caller, when it is one
};

}  // namespace argot::swarm
