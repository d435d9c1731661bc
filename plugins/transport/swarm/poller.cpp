#include "poller.h"

#include "poll_pace.h"
#include "swarm_requests.h"

namespace argot::swarm {
namespace {

constexpr std::size_t attempts = 3, max_mailboxes = 1000;
constexpr std::size_t max_held = 24;  // each holds a connection to a guard
constexpr Duration longest_hold = std::chrono::seconds(25), same_node_for = std::chrono::minutes(5);
constexpr Duration gathering = std::chrono::milliseconds(20), least_pause = std::chrono::milliseconds(10);
constexpr std::size_t offload_from = 64 * 1024;  // replies larger than this are read off the loop: over a millisecond
constexpr Duration quiet = std::chrono::minutes(1);  // as if the last news had come so long ago

}  // namespace

/// One receive() that is under way.
struct Poller::Asking {
  Asking(Context& ctx, const ReceiveRequest& request)
      : mailbox(request.mailbox), owner(request.owner), cursor(Cursor::parse(request.cursor)), bell(ctx) {}
  const Mailbox mailbox;
  const Identity* owner;  ///< null once the receive() is over
  Cursor cursor;
  Duration until{};  ///< uptime
  bool waits = false;
  bool taken = false;  ///< somebody asks for it
  std::optional<Batch> batch;
  std::optional<Error> failure;
  Doorbell bell;
  bool is_answered() const { return batch || failure; }
};

/// What one request asks for. However it ends, the others do not wait for it any longer.
struct Poller::Group {
  std::vector<AskingPtr> all;
  std::vector<AskingPtr> asked;  ///< in the request that went out last, in its order
  bool held = false;             ///< a node may hold the request
  ~Group() {
    for (const AskingPtr& one : all) {
      one->taken = false;
      one->bell.ring();
    }
  }
};

/// A receive() is in the list while it lives.
struct Poller::Presence {
  Poller& poller;
  AskingPtr one;
  Presence(Poller& p, AskingPtr o) : poller(p), one(std::move(o)) {
    poller.asking_[one->mailbox.account].push_back(one);
  }
  Presence(const Presence&) = delete;
  ~Presence() {
    one->owner = nullptr;
    auto found = poller.asking_.find(one->mailbox.account);
    std::erase(found->second, one);
    if (found->second.empty()) poller.asking_.erase(found);
  }
};

struct Poller::Gathering {
  Poller& poller;
  AccountId account;
  Gathering(Poller& p, AccountId a) : poller(p), account(a) { poller.gathering_.insert(a); }
  Gathering(const Gathering&) = delete;
  ~Gathering() { poller.gathering_.erase(account); }
};

bool Poller::is_polled_with_others(const Mailbox& mailbox) const {
  const auto first = known_.lower_bound(Mailbox{mailbox.account, std::numeric_limits<std::int16_t>::min()});
  std::size_t count = 0;
  for (auto it = first; it != known_.end() && it->first.account == mailbox.account && count < 2; ++it) ++count;
  return count > 1;
}

Duration Poller::interval(const Known& known) const {
  return poll_interval(usual_, ctx_.uptime() - std::max(known.last_news, last_stored_));
}

Task<Batch> Poller::receive(ReceiveRequest request) {
  auto me = std::make_shared<Asking>(ctx_, request);
  const Presence presence(*this, me);
  const Duration begin = ctx_.uptime();
  me->until = request.wait > Duration::max() - begin ? Duration::max() : begin + request.wait;
  me->waits = request.wait > Duration::zero();
  if (known_.size() >= max_mailboxes && !known_.contains(me->mailbox)) known_.clear();
  known_.try_emplace(me->mailbox, Known{Duration(), begin - quiet});
  for (;;) {
    while (!me->is_answered()) {
      const Duration now = ctx_.uptime(), due = known_[me->mailbox].due;
      if (me->taken) {  // a time limit, so that it ends when the transport stops
        co_await me->bell.wait(now + std::chrono::minutes(5));
      } else if (me->waits && due > now) {
        co_await me->bell.wait(std::min(due, me->until));
        if (ctx_.uptime() >= me->until && !me->taken && !me->is_answered()) break;
      } else {
        const AccountId account = me->mailbox.account;
        if (me->waits && is_polled_with_others(me->mailbox)) {
          if (gathering_.contains(account)) {  // it will be asked for by them
            co_await me->bell.wait(now + 2 * gathering);
            continue;
          }
          const Gathering open(*this, account);
          co_await ctx_.sleep(gathering);
        }
        auto group = std::make_shared<Group>();
        group->all.push_back(me);
        me->taken = true;
        for (const AskingPtr& other : asking_[account])
          if (!other->taken && !other->is_answered() && other->waits == me->waits &&
              group->all.size() < request::max_calls) {
            other->taken = true;
            group->all.push_back(other);
          }
        co_await ask(std::move(group));
      }
    }
    if (me->failure) throw Error(*me->failure);
    if (!me->batch) break;
    Batch batch = std::move(*me->batch);
    me->batch.reset();
    if (!batch.deliveries.empty() || batch.more || ctx_.uptime() >= me->until) co_return batch;
  }
  Batch empty;
  empty.cursor = me->cursor.text();
  co_return empty;
}

Task<> Poller::ask(std::shared_ptr<Group> group) {
  const std::vector<AskingPtr> all = group->all;
  const AccountId account = all[0]->mailbox.account;
  const Duration began = ctx_.uptime();
  Duration wait = longest_hold;
  for (const AskingPtr& one : all) wait = std::min(wait, one->waits ? one->until - began : Duration::zero());
  if (!push_ || wait < std::chrono::milliseconds(1) || held_now_ >= max_held) wait = Duration::zero();

  auto params_of = [this, wait](const Asking& one, const ServiceNode& node) {
    const std::string last = one.cursor.last_hash(node.ed25519, client_.network_ms());
    return request::retrieve(one.mailbox, *one.owner, last, client_.clock_ms(node), wait);
  };
  SwarmClient::MakeParams params = [group, params_of](const ServiceNode& node) {
    if (group->all.size() == 1) return params_of(*group->all[0], node);
    group->asked.clear();
    request::Calls calls;
    for (const AskingPtr& one : group->all) {
      if (!one->owner) continue;  // it has left
      group->asked.push_back(one);
      calls.emplace_back("retrieve", params_of(*one, node));
    }
    return request::together(std::move(calls));
  };
  group->held = wait > Duration::zero();
  std::optional<Error> failure;
  struct Count {
    std::size_t& n;
    bool on;
    ~Count() { n -= on; }
  };
  try {
    SwarmClient::Ask asked(account, all.size() == 1 ? "retrieve" : "batch", std::move(params), attempts);
    asked.parts = all.size() == 1 ? 0 : all.size();
    asked.held = wait;
    if (auto held = held_.find(account); held != held_.end() && held->second.until > began)
      asked.first = held->second.node;
    held_now_ += group->held;
    const Count count{held_now_, group->held};
    SwarmClient::Answer answer = co_await client_.ask(std::move(asked));
    if (all.size() == 1)
      co_await ask_one(group, std::move(answer), began);
    else
      co_await ask_many(group, std::move(answer), began);
  } catch (const Error& error) {
    if (error.code() == Code::cancelled) throw;
    failure = error;
  }
  if (!failure) co_return;
  held_.erase(account);
  for (const AskingPtr& one : all)
    if (!one->is_answered()) one->failure = failure;
}

Task<> Poller::ask_one(std::shared_ptr<Group> group, SwarmClient::Answer answer, Duration began) {
  const AskingPtr one = group->all[0];
  RetrieveReply reply;
  std::optional<Error> bad;
  try {
    if (answer.body.size() < offload_from) {
      reply = parse_retrieve(answer.body, one->mailbox);
    } else {
      auto work = [&answer, mailbox = one->mailbox] { return parse_retrieve(answer.body, mailbox); };
      reply = co_await ctx_.offload(std::move(work));
    }
  } catch (const Error& error) {
    if (error.code() == Code::cancelled) throw;
    bad = error;
  }
  if (bad) throw client_.bad_reply(answer.node, "retrieve", *bad);
  take(one, answer, std::move(reply), began, group->held);
}

Task<> Poller::ask_many(std::shared_ptr<Group> group, SwarmClient::Answer answer, Duration began) {
  struct Read {
    std::optional<RetrieveReply> reply;
    std::string problem;
  };
  std::vector<Mailbox> mailboxes;
  for (const AskingPtr& one : group->asked) mailboxes.push_back(one->mailbox);
  std::vector<Read> all;
  std::optional<Error> bad;
  auto work = [&answer, &mailboxes] {
    std::vector<Read> out;
    for (Part& part : parse_parts(answer.body, mailboxes.size())) {
      Read& one = out.emplace_back();
      if (part.status == 200 && part.body.is_object())
        one.reply = parse_retrieve(part.body.get_object(), mailboxes[out.size() - 1]);
      else
        one.problem = std::to_string(part.status) + " " +
                      as_quote(part.body.is_string() ? std::string_view(part.body.get_string()) : std::string_view());
    }
    return out;
  };
  try {
    if (answer.body.size() < offload_from)
      all = work();
    else
      all = co_await ctx_.offload(std::move(work));
  } catch (const Error& error) {
    if (error.code() == Code::cancelled) throw;
    bad = error;
  }
  if (!bad && all.size() != mailboxes.size())
    bad.emplace(Code::corrupt,
                "has " + std::to_string(all.size()) + " results for " + std::to_string(mailboxes.size()) + " calls");
  if (bad) throw client_.bad_reply(answer.node, "batch", *bad);
  for (std::size_t i = 0; i < all.size(); ++i) {
    const AskingPtr& one = group->asked[i];
    if (all[i].reply)
      take(one, answer, std::move(*all[i].reply), began, group->held);
    else
      one->failure.emplace(
          Code::unavailable,
          "Node " + name_of_node(answer.node) + " refused retrieve in a batch: " + all[i].problem + ".",
          "Another node will be asked next time.");
  }
}

void Poller::take(const AskingPtr& one, const SwarmClient::Answer& answer, RetrieveReply reply, Duration began,
                  bool held) {
  client_.observe(answer.node, reply.common);
  if (reply.mismatches) {
    client_.lied(answer.node);
    ctx_.warn("Node " + name_of_node(answer.node) + " delivered " + std::to_string(reply.mismatches) +
              " envelopes whose content does not have the hash it gave; they were dropped.");
  }
  if (!reply.last_hash.empty())
    one->cursor.set(answer.node.ed25519, reply.last_hash, reply.last_expiry_ms, client_.network_ms());
  const Duration now = ctx_.uptime();
  Known& known = known_[one->mailbox];
  if (!reply.deliveries.empty()) known.last_news = now;
  if (reply.more) {
    known.due = Duration::zero();
  } else if (!held || !reply.waited_ms) {
    known.due = now + interval(known);
  } else if (!reply.deliveries.empty()) {
    known.due = now + least_pause;  // it told us at once, and will again
  } else {
    known.due = began + interval(known);  // over already, unless it has no room for those who wait
  }
  if (held) {
    pushes_ = reply.waited_ms.has_value();
    if (held_.size() >= max_mailboxes) held_.clear();
    Held& with = held_[one->mailbox.account];
    if (!pushes_)
      held_.erase(one->mailbox.account);
    else if (with.until <= began || with.node != answer.node.ed25519)  // a hold that ends later does not prolong it
      with = {answer.node.ed25519, now + same_node_for};
  }
  Batch batch;
  batch.deliveries = std::move(reply.deliveries);
  batch.cursor = one->cursor.text();
  batch.more = reply.more;
  batch.route = answer.route;
  one->batch = std::move(batch);
}

}  // namespace argot::swarm
