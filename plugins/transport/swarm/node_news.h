// What nodes there are, asked of nodes and in onions: a seed would learn our address each time (client/onion.md section
// 11.2).
#pragma once
#include "swarm_client.h"

#include <argot/doorbell.h>

namespace argot::swarm {

/// The nodes that are in all lists with the same address; a swarm that they do not agree on is left open.
std::vector<ServiceNode> agreed(std::vector<std::vector<ServiceNode>> lists);

/// The list in an answer to oxend_request get_service_nodes. Throws Error(corrupt), as the end of a sentence.
std::vector<ServiceNode> parse_service_nodes(std::string_view body);

class NodeNews : public std::enable_shared_from_this<NodeNews> {
 public:
  static constexpr std::size_t lists_wanted = 3, most_asked = 6;
  /// Fewer do not count: in a network as small as that the seeds are asked.
  static constexpr std::size_t least_agreed = 24;

  /// `pool` and `client` must outlive run().
  NodeNews(Context& ctx, NodePool& pool, SwarmClient& client, Duration every)
      : ctx_(ctx), pool_(pool), client_(client), every_(every), bell_(ctx), over_(ctx) {}
  /// Asks every `every`, or a tenth sooner or later, until close().
  void begin();
  /// Asks now. Whether three nodes answered and agree on enough; the directory has been offered the list then.
  Task<bool> ask();
  /// Ask no more.
  void end();
  /// end(), and wait until nothing is asked.
  Task<> close();

 private:
  Task<> run();
  Context& ctx_;
  NodePool& pool_;
  SwarmClient& client_;
  Duration every_;
  Doorbell bell_, over_;
  bool running_ = false, closed_ = false;
};

}  // namespace argot::swarm
