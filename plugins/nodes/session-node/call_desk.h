#pragma once
// Where clients' calls are carried out, as the ways to get there (HTTP, onions) see it: the dispatcher of this kernel,
// or, in a shard that keeps no messages, the link to the one that does (shard_desk.h).
#include <argot/task.h>

#include <memory>
#include <string>
#include <string_view>

namespace argot::node {

/// The bytes of a call, {"method": ..., "params": {...}}.
struct RpcCall {
  std::string_view text;              ///< lies in what `keeps` holds
  std::shared_ptr<const void> keeps;  ///< let go of as soon as the call has been read
  std::string source{};               ///< the IPv4 address that asks; empty when it came through an onion
};

/// What goes back: JSON, or plain text.
struct RpcAnswer {
  unsigned status = 200;
  std::string body{};
  bool is_json = false;
};

class CallDesk {
 public:
  virtual ~CallDesk() = default;
  /// Waits for its place, and for a message if the call asks to. Throws Refused, and cancellation.
  virtual Task<RpcAnswer> serve(RpcCall call) = 0;
};

}  // namespace argot::node
