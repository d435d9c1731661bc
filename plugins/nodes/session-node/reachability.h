#pragma once
// Tests whether the other nodes can be reached, as every node does (swarm.md section 9): about every 10 s one of them,
// those that failed again and again until they answer. There is no chain to report to: the result goes to the log and
// into the list that this node gives to clients.
#include <argot/http.h>

#include <map>

#include "link.h"
#include "service.h"

namespace argot::node {

class Reachability {
 public:
  Reachability(Context& ctx, const Service& service, Links& links, Handle<Network> network);

  /// Tests until stop().
  Task<> run();
  Task<> stop();
  /// False while its last test has failed.
  bool is_reachable(const ServiceNode& node) const { return !failing_.contains(node.ed25519); }
  /// Somebody reached this node over HTTPS.
  void was_tested() { tested_ = ctx_.uptime(); }

  /// How long to wait before a node that has failed `before` times before this one is tested again.
  static Duration retest_pause(unsigned before, Duration jitter);

 private:
  struct Failing {
    unsigned before = 0;  ///< failures before the last one
    Duration next{};
    bool busy = false;
  };
  Duration jitter();
  std::optional<ServiceNode> next_general();
  Duration start_due();
  Task<> test(ServiceNode node);
  Task<std::string> complaint(ServiceNode node);
  void watch_ourselves();

  Context& ctx_;
  const Service& service_;
  Links& links_;
  std::optional<http::Client> https_;
  Doorbell bell_;
  Gather running_;
  std::map<Fixed<32>, Failing> failing_;
  std::vector<Fixed<32>> round_;  ///< still to be tested in this round, shuffled
  Duration next_general_{}, tested_{};
  bool told_untested_ = false, stopping_ = false;
};

}  // namespace argot::node
