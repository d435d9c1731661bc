#pragma once
// Carries calls out: this node's part through the group commit, the swarm's through the relay, batches side by side.
#include "commit_queue.h"
#include "relay.h"
#include "service.h"

namespace argot::node {

class Dispatcher {
 public:
  /// All three must outlive the calls that run.
  Dispatcher(Context& ctx, const Service& service, CommitQueue& database, Relay& relay)
      : ctx_(ctx), service_(service), database_(database), relay_(relay) {}

  /// A client's call. Throws nothing but cancellation: failures are replies.
  Task<Reply> from_client(std::shared_ptr<const Call> call);
  /// A call that another member passed on: this node's own entry as text, bencoded, or a refusal.
  Task<Reply> from_node(std::shared_ptr<const Call> call);

 private:
  Task<Reply> one(std::shared_ptr<const Call> call);
  Task<Reply> many(std::shared_ptr<const Call> call);
  Task<Reply> answer(std::shared_ptr<const Call> call);
  Task<std::optional<Reply>> refusal(std::shared_ptr<const Call> call, Origin origin);
  Task<json::object> own_entry(std::shared_ptr<const Call> call);
  Task<Reply> with_swarm(std::shared_ptr<const Call> call);
  void report(const Error& error);
  std::int64_t now() const { return to_ms(ctx_.now()); }

  Context& ctx_;
  const Service& service_;
  CommitQueue& database_;
  Relay& relay_;
  Duration reported_{-std::chrono::hours(1)};
};

}  // namespace argot::node
