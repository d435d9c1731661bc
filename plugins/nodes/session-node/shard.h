#pragma once
// Several kernels of one process as one service node ("shards"). All listen at the node's address, do TLS, HTTP and
// onions, and have links of their own to other nodes. The first one owns the database, the rounds to the swarm, the
// debts, the seed and the list of nodes: the others pass on to it what needs them, over a link like that between nodes
// (link.h) at an address that only this node's own key opens.
#include <argot/context.h>

#include <optional>

#include "call_desk.h"
#include "link.h"

namespace argot::node {

/// Which one of how many: "2/3". The first is 1.
struct ShardPlace {
  int number = 1, count = 1;
  bool is_first() const { return number == 1; }
  /// "shard 2 of 3"
  std::string text() const;
};

/// By the options `shard` and `shards_meet`. Throws Error(invalid_argument).
ShardPlace shard_place(const Settings& settings);
/// Where the first shard waits for the others: the option, or a socket in the node's folder.
std::string shards_meet_at(Context& ctx);

// --- bodies of the endpoints ---

/// shard_news: what the first shard tells of the network.
struct ShardNews {
  std::string version;  ///< differs from all before, of earlier lives too; empty: knows nothing yet
  std::string address;  ///< where all listen
  std::string lines;    ///< of the list of nodes
};
std::string encode(const ShardNews& news);
std::optional<ShardNews> decode_news(std::string_view text);

/// shard_call. `checked`: times, limits and signatures were found good.
std::string encode_shard_call(const RpcCall& call, bool checked);
struct ShardCall {
  RpcCall call;
  bool checked = false;
};
/// Keeps `body`. Nothing when it is none.
std::optional<ShardCall> decode_shard_call(std::string body);
/// Whether the answer is JSON is in its status.
LinkAnswer to_link(RpcAnswer answer);
RpcAnswer from_link(LinkAnswer answer);

/// shard_peer.
std::string encode_shard_peer(Endpoint endpoint, std::string_view body);
std::optional<std::pair<Endpoint, std::string>> decode_shard_peer(std::string body);

}  // namespace argot::node
