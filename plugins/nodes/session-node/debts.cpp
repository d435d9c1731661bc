#include "debts.h"

#include "forward.h"
#include "methods.h"
#include "namespaces.h"
#include "relay.h"
#include "rpc.h"

namespace argot::node {
namespace {

constexpr Duration batch_time = std::chrono::seconds(15), first_pause = std::chrono::seconds(2),
                   longest_pause = std::chrono::seconds(60);
constexpr std::size_t max_at_once = 4, max_batch_bytes = 1'000'000, max_batch_rows = 2'000;

/// What a batch of Endpoint::data begins with when it is a missed call; the versions of handover.h are others.
constexpr char call_version = 3;
constexpr std::size_t max_call = 16 * 1024;
constexpr std::int64_t calls_at_once = 64;

bool removes(const Call& call) {
  return std::holds_alternative<Delete>(call.params) || std::holds_alternative<DeleteAll>(call.params) ||
         std::holds_alternative<DeleteBefore>(call.params) || std::holds_alternative<Expire>(call.params) ||
         std::holds_alternative<ExpireAll>(call.params);
}

/// A delete_all that comes late spares what was stored after it.
Call as_of_its_time(Call call) {
  if (const auto* all = std::get_if<DeleteAll>(&call.params)) {
    DeleteBefore before;
    before.auth = all->auth;
    before.ns = all->ns;
    before.before = all->timestamp;
    call.params = std::move(before);
  }
  return call;
}

bool moved(const NodeList& before, const NodeList& after, ByteView self) {
  const ServiceNode *was = before.find(self), *is = after.find(self);
  return was && is && was->swarm != is->swarm;
}

bool is_acceptable(const StoredMessage& message, std::int64_t now_ms) {
  return message.expiry > now_ms && message.expiry - now_ms <= max_private_ttl_ms + day_ms;
}

}  // namespace

Task<> Debts::load() {
  auto work = [](Database& db) { return std::make_pair(db.debts(), db.known_network()); };
  const auto [owed, network] = co_await database_.read(std::move(work));
  for (const auto& [peer, from] : owed) debts_[peer].from = from;
  try {
    before_ = NodeList::parse(network, "The list of nodes of the last time");
  } catch (const Error& error) {
    ctx_.warn(error.sentence());
  }
}

Task<> Debts::network_changed() {
  const NodeList& after = service_.network();
  if (after.nodes().empty()) co_return;  // it is not known yet: what was known stays
  auto owed = owed_after(before_, after, service_.keys().ed25519());
  // Whoever changes its swarm while it still owes something may be the only one that has it.
  if (!debts_.empty() && moved(before_, after, service_.keys().ed25519())) {
    owed.clear();
    for (const ServiceNode& node : after.nodes())
      if (node.swarm != no_swarm && node.ed25519 != service_.keys().ed25519()) owed.push_back(node.ed25519);
  }
  std::string lines;
  for (const ServiceNode& node : after.nodes()) lines += line_of(node);
  before_ = after;
  for (const auto& peer : owed) {
    Debt& debt = debts_[peer];
    debt.from = 0;
    ++debt.changes;
    ++debt.begins;
  }
  auto work = [owed, lines](Database& db) {
    for (const auto& peer : owed) db.owe(peer, 0);
    db.keep_network(lines);
    return true;
  };
  try {
    co_await database_.run(std::move(work));
  } catch (const Refused&) {  // too busy: in memory it is known, and the list comes again at the next change
  }
  if (!owed.empty()) ctx_.info("Messages are handed over to " + std::to_string(owed.size()) + " nodes.");
  bell_.ring();
}

Task<> Debts::missed(ServiceNode peer, std::shared_ptr<const Call> call) {
  if (const auto* store = std::get_if<Store>(&call->params)) {
    std::string hash = keys::message_hash(store->auth.account, store->ns, store->data);
    co_await missed_message(std::move(peer), std::move(hash));
  } else if (removes(*call)) {
    std::string body = encode_storage_cc(call->method, forwarded_params(*call));
    if (body.size() <= max_call) co_await missed_call(std::move(peer), std::move(body));
  }
}

Task<> Debts::missed_call(ServiceNode peer, std::string body) {
  if (!debts_.contains(peer.ed25519)) debts_[peer.ed25519].next_try = ctx_.uptime() + first_pause;
  ++debts_[peer.ed25519].changes;
  auto work = [key = peer.ed25519, body = std::move(body)](Database& db) {
    db.owe_call(key, body);
    return true;
  };
  try {
    co_await database_.run(std::move(work));
  } catch (const Refused&) {  // too busy: this one is not made good
  }
  ++debts_[peer.ed25519].changes;  // what was paid meanwhile may have missed it
  bell_.ring();
}

bool Debts::covers(const Fixed<32>& peer, std::int64_t row) const {
  const auto debt = debts_.find(peer);
  return debt != debts_.end() && debt->second.from <= row;
}

/// Messages are found missing in any order: one may be of an earlier row than what is owed, or than what was paid a
/// moment ago.
Task<> Debts::missed_message(ServiceNode peer, std::string hash) {
  const Fixed<32> key = peer.ed25519;
  std::int64_t row = 0;
  try {
    auto look = [hash](Database& db) { return db.row_of(hash); };
    if (Database* idle = database_.idle())
      row = look(*idle);
    else
      row = co_await database_.read(std::move(look));
    // The debt in memory begins only when it is on the disk, so what it covers is safe.
    if (!covers(key, row)) {
      auto work = [key, row](Database& db) {
        db.owe(key, row);
        return true;
      };
      co_await database_.run(std::move(work));
    }
  } catch (const Refused&) {  // too busy: everything is offered then
    row = 0;
  }
  const auto [debt, is_new] = debts_.try_emplace(key);
  debt->second.from = std::min(debt->second.from, row);
  ++debt->second.changes;
  if (!is_new) co_return;
  debt->second.next_try = ctx_.uptime() + first_pause;
  ctx_.info("The node " + to_hex(key) + " missed a message; it gets it when it is back.");
  bell_.ring();
}

Task<LinkAnswer> Debts::receive_call(std::string_view body) {
  const auto [method, params] = decode_storage_cc(body);
  const auto call = std::make_shared<const Call>(parse_forwarded(method, params));
  if (!removes(*call)) throw Refused(400, "only deletions are made good");
  const std::int64_t now = to_ms(ctx_.now());
  if (auto refused = service_.refusal(*call, now, Origin::late)) {
    const auto* text = refused->body.if_string();
    throw Refused(refused->status, text ? std::string(*text) : "not of this swarm");
  }
  auto work = [call, now, keys = service_.shared_keys()](Database& db) {
    const Auth& auth = *auth_of(*call);
    const bool may = !minds_revocation(*call) || !db.is_revoked(auth.account, auth.subaccount->token);
    if (may) perform(as_of_its_time(*call), db, *keys, now);
    return may;
  };
  if (!co_await database_.run(std::move(work))) throw revoked(*call);
  co_return LinkAnswer{};
}

Task<LinkAnswer> Debts::receive(std::string batch) {
  if (batch.starts_with(call_version)) co_return co_await receive_call(std::string_view(batch).substr(1));
  auto messages = decode_handover(batch);
  if (!messages) throw Refused(400, "invalid batch of messages");
  const auto own = service_.own_swarm();
  if (!own) throw Refused(503, "Snode not ready: " + service_.keys().name());
  const std::int64_t now = to_ms(ctx_.now());
  const std::size_t strangers =
      std::erase_if(*messages, [&](const StoredMessage& m) { return service_.network().swarm_of(m.account) != own; });
  std::erase_if(*messages, [&](const StoredMessage& m) { return !is_acceptable(m, now); });
  auto work = [kept = std::move(*messages)](Database& db) {
    std::vector<Box> fresh;
    for (const StoredMessage& m : kept)
      if (db.take_over(m.account, m.ns, m.hash, m.timestamp, m.expiry, m.data)) fresh.emplace_back(m.account, m.ns);
    return fresh;
  };
  const auto fresh = co_await database_.run(std::move(work));
  for (const Box& box : fresh) waiters_.stored(box);
  // Either the sender or this node does not know the latest swarms yet; who thinks that it has paid would not come
  // again.
  if (strangers > 0) throw Refused(421, "not of this swarm");
  co_return LinkAnswer{};
}

/// In the order in which they were asked for.
Task<> Debts::pay_calls(ServiceNode peer) {
  for (;;) {
    auto work = [key = peer.ed25519](Database& db) { return db.owed_calls(key, calls_at_once); };
    const std::vector<Database::OwedCall> calls = co_await database_.read(std::move(work));
    if (calls.empty()) co_return;
    for (const auto& call : calls) {
      std::string body = call_version + call.body;
      const LinkAnswer answer = co_await links_.ask(peer, Endpoint::data, std::move(body), batch_time);
      // A final refusal is an answer too: it may have become too old.
      const unsigned status = answer.status;
      if (status != 200 && status != 400 && status != 401 && status != 403 && status != 406)
        throw Error(Code::unavailable, "it answered " + std::to_string(status) + " " + answer.body.substr(0, 80));
    }
    auto keep = [key = peer.ed25519, last = calls.back().id](Database& db) {
      db.paid_calls(key, last);
      return true;
    };
    co_await database_.run(std::move(keep));
  }
}

Task<bool> Debts::pay_batch(ServiceNode peer) {
  const std::int64_t from = debts_[peer.ed25519].from;
  const std::uint64_t changes = debts_[peer.ed25519].changes, begins = debts_[peer.ed25519].begins;
  co_await pay_calls(peer);
  auto work = [from](Database& db) { return db.rows_from(from, max_batch_bytes, max_batch_rows); };
  Database::Rows rows = co_await database_.read(std::move(work));
  const ServiceNode* known = service_.network().find(peer.ed25519);  // its swarm may be another by now
  if (!known || known->swarm == no_swarm) throw Error(Code::unavailable, "it has left the network");
  std::vector<StoredMessage> messages;
  for (auto& message : rows.messages)
    if (service_.network().swarm_of(message.account) == known->swarm) messages.push_back(std::move(message));
  if (!messages.empty())
    for (std::string& batch : encode_handover(messages)) {
      LinkAnswer answer = co_await links_.ask(peer, Endpoint::data, std::move(batch), batch_time);
      if (answer.status != 200)
        throw Error(Code::unavailable,
                    "it answered " + std::to_string(answer.status) + " " + answer.body.substr(0, 80));
    }
  Debt& debt = debts_[peer.ed25519];
  if (debt.from != from || debt.begins != begins) co_return true;  // it owes from an earlier row now
  const bool done = rows.all && debt.changes == changes;
  if (done)
    debts_.erase(peer.ed25519);
  else
    debt.from = rows.next;
  auto keep = [key = peer.ed25519, from, next = rows.next, done](Database& db) {
    // What has come to be owed while this was on its way stays owed.
    const auto owed = db.debts();
    if (const auto at = owed.find(key); at == owed.end() || at->second < from) return false;
    db.paid(key, next, done && db.owed_calls(key, 1).empty());
    return true;
  };
  co_await database_.run(std::move(keep));
  co_return !done;
}

Task<> Debts::pay(ServiceNode peer) {
  struct Busy {
    Debts& all;
    Fixed<32> key;
    ~Busy() {
      if (const auto debt = all.debts_.find(key); debt != all.debts_.end()) debt->second.busy = false;
      all.bell_.ring();
    }
  } busy{*this, peer.ed25519};
  std::string failure;
  try {
    for (bool more = true; more && !stopping_;) {
      more = co_await pay_batch(peer);
      if (more) debts_[peer.ed25519].failures = 0;
    }
  } catch (const Refused& refused) {
    failure = refused.what();
  } catch (const Error& error) {
    if (error.code() == Code::cancelled) throw;
    failure = error.what();
  }
  if (failure.empty()) co_return;
  ctx_.debug("Messages for the node " + to_hex(peer.ed25519) + " wait: " + failure);
  Debt& debt = debts_[peer.ed25519];
  debt.next_try = ctx_.uptime() + std::min(longest_pause, first_pause * (1 << std::min(debt.failures, 10u)));
  ++debt.failures;
}

/// Begins what is due; when the next one is.
std::optional<Duration> Debts::start_due() {
  std::optional<Duration> next;
  std::size_t busy = 0;
  for (const auto& [key, debt] : debts_) busy += debt.busy;
  std::vector<Fixed<32>> gone;
  for (auto& [key, debt] : debts_) {
    if (debt.busy) continue;
    const ServiceNode* peer = service_.network().find(key);
    if (!peer || peer->swarm == no_swarm) {
      if (!service_.network().nodes().empty()) gone.push_back(key);
      continue;
    }
    if (debt.next_try > ctx_.uptime()) {
      next = next ? std::min(*next, debt.next_try) : debt.next_try;
    } else if (busy < max_at_once) {
      debt.busy = true;
      ++busy;
      running_.spawn("handing over messages", pay(*peer));
    }
  }
  for (const auto& key : gone) debts_.erase(key);  // stays on the disk: it may come back
  return next;
}

Task<> Debts::run() {
  while (!stopping_) {
    const std::optional<Duration> next = start_due();
    co_await bell_.wait(next);
  }
}

Task<> Debts::stop() {
  stopping_ = true;
  bell_.ring();
  co_await running_.wait_at_most(std::chrono::seconds(1));
}

}  // namespace argot::node
