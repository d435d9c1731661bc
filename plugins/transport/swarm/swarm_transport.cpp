#include "swarm_transport.h"

#include "direct_caller.h"
#include "swarm_requests.h"

namespace argot::swarm {
namespace {

constexpr std::size_t lookup_attempts = 3, retrieve_attempts = 3, change_attempts = 3;
constexpr Duration refresh_pause = std::chrono::seconds(10);
constexpr std::size_t hashes_per_request = 1000;
constexpr std::size_t max_polled_mailboxes = 1000;
constexpr std::size_t offload_from = 64 * 1024;  // replies larger than this are read off the loop: over a millisecond
constexpr Duration fastest_poll = std::chrono::milliseconds(10), slowest_poll = std::chrono::seconds(60);

std::string name_of_node(const ServiceNode& node) {
  return node.address() + " (" + to_hex(node.ed25519).substr(0, 8) + "…)";
}

void must_own(const Identity* owner, const Mailbox& mailbox) {
  if (!owner || owner->id() != mailbox.account)
    throw Error(Code::permission_denied, "A mailbox was asked for without the keys of its owner.");
}

/// What cannot be a hash is unknown to every node: the whole request would be refused for it.
std::vector<std::vector<std::string>> in_portions(std::vector<std::string> hashes) {
  std::vector<std::vector<std::string>> out;
  for (std::string& hash : hashes) {
    if (!is_message_hash(hash)) continue;
    if (out.empty() || out.back().size() >= hashes_per_request) out.emplace_back();
    out.back().push_back(std::move(hash));
  }
  return out;
}

}  // namespace

void* SwarmTransport::interface(std::string_view id) noexcept {
  if (id == Vectors::interface_id) return static_cast<Vectors*>(this);
  return PluginOf<Transport>::interface(id);
}

Task<> SwarmTransport::start(Context& ctx) {
  ctx_ = &ctx;
  directory_ = ctx.service<Directory>();
  poll_interval_ = ctx.settings().duration("poll_interval");
  if (poll_interval_ < fastest_poll || poll_interval_ > slowest_poll)
    throw Error(Code::invalid_argument,
                "The option poll_interval of \"" + ctx.name() + "\" is not between 10ms and 60s.");
  const Duration timeout = ctx.settings().duration("timeout");
  if (timeout <= Duration::zero() || timeout > std::chrono::minutes(5))
    throw Error(Code::invalid_argument, "The option timeout of \"" + ctx.name() + "\" is not between 1ms and 5m.");
  caller_ = std::make_unique<DirectCaller>(ctx, ctx.service<Network>(), timeout);
  co_return;
}

Task<> SwarmTransport::stop() {
  caller_.reset();
  co_return;
}

TransportTraits SwarmTransport::traits() const {
  TransportTraits traits;
  traits.offline_delivery = true;
  traits.max_envelope = max_envelope;
  traits.max_ttl = max_inbox_ttl;
  return traits;
}

// --- finding nodes ---

Task<std::vector<ServiceNode>> SwarmTransport::directory_nodes() {
  std::vector<ServiceNode> nodes = directory_.lease()->nodes();
  if (nodes.empty()) {
    auto directory = directory_.lease();
    co_await directory->refresh();
    nodes = directory->nodes();
  }
  if (nodes.empty())
    throw Error(
        Code::unavailable,
        "The directory \"" + directory_.provider() + "\" knows no service node, so nothing can be stored or fetched.",
        "Check the directory's options, or wait until it has found nodes.");
  co_return nodes;
}

Task<std::vector<ServiceNode>> SwarmTransport::swarm_of(AccountId account) {
  if (const auto* known = swarms_.find(account)) co_return *known;
  std::vector<ServiceNode> all = co_await directory_nodes();
  all = choice_.order(*ctx_, std::move(all));
  if (all.size() > lookup_attempts) all.resize(lookup_attempts);
  std::optional<Error> last;
  for (const ServiceNode& node : all) {
    try {
      boost::json::object params = request::get_swarm(account);
      Reply reply = co_await call_noting_failures(node, "get_swarm", std::move(params));
      if (reply.status != 200) throw refusal(node, "get_swarm", reply);
      SwarmReply swarm;
      try {
        swarm = parse_swarm(reply.body);
      } catch (const Error& error) {
        throw bad_reply(node, "get_swarm", error);
      }
      if (swarm.nodes.empty())
        throw Error(Code::unavailable, "Node " + name_of_node(node) + " knows no swarm for " + account.brief() + ".",
                    "The network may be starting; try again later.");
      learn_swarm(account, std::move(swarm));
      co_return *swarms_.find(account);
    } catch (const Error& error) {
      if (error.code() == Code::cancelled) throw;
      last = error;
    }
  }
  co_await refresh_directory();
  throw *last;
}

/// Nobody answers: perhaps the list is old. For the next attempt, and not too often.
Task<> SwarmTransport::refresh_directory() {
  if (ctx_->uptime() < next_refresh_) co_return;
  next_refresh_ = ctx_->uptime() + refresh_pause;
  try {
    auto directory = directory_.lease();
    co_await directory->refresh();
  } catch (const Error& error) {
    if (error.code() == Code::cancelled) throw;
    ctx_->debug("The directory has no news: " + error.sentence());
  }
}

void SwarmTransport::learn_swarm(const AccountId& account, SwarmReply reply) {
  observe(reply.common);
  std::map<Fixed<32>, const ServiceNode*> known;
  auto directory = directory_.lease();
  for (const ServiceNode& node : directory->nodes()) known[node.ed25519] = &node;
  // Else one node could send us, with everybody's keys, to an address of its choice.
  for (ServiceNode& node : reply.nodes)
    if (auto found = known.find(node.ed25519); found != known.end()) {
      const std::uint64_t swarm = node.swarm;
      node = *found->second;
      node.swarm = swarm;
    }
  swarms_.set(account, std::move(reply.nodes));
}

void SwarmTransport::observe(const Common& common) {
  if (common.node_ms) time_.observe(common.node_ms, ctx_->now());
}

// --- asking nodes ---

Task<Reply> SwarmTransport::call_noting_failures(ServiceNode node, std::string method, boost::json::object params) {
  try {
    Reply reply = co_await caller_->call(node, std::move(method), std::move(params));
    co_return reply;
  } catch (const Error& error) {
    if (error.code() != Code::cancelled) choice_.failed(node, ctx_->uptime());
    throw;
  }
}

Error SwarmTransport::bad_reply(const ServiceNode& node, const std::string& method, const Error& why) {
  choice_.failed(node, ctx_->uptime());
  return Error(Code::unavailable, "The answer of node " + name_of_node(node) + " to " + method + " " + why.what() + ".",
               "The node is avoided for a while; another one will be asked.");
}

Error SwarmTransport::refusal(const ServiceNode& node, const std::string& method, const Reply& reply) {
  // One node's word is never final: another may see it differently, so the caller may try again.
  if (reply.status == 406) time_.forget();
  if (reply.status >= 500 || reply.status == 429) choice_.failed(node, ctx_->uptime());
  std::string remedy = "Another node will be asked next time.";
  if (reply.status == 406) remedy = "Check this machine's clock if it happens again.";
  if (reply.status == 429)
    remedy = "The node has had too many requests from this address; another one will be asked next time.";
  return Error(Code::unavailable,
               "Node " + name_of_node(node) + " refused " + method + ": " + std::to_string(reply.status) + " " +
                   as_quote(reply.body) + ".",
               remedy);
}

Task<SwarmTransport::Answer> SwarmTransport::ask_swarm(AccountId account, std::string method, MakeParams params,
                                                       std::size_t nodes) {
  std::optional<Error> last;
  bool moved = false;  // a second "wrong swarm" is no longer followed
  for (int round = 0; round < 2; ++round) {
    std::vector<ServiceNode> candidates = co_await swarm_of(account);
    candidates = choice_.order(*ctx_, std::move(candidates));
    if (candidates.size() > nodes) candidates.resize(nodes);
    bool again = false;
    for (const ServiceNode& node : candidates) {
      try {
        boost::json::object made = params(node);
        Reply reply = co_await call_noting_failures(node, method, std::move(made));
        if (reply.status == 200) {
          choice_.worked(node);
          Answer answer;
          answer.node = node;
          answer.body = std::move(reply.body);
          co_return answer;
        }
        if (reply.status == 421) {
          last.emplace(Code::unavailable,
                       "Node " + name_of_node(node) + " says that it is not in the swarm of " + account.brief() + ".",
                       "The swarm is looked up again.");
          swarms_.forget(account);
          if (!moved) {
            again = moved = true;
            try {
              SwarmReply swarm = parse_swarm(reply.body);
              if (!swarm.nodes.empty()) learn_swarm(account, std::move(swarm));
            } catch (const Error&) {
              // Then get_swarm will tell.
            }
          }
          break;
        }
        if (reply.status == 406) swarms_.forget(account);  // looking it up brings the time with it
        throw refusal(node, method, reply);
      } catch (const Error& error) {
        if (error.code() == Code::cancelled) throw;
        last = error;
      }
    }
    if (!again) break;
  }
  const auto* members = swarms_.find(account);
  auto avoided = [this](const ServiceNode& node) { return choice_.has_penalty(node, ctx_->uptime()); };
  if (members && std::ranges::all_of(*members, avoided)) swarms_.forget(account);  // it may be another one by now
  throw Error(last->code() == Code::timeout ? Code::timeout : Code::unavailable, last->what(), last->remedy());
}

// --- the transport ---

Task<StoreReceipt> SwarmTransport::store(StoreRequest request) {
  const Mailbox mailbox = request.mailbox;
  const bool open = is_public_inbox(mailbox.ns);
  const Duration max_ttl = open ? max_inbox_ttl : max_private_ttl;
  if (request.envelope.size() > max_envelope)
    throw Error(Code::invalid_argument,
                "An envelope of " + std::to_string(request.envelope.size()) + " bytes is larger than the " +
                    std::to_string(max_envelope) + " that service nodes take.",
                "Send less in one message.");
  if (request.ttl < min_ttl || request.ttl > max_ttl)
    throw Error(Code::invalid_argument, std::string("Service nodes keep an envelope for 10 seconds to ") +
                                            (open ? "14" : "30") + " days, not for " +
                                            std::to_string(request.ttl / std::chrono::milliseconds(1)) + " ms.");
  if (!open) must_own(request.signer, mailbox);
  const std::string hash = keys::message_hash(mailbox.account, mailbox.ns, request.envelope);

  MakeParams params = [&](const ServiceNode&) {
    return request::store(mailbox, request.envelope, request.ttl, network_ms(), open ? nullptr : request.signer);
  };
  Answer answer = co_await ask_swarm(mailbox.account, "store", std::move(params), 1);
  StoreReply stored;
  try {
    stored = parse_store(answer.body, answer.node, hash);
  } catch (const Error& error) {
    throw bad_reply(answer.node, "store", error);
  }
  observe(stored.common);
  if (!stored.stored) {
    if (stored.lie)
      choice_.lied(answer.node, ctx_->uptime());
    else
      choice_.failed(answer.node, ctx_->uptime());
    throw Error(Code::unavailable, "Node " + name_of_node(answer.node) + " " + stored.problem + ".",
                "The node is avoided for a while; the envelope will be stored at another one.");
  }
  StoreReceipt receipt;
  receipt.hash = hash;
  receipt.stored_at = stored.common.node_ms ? from_ms(stored.common.node_ms) : time_.at(ctx_->now());
  receipt.expires_at = stored.expiry_ms ? from_ms(stored.expiry_ms) : receipt.stored_at + request.ttl;
  receipt.already = stored.already;
  receipt.route.push_back("node " + name_of_node(answer.node));
  co_return receipt;
}

Task<Batch> SwarmTransport::receive(ReceiveRequest request) {
  must_own(request.owner, request.mailbox);
  Cursor cursor = Cursor::parse(request.cursor);
  const Duration begin = ctx_->uptime();
  const Duration until = request.wait > Duration::max() - begin ? Duration::max() : begin + request.wait;
  for (;;) {
    const Duration now = ctx_->uptime();
    auto due = next_poll_.find(request.mailbox);
    if (request.wait > Duration::zero() && due != next_poll_.end() && due->second > now) {
      co_await ctx_->sleep(std::min(due->second, until) - now);
      if (ctx_->uptime() >= until) break;
    }
    Batch batch = co_await poll(request, cursor);
    if (next_poll_.size() >= max_polled_mailboxes) next_poll_.clear();
    next_poll_[request.mailbox] = batch.more ? Duration::zero() : ctx_->uptime() + poll_interval_;
    if (!batch.deliveries.empty() || batch.more || ctx_->uptime() >= until) co_return batch;
  }
  Batch empty;
  empty.cursor = cursor.text();
  co_return empty;
}

Task<Batch> SwarmTransport::poll(ReceiveRequest& request, Cursor& cursor) {
  MakeParams params = [&](const ServiceNode& node) {
    const std::int64_t now = network_ms();
    return request::retrieve(request.mailbox, *request.owner, cursor.last_hash(node.ed25519, now), now);
  };
  Answer answer = co_await ask_swarm(request.mailbox.account, "retrieve", std::move(params), retrieve_attempts);
  RetrieveReply reply;
  std::optional<Error> bad;
  try {
    if (answer.body.size() < offload_from) {
      reply = parse_retrieve(answer.body, request.mailbox);
    } else {
      auto work = [&answer, mailbox = request.mailbox] { return parse_retrieve(answer.body, mailbox); };
      reply = co_await ctx_->offload(std::move(work));
    }
  } catch (const Error& error) {
    if (error.code() == Code::cancelled) throw;
    bad = error;
  }
  if (bad) throw bad_reply(answer.node, "retrieve", *bad);
  observe(reply.common);
  if (reply.mismatches) {
    choice_.lied(answer.node, ctx_->uptime());
    ctx_->warn("Node " + name_of_node(answer.node) + " delivered " + std::to_string(reply.mismatches) +
               " envelopes whose content does not have the hash it gave; they were dropped.");
  }
  const std::int64_t now = network_ms();
  if (!reply.last_hash.empty()) cursor.set(answer.node.ed25519, reply.last_hash, reply.last_expiry_ms, now);
  Batch batch;
  batch.deliveries = std::move(reply.deliveries);
  batch.cursor = cursor.text();
  batch.more = reply.more;
  batch.route.push_back("node " + name_of_node(answer.node));
  co_return batch;
}

Task<> SwarmTransport::remove(const Identity& owner, Mailbox mailbox, std::vector<std::string> hashes) {
  must_own(&owner, mailbox);
  for (const auto& portion : in_portions(std::move(hashes))) {
    MakeParams params = [&](const ServiceNode&) { return request::remove(mailbox, owner, portion); };
    Answer answer = co_await ask_swarm(mailbox.account, "delete", std::move(params), change_attempts);
    ManyReply reply;
    try {
      reply = parse_many(answer.body);
    } catch (const Error& error) {
      throw bad_reply(answer.node, "delete", error);
    }
    observe(reply.common);
    if (!reply.succeeded)
      throw Error(Code::unavailable, "Node " + name_of_node(answer.node) + " says that no node of the swarm deleted.",
                  "Try again later.");
  }
}

Task<> SwarmTransport::expire(const Identity& owner, Mailbox mailbox, std::vector<std::string> hashes, Time at) {
  must_own(&owner, mailbox);
  for (const auto& portion : in_portions(std::move(hashes))) {
    MakeParams params = [&](const ServiceNode&) { return request::expire(mailbox, owner, portion, to_ms(at)); };
    Answer answer = co_await ask_swarm(mailbox.account, "expire", std::move(params), change_attempts);
    ManyReply reply;
    try {
      reply = parse_many(answer.body);
    } catch (const Error& error) {
      throw bad_reply(answer.node, "expire", error);
    }
    observe(reply.common);
    if (!reply.succeeded)
      throw Error(Code::unavailable,
                  "Node " + name_of_node(answer.node) + " says that no node of the swarm changed the expiry.",
                  "Try again later.");
  }
}

}  // namespace argot::swarm
