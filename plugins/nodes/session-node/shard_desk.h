#pragma once
// Calls in a shard that keeps no messages: what needs none is answered here, and what is wrong refused; the others go
// to the first shard, with word that they have been checked, so that this one's core bears the signatures.
#include "admission.h"
#include "service.h"
#include "shard.h"

namespace argot::node {

class ShardDesk final : public CallDesk {
 public:
  /// Longer than anything that the first shard does for a call.
  static constexpr Duration patience = std::chrono::seconds(40);

  /// `first`: links that lead to the first shard. All must outlive the calls that run.
  ShardDesk(Context& ctx, const Service& service, Links& first) : ctx_(ctx), service_(service), first_(first) {}
  Task<RpcAnswer> serve(RpcCall call) override;
  /// Asks the first shard. Throws Refused(503) when it cannot be reached.
  Task<LinkAnswer> ask_first(Endpoint endpoint, std::string body, Duration at_most = patience);

 private:
  bool is_checked(const Call& call) const;

  Context& ctx_;
  const Service& service_;
  Links& first_;
  Admissions admissions_{12'000};
};

}  // namespace argot::node
