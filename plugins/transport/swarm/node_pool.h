// The directory's nodes, asked for again when there are none or nobody answers.
#pragma once
#include <argot/context.h>
#include <argot/directory.h>
#include <argot/identity.h>

namespace argot::swarm {

/// "127.0.0.1:4101 (3fa1bc09…)", for people.
std::string name_of_node(const ServiceNode& node);

class NodePool {
 public:
  NodePool() = default;
  NodePool(Context& ctx, Handle<Directory> directory) : ctx_(&ctx), directory_(std::move(directory)) {}

  /// Asks the directory when it knows none. Throws Error(unavailable).
  Task<std::vector<ServiceNode>> nodes();
  /// Asks the directory for news, at most every ten seconds. A failure is logged.
  Task<> refresh();
  /// Gives the directory a list that nodes agree on.
  void offer(std::vector<ServiceNode> nodes);
  /// The nodes as known now, when they are not those of the last call with this `seen`; it changes then.
  std::optional<std::vector<ServiceNode>> news(std::string& seen) const;
  /// The swarm that keeps an account's mailboxes, by the ids that the directory knows; empty when it knows too few.
  std::vector<ServiceNode> swarm_of(const AccountId& account) const;

 private:
  Context* ctx_ = nullptr;
  Handle<Directory> directory_;
  Duration next_refresh_{};
};

}  // namespace argot::swarm
