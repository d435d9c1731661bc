#include "dispatcher.h"

#include "forward.h"
#include "gather.h"
#include "methods.h"
#include "rpc.h"
#include "to_json.h"

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

Task<Reply> Dispatcher::serve(CallPtr call, std::size_t bytes, Origin origin) {
  WaitWish wish = wait_wish(*call);
  const Duration began = ctx_.uptime();
  Waiters::Ticket ticket(waiters_, ctx_, std::move(wish.boxes));
  Reply reply;
  {
    Admission admission(admissions_, bytes);
    reply = co_await from_client(call, origin);
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
    try {
      LookUp found = co_await look(part);
      (batch ? reply.parts.at(i) : reply) = service_.finish_look_up(*part, std::move(found), now());
    } catch (const Refused&) {  // too busy: the answer of before stands
    } catch (const Error& error) {
      if (error.code() == Code::cancelled) throw;
      report(error);
    }
  }
  co_return reply;
}

Task<LookUp> Dispatcher::look(CallPtr call) {
  if (Database* idle = database_.idle())
    if (auto found = glance(*call, *idle)) co_return std::move(*found);
  auto work = [call](Database& db) { return look_up(*call, db); };
  co_return co_await database_.read(std::move(work));
}

Task<Reply> Dispatcher::from_client(CallPtr call, Origin origin) {
  if (std::holds_alternative<Batch>(call->params)) return many(std::move(call), origin);
  return answer(std::move(call), origin);
}

Task<Reply> Dispatcher::answer(CallPtr call, Origin origin) {
  const auto* choice = std::get_if<IfElse>(&call->params);
  if (!choice) co_return co_await one(call, origin);
  CallPtr branch = holds(choice->condition, service_.facts()) ? choice->then : choice->otherwise;
  std::optional<Reply> result;
  if (branch) result = co_await from_client(std::move(branch), origin);
  co_return service_.finish_ifelse(*choice, std::move(result));
}

Task<Reply> Dispatcher::many(CallPtr call, Origin origin) {
  const Batch& batch = std::get<Batch>(call->params);
  if (batch.sequential) {
    Answers results;
    for (const CallPtr& each : batch.calls) {
      Reply reply = co_await one(each, origin);
      const bool goes_on = succeeded(reply);
      results.push_back(std::move(reply));
      if (!goes_on) break;
    }
    co_return batch_reply(std::move(results));
  }
  auto answers = std::make_shared<Answers>(batch.calls.size());
  Gather all(ctx_);
  auto run = [](Dispatcher* self, CallPtr each, Origin origin, std::shared_ptr<Answers> into,
                std::size_t at) -> Task<> { (*into)[at] = co_await self->one(std::move(each), origin); };
  for (std::size_t i = 0; i < batch.calls.size(); ++i)
    all.spawn("subrequest of a batch", run(this, batch.calls[i], origin, answers, i));
  co_await all.wait();
  co_return batch_reply(std::move(*answers));
}

Task<Reply> Dispatcher::one(CallPtr call, Origin origin) {
  if (!auth_of(*call)) co_return service_.answer(*call, now());
  try {
    if (auto refused = co_await refusal(call, origin)) co_return std::move(*refused);
    if (is_recursive(*call)) co_return co_await with_swarm(call);
    LookUp found = co_await look(call);
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
  bool is_revoked = false;
  if (Database* idle = database_.idle())
    is_revoked = work(*idle);
  else
    is_revoked = co_await database_.read(std::move(work));
  if (is_revoked) refused = reply_of(revoked(*call));
  co_return refused;
}

/// All in one transaction; what fails is an entry that says so.
Task<std::vector<json::object>> Dispatcher::own_entries(std::vector<CallPtr> calls) {
  auto entries = std::make_shared<std::vector<json::object>>(calls.size());
  std::vector<CommitQueue::Work> works;
  for (std::size_t i = 0; i < calls.size(); ++i)
    works.emplace_back([call = calls[i], keys = service_.shared_keys(), at = now(), entries, i](Database& db) {
      (*entries)[i] = perform(*call, db, *keys, at);
    });
  const auto failures = co_await database_.run_each(std::move(works));
  for (std::size_t i = 0; i < calls.size(); ++i) {
    json::object& entry = (*entries)[i];
    const auto* store = std::get_if<Store>(&calls[i]->params);
    if (failures[i]) {
      const Error error = to_error(failures[i]);
      report(error);
      entry = failed_entry(error);
    } else if (store && !entry.contains("already")) {
      waiters_.stored({store->auth.account, store->ns});
    }
  }
  co_return std::move(*entries);
}

Task<Reply> Dispatcher::with_swarm(CallPtr call) {
  Service::Entries entries = co_await rounds_.carry_out(call);
  const auto peers = service_.peers();  // who has become one meanwhile was not asked
  if (missed_ && !entries[service_.keys().name()].contains("failed"))
    for (const ServiceNode& peer : peers) {
      const auto entry = entries.find(to_hex(peer.ed25519));
      if (entry == entries.end() || may_come_later(entry->second)) co_await missed_(peer, call);
    }
  co_return service_.combine(*call, std::move(entries), now());
}

Task<std::vector<LinkAnswer>> Dispatcher::from_node(std::vector<std::string> bodies) {
  std::vector<LinkAnswer> out(bodies.size());
  std::vector<CallPtr> calls;
  std::vector<std::size_t> places;  // of the calls in `out`
  for (std::size_t i = 0; i < bodies.size(); ++i) {
    std::optional<Reply> refused;
    try {
      const auto [method, params] = decode_storage_cc(bodies[i]);
      auto call = std::make_shared<const Call>(parse_forwarded(method, params));
      refused = co_await refusal(call, Origin::node);
      if (!refused) {
        calls.push_back(std::move(call));
        places.push_back(i);
      }
    } catch (const Refused& why) {
      refused = reply_of(why);
    } catch (const Error& error) {
      if (error.code() == Code::cancelled) throw;
      report(error);
      refused = failure_reply(error);
    }
    if (!refused) continue;
    const auto* text = refused->body.if_string();
    out[i] = {refused->status, text ? std::string(*text) : to_json(*refused)};
  }
  if (calls.empty()) co_return out;
  std::vector<json::object> entries = co_await own_entries(std::move(calls));
  for (std::size_t i = 0; i < entries.size(); ++i) out[places[i]].body = encode_entry(std::move(entries[i]));
  co_return out;
}

void Dispatcher::report(const Error& error) {
  // A full disk fails every request: one line in ten seconds tells it all.
  if (ctx_.uptime() - reported_ < std::chrono::seconds(10)) return;
  reported_ = ctx_.uptime();
  ctx_.log(LogLevel::error, error.sentence());
}

}  // namespace argot::node
