#include "dispatcher.h"

#include "forward.h"
#include "gather.h"
#include "methods.h"

namespace argot::node {
namespace {

using CallPtr = std::shared_ptr<const Call>;
using Answers = std::vector<Reply>;

/// The status of a failure of ours (storage_node.md section 2).
Reply failure_reply(const Error& error) {
  std::string text = "Exception caught with processing client request: database failure: ";
  text += name_of(error.code());
  return {500, json::string(text)};
}

/// A member that failed for a reason that passes: it was silent, or does not know its swarm yet, or its clock is not
/// ours (what is handed over has no times that are looked at).
bool may_come_later(const json::object& entry) {
  if (!entry.contains("failed")) return false;
  const auto* code = entry.if_contains("code");
  return !code || (*code != "400" && *code != "401" && *code != "403");
}

}  // namespace

Task<Reply> Dispatcher::serve(CallPtr call, std::size_t bytes) {
  WaitWish wish = wait_wish(*call);
  const Duration began = ctx_.uptime();
  Waiters::Ticket ticket(waiters_, ctx_, std::move(wish.boxes));
  Reply reply;
  {
    Admission admission(admissions_, bytes);
    reply = co_await from_client(call);
  }
  if (ticket.valid() && found_nothing(*call, reply)) {
    // What waits is one of the waiters now, and no longer one of the requests inside.
    const bool came = co_await ticket.wait(began + std::chrono::milliseconds(wish.ms));
    if (came) {
      Admission admission(admissions_, bytes);
      reply = co_await look_again(call, std::move(reply));
    }
  }
  tell_waited(
      *call, reply,
      ticket.valid() ? std::chrono::duration_cast<std::chrono::milliseconds>(ctx_.uptime() - began).count() : 0);
  co_return reply;
}

/// The retrieves once more; they were allowed a moment ago, and their times may be over by now.
Task<Reply> Dispatcher::look_again(CallPtr call, Reply reply) {
  std::vector<CallPtr> parts{call};
  const auto* batch = std::get_if<Batch>(&call->params);
  if (batch) parts = batch->calls;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const CallPtr part = parts[i];
    if (!std::holds_alternative<Retrieve>(part->params)) continue;
    auto work = [part](Database& db) { return look_up(*part, db); };
    try {
      json::object found = co_await database_.read(std::move(work));
      Reply fresh = service_.finish_look_up(*part, std::move(found), now());
      if (batch)
        reply.body.at("results").as_array().at(i) = result_of(std::move(fresh));
      else
        reply = std::move(fresh);
    } catch (const Refused&) {  // too busy: the answer of before stands
    } catch (const Error& error) {
      if (error.code() == Code::cancelled) throw;
      report(error);
    }
  }
  co_return reply;
}

Task<Reply> Dispatcher::from_client(CallPtr call) {
  if (std::holds_alternative<Batch>(call->params)) return many(std::move(call));
  return answer(std::move(call));
}

Task<Reply> Dispatcher::answer(CallPtr call) {
  const auto* choice = std::get_if<IfElse>(&call->params);
  if (!choice) co_return co_await one(call);
  CallPtr branch = holds(choice->condition, service_.facts()) ? choice->then : choice->otherwise;
  std::optional<Reply> result;
  if (branch) result = co_await from_client(std::move(branch));
  co_return service_.finish_ifelse(*choice, std::move(result));
}

Task<Reply> Dispatcher::many(CallPtr call) {
  const Batch& batch = std::get<Batch>(call->params);
  json::array results;
  if (batch.sequential) {
    for (const CallPtr& each : batch.calls) {
      Reply reply = co_await one(each);
      const bool goes_on = succeeded(reply);
      results.push_back(result_of(std::move(reply)));
      if (!goes_on) break;
    }
    co_return batch_reply(std::move(results));
  }
  auto answers = std::make_shared<Answers>(batch.calls.size());
  Gather all(ctx_);
  auto run = [](Dispatcher* self, CallPtr each, std::shared_ptr<Answers> into, std::size_t at) -> Task<> {
    (*into)[at] = co_await self->one(std::move(each));
  };
  for (std::size_t i = 0; i < batch.calls.size(); ++i)
    all.spawn("subrequest of a batch", run(this, batch.calls[i], answers, i));
  co_await all.wait();
  for (Reply& reply : *answers) results.push_back(result_of(std::move(reply)));
  co_return batch_reply(std::move(results));
}

Task<Reply> Dispatcher::one(CallPtr call) {
  if (!auth_of(*call)) co_return service_.answer(*call, now());
  try {
    if (auto refused = co_await refusal(call, Origin::client)) co_return std::move(*refused);
    if (is_recursive(*call)) co_return co_await with_swarm(call);
    auto work = [call](Database& db) { return look_up(*call, db); };
    json::object found = co_await database_.read(std::move(work));
    co_return service_.finish_look_up(*call, std::move(found), now());
  } catch (const Refused& refused) {
    co_return reply_of(refused);
  } catch (const Error& error) {
    if (error.code() == Code::cancelled) throw;
    report(error);
    co_return failure_reply(error);
  }
}

Task<std::optional<Reply>> Dispatcher::refusal(CallPtr call, Origin origin) {
  auto refused = service_.refusal(*call, now(), origin);
  if (refused || !minds_revocation(*call)) co_return refused;
  auto work = [call](Database& db) {
    const Auth& auth = *auth_of(*call);
    return db.is_revoked(auth.account, auth.subaccount->token);
  };
  const bool is_revoked = co_await database_.read(std::move(work));
  if (is_revoked) refused = reply_of(revoked(*call));
  co_return refused;
}

Task<json::object> Dispatcher::own_entry(CallPtr call) {
  auto work = [call, keys = service_.shared_keys(), at = now()](Database& db) { return perform(*call, db, *keys, at); };
  try {
    json::object entry = co_await database_.run(std::move(work));
    if (const auto* store = std::get_if<Store>(&call->params); store && !entry.contains("already"))
      waiters_.stored({store->auth.account, store->ns});
    co_return entry;
  } catch (const Error& error) {
    if (error.code() == Code::cancelled) throw;
    report(error);
    co_return failed_entry(error);
  }
}

Task<Reply> Dispatcher::with_swarm(CallPtr call) {
  const auto peers = service_.peers();
  auto entries = std::make_shared<Service::Entries>();
  Gather all(ctx_);
  if (!peers.empty()) {
    const std::string params = forwarded_params(*call);
    auto run = [](Relay* relay, ServiceNode peer, std::string method, std::string body,
                  std::shared_ptr<Service::Entries> into) -> Task<> {
      const std::string name = to_hex(peer.ed25519);
      json::object entry = co_await relay->ask(std::move(peer), std::move(method), std::move(body));
      (*into)[name] = std::move(entry);
    };
    for (const ServiceNode& peer : peers) {
      // A member whose answer never comes back counts as silent.
      (*entries)[to_hex(peer.ed25519)] = {{"failed", true}, {"timeout", true}};
      all.spawn("call to a member of the swarm", run(&relay_, peer, call->method, params, entries));
    }
  }
  json::object own = co_await own_entry(call);
  co_await all.wait();
  const auto* hash = own.if_contains("hash");
  if (missed_ && hash && std::holds_alternative<Store>(call->params))
    for (const ServiceNode& peer : peers)
      if (may_come_later((*entries)[to_hex(peer.ed25519)])) {
        std::string missing(hash->get_string());
        co_await missed_(peer, std::move(missing));
      }
  (*entries)[service_.keys().name()] = std::move(own);
  co_return service_.combine(*call, std::move(*entries), now());
}

Task<Reply> Dispatcher::from_node(CallPtr call) {
  try {
    if (auto refused = co_await refusal(call, Origin::node)) co_return std::move(*refused);
    json::object entry = co_await own_entry(call);
    co_return Reply{200, json::string(encode_entry(std::move(entry)))};
  } catch (const Refused& refused) {
    co_return reply_of(refused);
  } catch (const Error& error) {
    if (error.code() == Code::cancelled) throw;
    report(error);
    co_return failure_reply(error);
  }
}

void Dispatcher::report(const Error& error) {
  // A full disk fails every request: one line in ten seconds tells it all.
  if (ctx_.uptime() - reported_ < std::chrono::seconds(10)) return;
  reported_ = ctx_.uptime();
  ctx_.log(LogLevel::error, error.sentence());
}

}  // namespace argot::node
