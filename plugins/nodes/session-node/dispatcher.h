#pragma once
// Carries calls out: this node's part through the group commit, the swarm's through the relay, batches side by side.
#include "admission.h"
#include "commit_queue.h"
#include "rounds.h"
#include "service.h"
#include "waiting.h"

namespace argot::node {

class Dispatcher {
 public:
  /// All three must outlive the calls that run.
  Dispatcher(Context& ctx, const Service& service, CommitQueue& database, Relay& relay)
      : ctx_(ctx),
        service_(service),
        database_(database),
        rounds_(ctx, service, relay,
                [this](std::vector<std::shared_ptr<const Call>> calls) { return own_entries(std::move(calls)); }) {}
  Dispatcher(const Dispatcher&) = delete;

  /// A client's call: waits for its place, and for a message if it asks to. `bytes`: what it holds in memory.
  /// Throws Refused(503) when there is no room, and cancellation; other failures are replies.
  Task<Reply> serve(std::shared_ptr<const Call> call, std::size_t bytes, Origin origin = Origin::client);
  /// A client's call, at once. Throws nothing but cancellation: failures are replies.
  Task<Reply> from_client(std::shared_ptr<const Call> call, Origin origin = Origin::client);
  /// Calls that another member passed on, each a body of Endpoint::storage_cc: for each this node's own entry,
  /// bencoded, or a refusal.
  Task<std::vector<LinkAnswer>> from_node(std::vector<std::string> bodies);

  /// Called for each member of the swarm that did not confirm a recursive call which this node has carried out.
  using Missed = std::function<Task<>(ServiceNode, std::shared_ptr<const Call>)>;
  void on_missed(Missed told) { missed_ = std::move(told); }

  Waiters& waiters() { return waiters_; }
  Admissions& admissions() { return admissions_; }

 private:
  Task<LookUp> look(std::shared_ptr<const Call> call);
  Task<Reply> look_again(std::shared_ptr<const Call> call, Reply reply);
  Task<Reply> one(std::shared_ptr<const Call> call, Origin origin);
  Task<Reply> many(std::shared_ptr<const Call> call, Origin origin);
  Task<Reply> answer(std::shared_ptr<const Call> call, Origin origin);
  Task<std::optional<Reply>> refusal(std::shared_ptr<const Call> call, Origin origin);
  Task<std::vector<json::object>> own_entries(std::vector<std::shared_ptr<const Call>> calls);
  Task<Reply> with_swarm(std::shared_ptr<const Call> call);
  void report(const Error& error);
  std::int64_t now() const { return to_ms(ctx_.now()); }

  Context& ctx_;
  const Service& service_;
  CommitQueue& database_;
  Rounds rounds_;
  Admissions admissions_{1'000};
  Waiters waiters_;
  Missed missed_;
  Duration reported_{-std::chrono::hours(1)};
};

}  // namespace argot::node
