// Asking the swarm of an account: finds it, picks a node, follows it when it has moved, keeps the network's time.
#pragma once
#include "network_time.h"
#include "node_caller.h"
#include "node_choice.h"
#include "node_pool.h"
#include "swarm_list.h"

namespace argot::swarm {

class SwarmClient {
 public:
  /// A call that was answered with 200, and by whom.
  struct Answer {
    ServiceNode node;
    std::string body;
    Route route;  ///< the hops and the node
  };
  /// The parameters for one node: made anew for each, because signatures carry the time.
  using MakeParams = std::function<boost::json::object(const ServiceNode&)>;

  struct Ask {
    AccountId account;
    std::string method;
    MakeParams params;
    std::size_t nodes = 1;           ///< members of the swarm that are asked, one after the other, until one answers
    std::size_t parts = 0;           ///< of a batch or sequence; 0: it is none
    Duration held{};                 ///< how long a node may hold the request
    std::optional<Fixed<32>> first;  ///< the node to begin with
    Ask(AccountId a, std::string m, MakeParams p, std::size_t n)
        : account(a), method(std::move(m)), params(std::move(p)), nodes(n) {}
  };

  /// `pool` must outlive it.
  SwarmClient(Context& ctx, NodePool& pool, std::unique_ptr<NodeCaller> caller)
      : ctx_(ctx), pool_(pool), caller_(std::move(caller)) {}

  /// Throws Error(unavailable or timeout) when nobody answers with 200.
  Task<Answer> ask(Ask ask);
  /// For tests: calls go through `caller` from now on.
  void reach_nodes_through(std::unique_ptr<NodeCaller> caller) { caller_ = std::move(caller); }
  NodeCaller& caller() { return *caller_; }

  /// A node answered with something that cannot be right: it gets its penalty, and the error says so.
  Error bad_reply(const ServiceNode& node, const std::string& method, const Error& why);
  void worked_badly(const ServiceNode& node) { choice_.failed(node, ctx_.uptime()); }
  void lied(const ServiceNode& node) { choice_.lied(node, ctx_.uptime()); }
  bool is_avoided(const ServiceNode& node) const { return choice_.has_penalty(node, ctx_.uptime()); }

  /// What a node said of its clock.
  void observe(const ServiceNode& node, const Common& common);
  Time network_time() const { return time_.at(ctx_.now()); }
  std::int64_t network_ms() const { return to_ms(network_time()); }
  /// What the node's own clock shows, which it measures signatures by.
  std::int64_t clock_ms(const ServiceNode& node) const { return to_ms(time_.at(node.ed25519, ctx_.now())); }
  Duration clock_offset() const { return network_time() - ctx_.now(); }

 private:
  struct Course {
    std::optional<Error> last;
    bool moved = false;                ///< a second "wrong swarm" is no longer followed
    std::optional<Fixed<32>> clocked;  ///< whose clock we asked for: a second "out of sync" is its own problem
  };
  enum class Next { another_node, swarm_again, stop };
  Task<std::vector<ServiceNode>> swarm_of(AccountId account);
  Task<std::vector<ServiceNode>> candidates(const Ask& ask);
  Task<Reply> call(ServiceNode node, std::string method, boost::json::object params, Duration held);
  /// The call of `ask` to one node; once more when the clock was wrong.
  Task<Reply> call_in_time(ServiceNode node, const Ask& ask, Course& course);
  Task<> set_clock(ServiceNode node, Reply refusal);
  /// Takes a swarm that a node told us about; nodes that the directory knows keep the directory's address and keys.
  Task<> learn_swarm(ServiceNode teller, AccountId account, SwarmReply reply);
  /// The answer says that the account is elsewhere; whether to go there.
  Task<bool> follow(ServiceNode node, AccountId account, Reply reply, Course& course);
  Error refusal(const ServiceNode& node, const std::string& method, const Reply& reply);

  Context& ctx_;
  NodePool& pool_;
  std::unique_ptr<NodeCaller> caller_;
  NetworkTime time_;
  NodeChoice choice_;
  SwarmList swarms_;
};

}  // namespace argot::swarm
